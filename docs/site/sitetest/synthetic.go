// Package sitetest makes artifacts of projects as large as one likes, the same for the same
// size, so that sizes and times of the site can be measured.
package sitetest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Size of a project.
type Size struct{ Models, Columns int }

// Large is the project that the budgets of the site are about: 10,000 models, 150,000 columns.
var Large = Size{Models: 10_000, Columns: 15}

var (
	subjects = strings.Fields("orders customers payments invoices shipments products sessions events refunds inventory campaigns tickets accounts subscriptions suppliers stores")
	stages   = strings.Fields("stg int fct dim agg")
	suffixes = strings.Fields("daily weekly monthly by_country by_channel enriched current history joined deduplicated")
	things   = strings.Fields("order customer payment invoice shipment product session event refund item campaign ticket account plan supplier store")
	measures = strings.Fields("id amount count total created_at updated_at status country currency rate share name email code quantity price discount tax margin rank")
	words    = strings.Fields("the of a every row one per key amount in cents euros when as known by service date last change rows are kept until month end status present first seen sum lines without tax customer who ordered product that belongs to")
	owners   = []string{"Finance analytics", "Growth team", "Risk desk", "Supply chain", "Data platform"}
	types    = []string{"INTEGER", "VARCHAR", "TIMESTAMP", "DECIMAL(18,2)", "DATE", "BIGINT"}
)

type generator struct {
	size   Size
	rnd    *rand.Rand
	names  []string
	folder []string
	cols   [][]string
	tests  []string
}

// Write writes manifest.json, catalog.json and run_results.json of such a project into dir.
func Write(dir string, size Size) error {
	g := &generator{size: size, rnd: rand.New(rand.NewPCG(7, uint64(size.Models)))}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer)
	}{{"manifest.json", g.manifest}, {"catalog.json", g.catalog}, {"run_results.json", g.runResults}} {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, write func(io.Writer)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	write(w)
	err = w.Flush()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func (g *generator) pick(list []string) string { return list[g.rnd.IntN(len(list))] }

func (g *generator) sentence(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = g.pick(words)
	}
	return strings.Join(list, " ") + "."
}

func (g *generator) id(i int) string { return "model.large." + g.names[i] }

// out prints; the buffered writer keeps its first error for the end.
func out(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func metadata(schema string) string {
	return `{"dbt_schema_version": "https://schemas.getdbt.com/dbt/` + schema + `.json", "dbt_version": "1.12.6", "generated_at": "2026-01-01T00:00:00Z", "project_name": "large", "adapter_type": "duckdb"}`
}

func (g *generator) manifest(w io.Writer) {
	out(w, `{"metadata": %s, "nodes": {`, metadata("manifest/v12"))
	for i := range g.size.Models {
		if i > 0 {
			out(w, ", ")
		}
		g.model(w, i)
	}
	for i := range g.size.Models {
		g.modelTests(w, i)
	}
	out(w, `}, "sources": {}, "macros": {`)
	for i := range 500 {
		if i > 0 {
			out(w, ", ")
		}
		out(w, `"macro.dbt.m%d": {"unique_id": "macro.dbt.m%d", "name": "m%d", "resource_type": "macro", "package_name": "dbt", "path": "macros/m.sql", "original_file_path": "macros/m.sql", "macro_sql": "{%% macro m%d() %%}%s{%% endmacro %%}", "depends_on": {"macros": []}, "description": "", "meta": {}, "arguments": []}`, i, i, i, i, strings.Repeat("select 1 ", 60))
	}
	out(w, `}, "docs": {}, "exposures": {}, "metrics": {}, "groups": {}, "disabled": {}, "parent_map": {}, "child_map": {}, "group_map": {}, "saved_queries": {}, "semantic_models": {}, "unit_tests": {}, "functions": {}}`)
}

func (g *generator) model(w io.Writer, i int) {
	stage, subject := i*len(stages)/g.size.Models, g.pick(subjects)
	name := fmt.Sprintf("%s_%s_%s_%04d", stages[stage], subject, g.pick(suffixes), i)
	g.names = append(g.names, name)
	folder := stages[stage] + "/" + subject
	g.folder = append(g.folder, folder)
	var parents []string
	if stage > 0 {
		for range 1 + g.rnd.IntN(3) {
			// Half of what a model reads was made shortly before it, as in real projects.
			from := g.rnd.IntN(i)
			if g.rnd.IntN(2) == 0 {
				from = i - 1 - g.rnd.IntN(min(i, 40))
			}
			parents = append(parents, `"`+g.id(from)+`"`)
		}
	}
	var columns, selected strings.Builder
	var cols []string
	for c := range g.size.Columns {
		col := fmt.Sprintf("%s_%s", things[(i+c)%len(things)], measures[g.rnd.IntN(len(measures))])
		if c == 0 {
			col = "id"
		} else if g.rnd.IntN(3) == 0 {
			col = fmt.Sprintf("%s_%d", col, g.rnd.IntN(40))
		}
		for contains(cols, col) {
			col += "_x"
		}
		cols = append(cols, col)
		if c > 0 {
			columns.WriteString(", ")
			selected.WriteString(`,\n    `)
		}
		fmt.Fprintf(&columns, `%q: {"name": %q, "description": %q, "meta": {}, "data_type": null, "constraints": [], "quote": null, "config": {"meta": {}, "tags": []}, "tags": [], "granularity": null, "doc_blocks": []}`, col, col, g.sentence(8))
		fmt.Fprintf(&selected, `source.%s`, col)
	}
	g.cols = append(g.cols, cols)
	from := "raw"
	if len(parents) > 0 {
		from = strings.Trim(parents[0], `"`)[len("model.large."):]
	}
	raw := fmt.Sprintf(`with source as (\n    select * from {{ ref('%s') }}\n)\n\nselect\n    %s\nfrom source\nwhere source.id is not null\n`, from, selected.String())
	compiled := strings.Replace(raw, "{{ ref('"+from+"') }}", `\"large\".\"main\".\"`+from+`\"`, 1)
	owner := g.pick(owners)
	out(w, `"model.large.%s": {"database": "large", "schema": "main", "name": "%s", "resource_type": "model", "package_name": "large", "path": "%s/%s.sql", "original_file_path": "models/%s/%s.sql", "unique_id": "model.large.%s", "fqn": ["large", "%s", "%s"], "alias": "%s", "checksum": {"name": "sha256", "checksum": "%064d"}, `,
		name, name, folder, name, folder, name, name, stages[stage], name, name, i)
	out(w, `"config": {"enabled": true, "alias": null, "schema": null, "database": null, "tags": ["%s"], "meta": {"owner": "%s"}, "group": null, "materialized": "table", "incremental_strategy": null, "batch_size": null, "lookback": 1, "begin": null, "persist_docs": {}, "post-hook": [], "pre-hook": [], "quoting": {}, "column_types": {}, "full_refresh": null, "unique_key": null, "on_schema_change": "ignore", "on_configuration_change": "apply", "grants": {}, "packages": [], "docs": {"show": true, "node_color": null}, "contract": {"enforced": false, "alias_types": true}, "event_time": null, "concurrent_batches": null, "access": "protected", "freshness": null}, `, stages[stage], owner)
	out(w, `"tags": ["%s"], "description": "%s", "columns": {%s}, "meta": {"owner": "%s"}, "group": null, "docs": {"show": true, "node_color": null}, "patch_path": "large://models/%s/_models.yml", "build_path": null, "unrendered_config": {"materialized": "table"}, "created_at": 1767225600.0, "relation_name": "\"large\".\"main\".\"%s\"", "raw_code": "%s", "doc_blocks": [], "language": "sql", "refs": [], "sources": [], "metrics": [], "functions": [], "depends_on": {"macros": [], "nodes": [%s]}, "compiled_path": null, "compiled": true, "compiled_code": "%s", "extra_ctes_injected": true, "extra_ctes": [], "contract": {"enforced": false, "alias_types": true, "checksum": null}, "access": "protected", "constraints": [], "version": null, "latest_version": null, "deprecation_date": null, "primary_key": ["id"], "time_spine": null}`,
		stages[stage], g.sentence(14), columns.String(), owner, folder, name, raw, strings.Join(parents, ", "), compiled)
}

func (g *generator) modelTests(w io.Writer, i int) {
	for _, t := range []struct{ test, column string }{{"unique", "id"}, {"not_null", "id"}, {"not_null", g.cols[i][1]}} {
		name := t.test + "_" + g.names[i] + "_" + t.column
		id := fmt.Sprintf("test.large.%s.%010x", name, i*7919)
		g.tests = append(g.tests, id)
		out(w, `, "%s": {"database": "large", "schema": "main_dbt_test__audit", "name": "%s", "resource_type": "test", "package_name": "large", "path": "%s.sql", "original_file_path": "models/%s/_models.yml", "unique_id": "%s", "fqn": ["large", "%s"], "alias": "%s", "checksum": {"name": "none", "checksum": ""}, "config": {"enabled": true, "alias": null, "schema": "dbt_test__audit", "database": null, "tags": [], "meta": {}, "group": null, "materialized": "test", "severity": "ERROR", "store_failures": null, "where": null, "limit": null, "fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0"}, "tags": [], "description": "", "columns": {}, "meta": {}, "group": null, "docs": {"show": true, "node_color": null}, "patch_path": null, "build_path": null, "unrendered_config": {}, "created_at": 1767225600.0, "relation_name": null, "raw_code": "{{ test_%s(**_dbt_generic_test_kwargs) }}", "language": "sql", "refs": [{"name": "%s", "package": null, "version": null}], "sources": [], "metrics": [], "depends_on": {"macros": ["macro.dbt.m1"], "nodes": ["%s"]}, "compiled_path": null, "compiled": true, "compiled_code": "select %s from \"large\".\"main\".\"%s\" where %s is null", "extra_ctes_injected": true, "extra_ctes": [], "contract": {"enforced": false, "alias_types": true, "checksum": null}, "column_name": "%s", "file_key_name": "models.%s", "attached_node": "%s", "test_metadata": {"name": "%s", "kwargs": {"column_name": "%s", "model": "{{ get_where_subquery(ref('%s')) }}"}, "namespace": null}}`,
			id, name, name, g.folder[i], id, name, name, t.test, g.names[i], g.id(i), t.column, g.names[i], t.column, t.column, g.names[i], g.id(i), t.test, t.column, g.names[i])
	}
}

func (g *generator) catalog(w io.Writer) {
	out(w, `{"metadata": %s, "nodes": {`, metadata("catalog/v1"))
	for i, name := range g.names {
		if i > 0 {
			out(w, ", ")
		}
		out(w, `"%s": {"metadata": {"type": "BASE TABLE", "schema": "main", "name": "%s", "database": "large", "comment": null, "owner": null}, "columns": {`, g.id(i), name)
		for c, col := range g.cols[i] {
			if c > 0 {
				out(w, ", ")
			}
			out(w, `"%s": {"type": "%s", "index": %d, "name": "%s", "comment": null}`, col, types[(i+c)%len(types)], c+1, col)
		}
		out(w, `}, "stats": {"has_stats": {"id": "has_stats", "label": "Has Stats?", "value": false, "include": false, "description": "none"}}, "unique_id": "%s"}`, g.id(i))
	}
	out(w, `}, "sources": {}, "errors": null}`)
}

func (g *generator) runResults(w io.Writer) {
	out(w, `{"metadata": %s, "results": [`, metadata("run-results/v6"))
	one := func(id, status string) {
		out(w, `{"status": "%s", "timing": [{"name": "compile", "started_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:00:00Z"}], "thread_id": "Thread-1", "execution_time": %.3f, "adapter_response": {"rows_affected": %d}, "message": "OK", "failures": null, "unique_id": "%s", "compiled": true, "compiled_code": "", "relation_name": null}`,
			status, g.rnd.Float64()*9, g.rnd.IntN(100000), id)
	}
	for i := range g.names {
		if i > 0 {
			out(w, ", ")
		}
		one(g.id(i), "success")
	}
	for i, id := range g.tests {
		status := "pass"
		if i%200 == 0 {
			status = "fail"
		}
		out(w, ", ")
		one(id, status)
	}
	out(w, `], "elapsed_time": 900.5, "args": {"which": "build"}}`)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
