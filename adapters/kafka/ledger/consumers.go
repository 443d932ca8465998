package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Consumers reads the positions of all models in an input ("schema.name", in any quotes).
func (l *Ledger) Consumers(ctx context.Context, c adapters.Conn, input string) ([]ModelPosition, error) {
	t, err := l.Query(ctx, c, "select consumer_model, input_relation, frontier, plan_fingerprint from {positions} order by consumer_model")
	if err != nil {
		return nil, err
	}
	var out []ModelPosition
	for _, r := range t.Rows {
		p := ModelPosition{Model: value.Str(r[0]), Input: value.Str(r[1]), Fingerprint: value.Str(r[3])}
		if Bare(p.Input) != Bare(input) {
			continue
		}
		if err := json.Unmarshal([]byte(value.Str(r[2])), &p.Frontier); err != nil {
			return nil, fmt.Errorf("the position of %s in %s is damaged: %w", p.Model, p.Input, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// Bare is a relation's name without quotes.
func Bare(name string) string { return strings.ReplaceAll(name, `"`, "") }
