package diag

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	names := []string{"ref", "source", "config", "is_incremental", "dbt_utils", "Target", "straße"}
	for name, want := range map[string]string{
		"reff": "ref", "rfe": "ref", "sorce": "source", "soruce": "source", "is_incremntal": "is_incremental", "target": "Target",
		"strasse": "straße", "REF": "ref", "xyz": "", "": "", "ref": "", "completely_different": "", strings.Repeat("a", 500): "",
		"dbtutils": "dbt_utils", "confg": "config", "cnfg": "",
	} {
		if got := Suggest(name, names); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Suggest("stg_ordrs", []string{"stg_order", "stg_orders", "stg_orders2"}); got != "stg_orders" {
		t.Errorf("got %q, want the closest", got)
	}
}
