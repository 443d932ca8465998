package parse

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

func dict(t *testing.T, json string) *value.Dict {
	t.Helper()
	v, err := value.ParseJSON(json)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := v.AsDict()
	if !ok {
		t.Fatal(json)
	}
	return d
}

// The names and hashes are dbt-core's.
func TestTestNames(t *testing.T) {
	for _, c := range []struct{ kind, target, args, short, full string }{
		{"unique", "customers", `{"column_name": "customer_id", "model": "x"}`, "unique_customers_customer_id", "unique_customers_customer_id"},
		{"accepted_values", "orders", `{"column_name": "status", "values": ["placed", "shipped", "completed", "return_pending", "returned"]}`,
			"accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758",
			"accepted_values_orders_status__placed__shipped__completed__return_pending__returned"},
		{"relationships", "orders", `{"column_name": "customer_id", "to": "ref('customers')", "field": "customer_id"}`,
			"relationships_orders_customer_id__customer_id__ref_customers_", "relationships_orders_customer_id__customer_id__ref_customers_"},
	} {
		short, full := synthesizeNames(c.kind, c.target, dict(t, c.args))
		if short != c.short || full != c.full {
			t.Errorf("%s: %s, %s", c.kind, short, full)
		}
	}
	kwargs := dict(t, `{"column_name": "customer_id", "model": "{{ get_where_subquery(ref('customers')) }}"}`)
	if got := testHash("unique_customers_customer_id", "", "unique", kwargs); got != "c5af1ff4b1" {
		t.Error(got)
	}
}

func TestMergeRules(t *testing.T) {
	b := newConfigBuilder(configSchemas["model"], map[string]string{"dbname": "database"})
	for _, layer := range []string{
		`{"tags": "a", "meta": {"x": 1}, "grants": {"select": "u"}, "pre_hook": "one", "materialized": "table", "dbname": "d", "own": 1}`,
		`{"tags": ["b"], "meta": {"y": 2}, "grants": {"+select": ["v"], "insert": ["w"]}, "pre-hook": ["{\"sql\": \"two\", \"transaction\": false}"], "latest_version_pointer": true}`,
	} {
		b.apply(dict(t, layer))
	}
	got := b.dict()
	for key, want := range map[string]string{
		"tags":                   `["a", "b"]`,
		"meta":                   `{"x": 1, "y": 2}`,
		"grants":                 `{"select": ["u", "v"], "insert": ["w"]}`,
		"pre-hook":               `[{"sql": "one", "transaction": true, "index": null}, {"sql": "two", "transaction": false, "index": null}]`,
		"materialized":           `"table"`,
		"database":               `"d"`,
		"own":                    `1`,
		"latest_version_pointer": `{"enabled": true, "alias": null}`,
	} {
		text, err := value.AppendJSON(nil, get(got, key), value.JSONOptions{})
		if err != nil || string(text) != want {
			t.Errorf("%s: %s %v", key, text, err)
		}
	}
}

func TestFreshness(t *testing.T) {
	day := `{"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": 2, "period": "day"}}`
	for _, c := range []struct{ source, table, want string }{
		{`{}`, `{}`, `{"warn_after": {"count": null, "period": null}, "error_after": {"count": null, "period": null}, "filter": null}`},
		{`{"freshness": ` + day + `}`, `{"freshness": {"warn_after": {"count": 5, "period": "hour"}, "filter": "x"}}`,
			`{"warn_after": {"count": 5, "period": "hour"}, "error_after": {"count": 2, "period": "day"}, "filter": "x"}`},
		{`{"freshness": ` + day + `}`, `{"freshness": {"warn_after": null}}`,
			`{"warn_after": null, "error_after": {"count": 2, "period": "day"}, "filter": null}`},
		{`{"freshness": ` + day + `}`, `{"freshness": null}`, "null"},
		{`{"freshness": null}`, `{"freshness": ` + day + `}`, strings.TrimSuffix(day, "}") + `, "filter": null}`},
	} {
		m := mergeThresholds(thresholdOf(dict(t, c.source), "freshness"), thresholdOf(dict(t, c.table), "freshness"))
		got := "null"
		if !m.null {
			text, err := value.AppendJSON(nil, value.FromDict(m.dict()), value.JSONOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got = string(text)
		}
		if got != c.want {
			t.Errorf("%s + %s: %s", c.source, c.table, got)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"materialised", "materialized"}, {"tabel", "table"}, {"ordres", "orders"}, {"xyz", ""}, {"", ""},
	} {
		if got := diag.Suggest(c.key, []string{"materialized", "table", "orders"}); got != c.want {
			t.Errorf("%s: %q", c.key, got)
		}
	}
}

func TestPythonCalls(t *testing.T) {
	src := diag.NewSource("m.py", "# dbt.ref('no')\ndef model(dbt, s):\n    x = \"dbt.ref('no')\"\n    '''dbt.ref('no')'''\n    return f(dbt.ref('a', v=1), dbt.config.get(\"k\"), mydbt.ref('no'), dbt.config(a=[1, (2)]))\n")
	var got []string
	for _, c := range pythonCalls(src.At(0, len(src.Text))) {
		got = append(got, c.name+c.args)
	}
	if want := `ref('a', v=1)|config_get("k")|config(a=[1, (2)])`; strings.Join(got, "|") != want {
		t.Error(got)
	}
}

func TestVersions(t *testing.T) {
	model := dict(t, `{"columns": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}`)
	for version, want := range map[string]string{
		`{"v": 1}`: "a,b,c",
		`{"v": 1, "columns": [{"include": "all", "exclude": ["b"]}]}`:         "a,c",
		`{"v": 1, "columns": [{"include": ["b"]}, {"name": "d"}]}`:            "b,d",
		`{"v": 1, "columns": [{"include": "*", "exclude": ["a", "b", "c"]}]}`: "",
	} {
		var names []string
		for _, c := range versionColumns(model, dict(t, version)) {
			names = append(names, textOf(c, "name"))
		}
		if got := strings.Join(names, ","); got != want {
			t.Errorf("%s: %s", version, got)
		}
	}
	if !manifest.OlderVersion(value.Int(2), value.Int(10)) || !manifest.OlderVersion(value.String("a"), value.String("b")) || manifest.OlderVersion(value.Float(2.5), value.Int(2)) {
		t.Error("versions compare wrongly")
	}
}

func TestArgumentTypes(t *testing.T) {
	for s, want := range map[string]bool{
		"string": true, "list[str]": true, "dict[str, list[int]]": true, "optional[relation]": true,
		"list": false, "number": false, "list[str": false, "str[int]": false,
	} {
		if validArgumentType(s) != want {
			t.Error(s)
		}
	}
}

func FuzzTexts(f *testing.F) {
	f.Add("dbt.ref('a')")
	f.Add(`config(a="x,y", b=[1, {"c": (2)}])`)
	f.Add("ref('a', v=1)")
	f.Fuzz(func(t *testing.T, text string) {
		src := diag.NewSource("x", text)
		pythonCalls(src.At(0, len(text)))
		argumentTexts(src.At(0, len(text)))
		_, _, _ = refOrSource(text, diag.Span{})
		hasLowerBool(text)
		validArgumentType(text)
		deprecationDate(value.String(text))
		withTime(text)
	})
}
