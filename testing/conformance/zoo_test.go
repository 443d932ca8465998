// Package conformance compares what Millrace makes of projects with what dbt-core 1.12
// makes of them. The reference data was written by dbt-core once and is kept as data.
package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// duckdb is the engine's naming without the engine, which takes long to link.
var duckdb = &relation.Dialect{
	Name: "duckdb", Quote: '"', ExternalSources: true,
	Quoting: relation.Policy{Database: true, Schema: true, Identifier: true},
	Include: relation.Policy{Database: true, Schema: true, Identifier: true},
}

type credentials struct{ output *value.Dict }

func (credentials) Database() string      { return "zoo" }
func (credentials) Schema() string        { return "zoo_main" }
func (c credentials) Target() *value.Dict { return c.output }

// loadZoo copies the project, installs its local package and loads it.
func loadZoo(t testing.TB, renderAll bool) *compiler.Program {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "zoo"))); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "dbt_packages", "zoo_pkg"), os.DirFS(filepath.Join("testdata", "zoo", "local_pkg"))); err != nil {
		t.Fatal(err)
	}
	p, list := compiler.Load(compiler.Options{
		Flags: &flags.Flags{
			ProjectDir: dir, ProfilesDir: dir, Which: "parse", Version: "1.12.6", MaximumSeedSizeMiB: 1,
			Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		},
		Env:       project.EnvMap{},
		Internal:  []project.Internal{{Name: "dbt", FS: os.DirFS("../../adapters/macros")}},
		RenderAll: renderAll,
		Check: func(_ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
			output = output.Copy()
			output.SetString("database", value.String("zoo"))
			return credentials{output}, []project.Internal{{Name: "dbt_duckdb", FS: os.DirFS("../../adapters/duckdb")}}, nil
		},
		Dialect: func(string) (*relation.Dialect, bool) { return duckdb, true },
	})
	if p == nil {
		t.Fatal(list)
	}
	return p
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		p := loadZoo(b, false)
		b.ReportMetric(float64(p.Stats.Nodes+p.Stats.Tests), "nodes/op")
	}
}

// ignored keys are those that differ from run to run or place to place.
var ignored = map[string]bool{"created_at": true, "build_path": true, "compiled_path": true, "root_path": true,
	"datatype": true} // always null, and unknown to published readers of manifest v12

func TestManifest(t *testing.T) {
	want := read(t, "testdata/zoo_manifest.json")
	for _, renderAll := range []bool{false, true} {
		t.Run(fmt.Sprintf("renderAll=%v", renderAll), func(t *testing.T) {
			p := loadZoo(t, renderAll)
			var b bytes.Buffer
			if err := manifest.Write(&b, p.Manifest, manifest.Metadata{DBTVersion: "1.12.6"}, nil); err != nil {
				t.Fatal(err)
			}
			got, err := value.ParseJSON(b.String())
			if err != nil {
				t.Fatal(err)
			}
			c := comparison{t: t}
			for section, part := range members(want) {
				c.section(section, part, get(got, section))
			}
		})
	}
}

func TestSemanticManifest(t *testing.T) {
	want := read(t, "testdata/zoo_semantic_manifest.json")
	var b bytes.Buffer
	if err := manifest.WriteSemantic(&b, loadZoo(t, false).Manifest); err != nil {
		t.Fatal(err)
	}
	got, err := value.ParseJSON(b.String())
	if err != nil {
		t.Fatal(err)
	}
	c := comparison{t: t}
	for key, part := range members(want) {
		c.value(key, byName(part), byName(get(got, key)))
	}
}

// TestStateRoundTrip reads our manifest as state and writes it again.
func TestStateRoundTrip(t *testing.T) {
	p := loadZoo(t, false)
	dir := t.TempDir()
	var first, second bytes.Buffer
	meta := manifest.Metadata{DBTVersion: "1.12.6"}
	if err := manifest.Write(&first, p.Manifest, meta, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), first.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	state, err := manifest.ReadState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := manifest.Write(&second, state.Manifest, meta, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		a, b := first.String(), second.String()
		i := 0
		for i < len(a) && i < len(b) && a[i] == b[i] {
			i++
		}
		t.Errorf("the manifest changes when it is read and written again, at …%.300s", b[max(0, i-200):])
	}
}

type comparison struct{ t *testing.T }

func (c comparison) section(name string, want, got value.Value) {
	for id, part := range members(want) {
		if name == "metadata" {
			c.value(name+"."+id, part, get(got, id))
			continue
		}
		v := get(got, id)
		if v.IsUndefined() {
			c.t.Errorf("%s: %s is missing", name, id)
			continue
		}
		c.value(name+"/"+id, part, v)
	}
	if name == "metadata" {
		return
	}
	for id := range members(got) {
		parts := strings.Split(id, ".")
		if len(parts) > 1 && (parts[1] == "dbt" || parts[1] == "dbt_duckdb") {
			continue
		}
		if get(want, id).IsUndefined() {
			c.t.Errorf("%s: %s is surplus", name, id)
		}
	}
}

func (c comparison) value(path string, want, got value.Value) {
	if want.Kind() == value.KindDict && got.Kind() == value.KindDict {
		for key, part := range members(want) {
			if !ignored[key] {
				c.value(path+"/"+key, part, get(got, key))
			}
		}
		for key := range members(got) {
			if !ignored[key] && get(want, key).IsUndefined() {
				c.t.Errorf("%s/%s is surplus", path, key)
			}
		}
		return
	}
	if strings.HasSuffix(path, "/tags") || strings.HasPrefix(path, "group_map/") {
		want, got = sortedList(want), sortedList(got)
	}
	if a, b := want.Items(), got.Items(); len(a) > 0 && len(a) == len(b) {
		for i := range a {
			c.value(fmt.Sprintf("%s/%d", path, i), a[i], b[i])
		}
		return
	}
	if want.Kind() != got.Kind() || !value.Equal(want, got) {
		c.t.Errorf("%s:\n\twant %s\n\tgot  %s", path, value.Repr(want), value.Repr(got))
	}
}

func read(t *testing.T, path string) value.Value {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func get(v value.Value, key string) value.Value {
	if d, ok := v.AsDict(); ok {
		item, _ := d.GetString(key)
		return item
	}
	return value.Undef
}

func members(v value.Value) map[string]value.Value {
	out := map[string]value.Value{}
	if d, ok := v.AsDict(); ok {
		for k, item := range d.All() {
			out[value.Str(k)] = item
		}
	}
	return out
}

func sortedList(v value.Value) value.Value {
	items := append([]value.Value(nil), v.Items()...)
	sort.SliceStable(items, func(i, j int) bool { return value.Str(items[i]) < value.Str(items[j]) })
	return value.NewList(items...)
}

// byName makes the order of a list of named things that of their names.
func byName(v value.Value) value.Value {
	if v.Kind() != value.KindList {
		return v
	}
	items := append([]value.Value(nil), v.Items()...)
	sort.SliceStable(items, func(i, j int) bool { return value.Str(get(items[i], "name")) < value.Str(get(items[j], "name")) })
	return value.NewList(items...)
}
