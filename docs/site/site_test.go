package site

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pageOf finds the page of a node the way the browser does.
func pageOf(t *testing.T, files map[string][]byte, id string) map[string]any {
	t.Helper()
	shards := 0
	for name := range files {
		if strings.HasPrefix(name, "site/p/") {
			shards++
		}
	}
	name := "p/" + strings.Repeat("0", 2) + "0"
	if shards > 1 {
		const digits = "0123456789abcdef"
		k := hash(id) & uint32(shards-1)
		name = "p/" + string([]byte{digits[k>>8&15], digits[k>>4&15], digits[k&15]})
	}
	text := files["site/"+name+".js"]
	text = bytes.TrimSuffix(bytes.TrimPrefix(text, []byte(`millrace("`+name+`",`)), []byte(")\n"))
	var pages map[string]map[string]any
	if err := json.Unmarshal(text, &pages); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if pages[id] == nil {
		t.Fatalf("%s is not in %s", id, name)
	}
	return pages[id]
}

func filesOf(in Input, o Options) (map[string][]byte, error) {
	s, err := Build(in, o)
	if err != nil {
		return nil, err
	}
	return s.Files()
}

func built(t *testing.T, in Input) *Site {
	t.Helper()
	s, err := Build(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func gallery(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filesOf(InTarget("testdata/artifacts"), Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEveryKindHasAPage(t *testing.T) {
	files := gallery(t)
	for id, want := range map[string]map[string]string{
		"model.gallery.orders.v2":                              {"label": "orders.v2", "access": "public", "group": "finance", "owner": "Finance", "version": "2", "latest": "2"},
		"model.gallery.customers":                              {"type": "model", "desc": "Customers with the number of their orders."},
		"source.gallery.shop.raw_orders":                       {"label": "shop.raw_orders", "loader": "a script"},
		"seed.gallery.raw_orders":                              {"type": "seed"},
		"snapshot.gallery.customer_history":                    {"config.strategy": "check"},
		"analysis.gallery.how_many":                            {"type": "analysis"},
		"macro.gallery.cents":                                  {"desc": "An amount in cents."},
		"unit_test.gallery.customers.customers_without_orders": {"type": "unit_test"},
		"exposure.gallery.report":                              {"title": "Weekly report", "owner": "Board office", "maturity": "high"},
		"metric.gallery.revenue":                               {"kind": "simple"},
		"semantic_model.gallery.orders":                        {"type": "semantic_model"},
		"saved_query.gallery.revenue_by_day":                   {"type": "saved_query"},
		"group.gallery.finance":                                {"email": "finance@gallery.example"},
		"package.gallery":                                      {"type": "package"},
		"test.gallery.no_negative_amounts":                     {"severity": "warn"},
	} {
		page := pageOf(t, files, id)
		for k, v := range want {
			if page[k] != v {
				t.Errorf("%s: %s is %v, want %q", id, k, page[k], v)
			}
		}
	}
}

func TestColumnsTestsAndRunsComeTogether(t *testing.T) {
	page := pageOf(t, gallery(t), "model.gallery.customers")
	text, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"d":"Key.","n":"customer_id","t":"VARCHAR"}`, // order and type from the catalog, words from YAML
		`"n":"name","t":"VARCHAR"`,
		`["test.gallery.not_null_customers_customer_id.5c9bf9911d","not_null","customer_id","pass",0]`,
		`"accepted_values","orders","warn",2,"warn"]`,
		`["seed.gallery.raw_customers","raw_customers","\"gallery\".\"main\".\"raw_customers\""]`,
		`["exposure.gallery.report","report"]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if runs, _ := page["runs"].([]any); len(runs) != 3 {
		t.Errorf("three runs are on record, the page has %v", page["runs"])
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	a, b := gallery(t), gallery(t)
	if len(a) != len(b) {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s differs", name)
		}
	}
	one, two := filepath.Join(t.TempDir(), "1.html"), filepath.Join(t.TempDir(), "2.html")
	for _, path := range []string{one, two} {
		if err := built(t, InTarget("testdata/artifacts")).WriteSingle(path); err != nil {
			t.Fatal(err)
		}
	}
	x, errX := os.ReadFile(one)
	y, errY := os.ReadFile(two)
	if errX != nil || errY != nil || !bytes.Equal(x, y) {
		t.Errorf("the single file differs (%v, %v)", errX, errY)
	}
}

func TestNothingOfTheMachineGetsIntoTheSite(t *testing.T) {
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range gallery(t) {
		if bytes.Contains(data, []byte(dir)) {
			t.Errorf("%s holds %s", name, dir)
		}
		if name != "site/app.js" && name != "index.html" && bytes.Contains(data, []byte("https://cdn")) {
			t.Errorf("%s names a CDN", name)
		}
	}
}

func TestWriteRemovesWhatAnEarlierSiteLeft(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "site", "p"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"site/p/fff.js", "site/mine.txt", "compiled.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := built(t, InTarget("testdata/artifacts")).Write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "site/p/fff.js")); err == nil {
		t.Error("an old shard is still there")
	}
	for _, name := range []string{"site/mine.txt", "compiled.txt", "index.html", "site/core.js"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

const header = `{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "p", "adapter_type": "duckdb"}, `

func writeManifest(t *testing.T, text string) Input {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Input{Manifest: path}
}

// A page is a script. Whatever stands in an artifact, only data may get into it.
func TestArtifactsCannotRunCode(t *testing.T) {
	files, err := filesOf(writeManifest(t, header+`"nodes": {"model.p.m": {"unique_id": "model.p.m", "resource_type": "model", "name": "m", "package_name": "p", "meta": [alert(1)], "constraints": {"a": NaN}, "description": "</script><script>alert(2)</script>"}}, "docs": {"o": {"name": "__overview__", "package_name": "p", "block_contents": "</script><script>alert(3)</script>"}}}`), Options{Title: "<b>"})
	if err != nil {
		t.Fatal(err)
	}
	page := pageOf(t, files, "model.p.m")
	if page["meta"] != "[alert(1)]" || page["constraints"] != `{"a": NaN}` {
		t.Errorf("what is not JSON must be shown as text: %v", page)
	}
	index := string(files["index.html"])
	if strings.Contains(index, "<script>alert") || strings.Contains(index, "<title><b>") {
		t.Error("the overview broke out of its element")
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		`{"nodes": {}}`:                        "not a manifest of dbt",
		`{"metadata": {`:                       "invalid JSON",
		header + `"nodes": {"a": {"name": "x}`: "invalid JSON",
		header + `"nodes": {}} and more`:       "text after the value",
		`{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}}`: "not a manifest of dbt",
	} {
		if _, err := filesOf(writeManifest(t, text), Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "manifest.json") {
			t.Errorf("%.40q: %v, want %q with the file's name", text, err, want)
		}
	}
	if _, err := filesOf(Input{Manifest: filepath.Join(t.TempDir(), "none.json")}, Options{}); !os.IsNotExist(err) {
		t.Errorf("no manifest: %v", err)
	}
}

func TestResultsOfCompilingSayNothing(t *testing.T) {
	in := InTarget("testdata/artifacts")
	dir := t.TempDir()
	text, err := os.ReadFile(in.RunResults)
	if err != nil {
		t.Fatal(err)
	}
	in.RunResults, in.HistoryDir = filepath.Join(dir, "run_results.json"), ""
	if err := os.WriteFile(in.RunResults, bytes.Replace(text, []byte(`"which": "build"`), []byte(`"which": "generate"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := filesOf(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if page := pageOf(t, files, "model.gallery.customers"); page["runs"] != nil {
		t.Errorf("docs generate compiles, which is no run: %v", page["runs"])
	}
}

func TestColumnEdgesReachThePage(t *testing.T) {
	in := InTarget("testdata/artifacts")
	in.ColumnLineage = filepath.Join(t.TempDir(), "column_lineage.json")
	lineage := `{"metadata": {}, "nodes": {"model.gallery.customers": {"exact": true, "columns": {"orders": [["model.gallery.orders.v2", "order_id", "aggregate"]]}},
		"model.gallery.orders.v2": {"columns": {"order_id": [["source.gallery.x", "id", "passthrough"]]}, "exact": false}}}`
	if err := os.WriteFile(in.ColumnLineage, []byte(lineage), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := filesOf(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(pageOf(t, files, "model.gallery.customers")["colEdges"])
	if want := `[["orders","model.gallery.orders.v2","order_id","aggregate"]]`; err != nil || string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got, err = json.Marshal(pageOf(t, files, "model.gallery.orders.v2")["colEdges"])
	if want := `[["order_id","source.gallery.x","id","passthrough","approximate"]]`; err != nil || string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestColumnsKnowWhereTheyGo(t *testing.T) {
	in := InTarget("testdata/artifacts")
	in.ColumnLineage = filepath.Join(t.TempDir(), "column_lineage.json")
	lineage := `{"nodes": {"model.gallery.customers": {"exact": false, "columns": {"orders": [["model.gallery.orders.v2", "order_id", "aggregate"]]}}}}`
	if err := os.WriteFile(in.ColumnLineage, []byte(lineage), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := filesOf(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(pageOf(t, files, "model.gallery.orders.v2")["colUses"])
	if want := `[["order_id","model.gallery.customers","orders","aggregate","approximate"]]`; err != nil || string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzManifest(f *testing.F) {
	text, err := os.ReadFile("testdata/artifacts/manifest.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(header + `"nodes": {"model.p.m": {"unique_id": "model.p.m", "resource_type": "model", "columns": {"a": {"meta": {}}}}}}`))
	f.Add(text[:4000])
	f.Fuzz(func(t *testing.T, text []byte) {
		p := &project{edges: map[string][]columnEdge{}}
		if p.readManifest(text) != nil {
			return
		}
		p.link(nil)
		for _, n := range p.nodes {
			if page := p.page(nil, n); !json.Valid(page) {
				t.Fatalf("the page of %q is not JSON: %s", n.id, page)
			}
		}
	})
}
