package manifest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

var instant = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

var meta = Metadata{DBTVersion: "1.12.6", GeneratedAt: instant, InvocationID: "i", InvocationStartedAt: instant}

func TestRunResults(t *testing.T) {
	yes, failures := true, int64(3)
	response := value.NewDict(1)
	response.SetString("_message", value.String("OK"))
	r := &RunResults{Metadata: meta, ElapsedTime: 1.5, Results: []*RunResult{
		{UniqueID: "model.p.a", Status: "success", ThreadID: "Thread-1", ExecutionTime: 0.25, AdapterResponse: response, Message: "OK",
			Timing: []Timing{{Name: "compile", StartedAt: instant, CompletedAt: instant}}, Compiled: &yes, CompiledCode: "select 'é'", RelationName: `"a"`},
		{UniqueID: "test.p.b", Status: "fail", Failures: &failures},
	}}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.12.6", ` +
		`"generated_at": "2026-01-02T03:04:05.678901Z", "invocation_id": "i", "invocation_started_at": "2026-01-02T03:04:05.678901Z", "env": {}}, ` +
		`"results": [{"status": "success", "timing": [{"name": "compile", "started_at": "2026-01-02T03:04:05.678901Z", "completed_at": "2026-01-02T03:04:05.678901Z"}], ` +
		`"thread_id": "Thread-1", "execution_time": 0.25, "adapter_response": {"_message": "OK"}, "message": "OK", "failures": null, "unique_id": "model.p.a", ` +
		`"compiled": true, "compiled_code": "select '\u00e9'", "relation_name": "\"a\"", "batch_results": null, "overload_results": null}, ` +
		`{"status": "fail", "timing": [], "thread_id": "", "execution_time": 0.0, "adapter_response": {}, "message": null, "failures": 3, "unique_id": "test.p.b", ` +
		`"compiled": null, "compiled_code": null, "relation_name": null, "batch_results": null, "overload_results": null}], "elapsed_time": 1.5, "args": {}}`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run_results.json"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := ReadState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Manifest != nil || len(s.Results.Results) != 2 || *s.Results.Results[1].Failures != 3 || s.Results.Results[0].CompiledCode != "select 'é'" {
		t.Errorf("read back: %+v", s.Results)
	}
}

func TestCatalogAndSources(t *testing.T) {
	c := &CatalogArtifact{Metadata: meta, Nodes: []*CatalogTable{
		{UniqueID: "model.p.b", Type: "VIEW", Schema: "s", Name: "b", Database: "d", Columns: []CatalogColumn{{Name: "x", Type: "INTEGER", Index: 1}}},
		{UniqueID: "model.p.a", Type: "BASE TABLE", Schema: "s", Name: "a", Database: "d"},
	}}
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if strings.Index(got, `"model.p.a": {"metadata"`) > strings.Index(got, `"model.p.b": {"metadata"`) {
		t.Error("tables are not sorted")
	}
	if !strings.Contains(got, `"columns": {"x": {"type": "INTEGER", "index": 1, "name": "x", "comment": null}}`) || !strings.HasSuffix(got, `"sources": {}, "errors": null}`) {
		t.Error(got)
	}
	b.Reset()
	s := &SourcesArtifact{Metadata: meta, Results: []*FreshnessResult{
		{UniqueID: "source.p.r.t", Status: "runtime error", Error: "no"},
		{UniqueID: "source.p.r.u", Status: "pass", MaxLoadedAt: instant, SnapshottedAt: instant, Age: 2},
	}}
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, `[{"unique_id": "source.p.r.t", "error": "no", "status": "runtime error"}, {"unique_id": "source.p.r.u", "max_loaded_at": "2026-01-02T03:04:05.678901+00:00"`) {
		t.Error(got)
	}
}

func TestReadStateRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{`:  "could not read",
		`[]`: "not a JSON object",
		`{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v3.json"}}`: "v3 is not supported",
		`{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}}`:  "not a manifest schema version",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadState(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// large is a manifest of n models with a column and a config each.
func large(n int) *Manifest {
	m := New("p", "test")
	for i := range n {
		name := fmt.Sprintf("model_%05d", i)
		config := value.NewDict(32)
		for j := range 30 {
			config.SetString(fmt.Sprintf("key_%d", j), value.None)
		}
		x := node("p", name, value.Undef, value.Undef)
		x.RawCode = strings.Repeat("select * from somewhere\n", 20)
		x.Config = &Config{Values: config}
		x.Columns = []*Column{{Name: "id", Description: "the key"}}
		if i > 0 {
			x.DependsOn.Nodes = []string{fmt.Sprintf("model.p.model_%05d", i-1)}
		}
		m.Nodes[x.UniqueID] = x
		m.Order.Nodes = append(m.Order.Nodes, x.UniqueID)
	}
	m.Finish("p")
	return m
}

// TestWriteInOrder checks that batches encoded side by side come out in order and whole.
func TestWriteInOrder(t *testing.T) {
	m := large(1000)
	var b bytes.Buffer
	if err := Write(&b, m, meta, nil); err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(b.String())
	if err != nil {
		t.Fatal(err)
	}
	d, _ := v.AsDict()
	nodes, _ := d.GetString("nodes")
	list, _ := nodes.AsDict()
	keys := list.Keys()
	if len(keys) != 1000 {
		t.Fatalf("%d nodes", len(keys))
	}
	for i, k := range keys {
		if value.Str(k) != m.Order.Nodes[i] {
			t.Fatalf("node %d is %s", i, value.Str(k))
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	m := large(10000)
	var out bytes.Buffer
	b.ResetTimer()
	for b.Loop() {
		out.Reset()
		if err := Write(&out, m, meta, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(out.Len()))
}

func FuzzReadState(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, large(2), meta, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(`{"metadata": {"dbt_schema_version": "x/manifest/v12.json"}, "nodes": {"a": {"resource_type": "model", "refs": [["a"], 5], "columns": {"c": 1}}}, "disabled": {"x": [{}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseJSON(text)
		if err != nil {
			return
		}
		d, ok := v.AsDict()
		if !ok {
			return
		}
		if m, _, err := fromArtifact(record{d}); err == nil {
			if err := Write(&bytes.Buffer{}, m, meta, nil); err != nil {
				t.Skip() // NaN and the like
			}
		}
	})
}
