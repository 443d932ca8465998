package yaml

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
)

// BenchmarkParse reads a properties file of 200 models with ten documented columns each.
func BenchmarkParse(b *testing.B) {
	column := "      - name: customer_id\n        description: \"The customer's key, {{ doc('x') }}\"\n        data_tests:\n          - not_null\n          - relationships: {to: ref('customers'), field: id}\n"
	text := "version: 2\nmodels:\n" + strings.Repeat("  - name: stg_orders\n    description: one row per order\n    columns:\n"+strings.Repeat(column, 10), 200)
	for name, read := range map[string]func(*diag.Source) (*Node, diag.List){"plain": Parse, "general": parseGeneral} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, list := read(diag.NewSource("schema.yml", text)); list.Err() != nil {
					b.Fatal(list)
				}
			}
		})
	}
}
