package project

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// reservedNames may not name a project, because templates use them for other things.
var reservedNames = map[string]bool{
	"_sql_results": true, "adapter": true, "api": true, "column": true, "config": true, "context": true,
	"database": true, "env": true, "env_var": true, "exceptions": true, "execute": true, "flags": true,
	"fromjson": true, "fromyaml": true, "graph": true, "invocation_id": true, "load_agate_table": true,
	"load_result": true, "log": true, "model": true, "modules": true, "post_hooks": true, "pre_hooks": true,
	"ref": true, "render": true, "return": true, "run_started_at": true, "schema": true, "source": true,
	"sql": true, "sql_now": true, "store_result": true, "store_raw_result": true, "target": true, "this": true,
	"tojson": true, "toyaml": true, "try_or_compiler_error": true, "var": true, "write": true,
}

// fill reads every key of the rendered project file.
func (b *builder) fill() {
	p := b.pkg
	b.name()
	b.requiredVersion()
	b.checkShapes()
	b.renamedKeys()
	p.Version = b.version()
	p.ProfileName = b.text("profile", "")
	p.ModelPaths = b.paths("model-paths", b.paths("source-paths", "models")...)
	p.SeedPaths = b.paths("seed-paths", b.paths("data-paths", "seeds")...)
	p.MacroPaths = b.paths("macro-paths", "macros")
	p.TestPaths = b.paths("test-paths", "tests")
	p.AnalysisPaths = b.paths("analysis-paths", "analyses")
	p.SnapshotPaths = b.paths("snapshot-paths", "snapshots")
	p.FunctionPaths = b.paths("function-paths", "functions")
	p.OSIPaths = b.paths("osi-paths", "osi", "OSI")
	p.DocsPaths = b.paths("docs-paths", p.SourcePaths()...)
	p.AssetPaths = b.paths("asset-paths")
	p.TargetPath = b.text("target-path", "target")
	if b.flags.TargetPath != "" {
		p.TargetPath = b.flags.TargetPath
	}
	p.LogPath = b.text("log-path", "logs")
	p.CleanTargets, p.CleanTargetsSpan = b.paths("clean-targets", p.TargetPath), b.at("clean-targets")
	p.PackagesInstallPath = b.text("packages-install-path", "dbt_packages")
	if p.IsRoot && b.flags.PackagesInstallPath != "" {
		p.PackagesInstallPath = b.flags.PackagesInstallPath
	}
	if !p.VarsFromFile {
		p.Vars = b.dict("vars")
	}
	p.FlagValues = b.dict("flags")
	p.DBTCloud, _ = b.data.GetString("dbt-cloud")
	if v, ok := b.data.GetString("restrict-access"); ok {
		p.RestrictAccess, _ = v.AsBool()
	}
	p.OnRunStart, p.OnRunEnd = b.hooks("on-run-start"), b.hooks("on-run-end")
	p.Dispatch = b.dispatch()
	p.Quoting = b.quoting()
	p.QueryComment = b.queryComment()
	p.Configs = b.configs()
	if p.IsRoot {
		b.missingPlus()
	}
}

func (b *builder) name() {
	n := b.raw.Get("name")
	name := b.text("name", "")
	switch {
	case n == nil:
		b.add(projectError(b.raw.Span(), "Required \"name\" field not present in project"))
	case name == "" || !isIdentifier(name):
		shown := name
		if shown == "" {
			shown = n.Text()
		}
		d := projectError(n.Span(), "the project name '%s' does not match '^[^\\d\\W]\\w*$'", shown)
		d.Hint = "use letters, digits and underscores only, beginning with a letter or an underscore"
		b.add(d)
	case reservedNames[name]:
		b.add(projectError(n.Span(), "Invalid project name: %s is a reserved word", name))
	}
	b.pkg.Name = name
}

func (b *builder) version() string {
	v, ok := b.data.GetString("version")
	if !ok || v.IsNone() {
		return ""
	}
	if s, ok := v.AsString(); ok {
		if !isVersion(s) {
			d := projectError(b.at("version"), "at path ['version']: %s is not valid under any of the given schemas", value.Repr(v))
			d.Hint = "write it as 1.0 or 1.0.0"
			b.add(d)
		}
		return s
	}
	return value.Str(v)
}

// isVersion accepts a semantic version, also with two numbers only.
func isVersion(s string) bool {
	base := s
	if i := strings.IndexAny(s, "-+"); i >= 0 {
		base = s[:i]
	}
	parts := strings.Split(base, ".")
	if len(parts) < 2 || len(parts) > 3 || base != s && len(parts) != 3 {
		return false
	}
	for _, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 64); err != nil || len(p) > 1 && p[0] == '0' {
			return false
		}
	}
	return len(base) == len(s) || len(s) > len(base)+1
}

// renamedKeys reports deprecated keys; a key and its new name together are an error.
func (b *builder) renamedKeys() {
	for _, k := range []struct{ old, now, harmless, event string }{
		{"source-paths", "model-paths", "", "ConfigSourcePathDeprecation"}, {"data-paths", "seed-paths", "", "ConfigDataPathDeprecation"},
		{"log-path", "", "logs", "ConfigLogPathDeprecation"}, {"target-path", "", "target", "ConfigTargetPathDeprecation"},
	} {
		if !b.raw.Has(k.old) || k.harmless != "" && b.text(k.old, "") == k.harmless {
			continue
		}
		span := b.raw.KeySpan(k.old)
		if k.now != "" && b.raw.Has(k.now) {
			b.add(projectError(span, "%s and %s cannot both be defined. The `%s` config has been deprecated in favor of `%s`. Please update your `dbt_project.yml` configuration to reflect this change.", k.old, k.now, k.old, k.now))
			continue
		}
		if k.now != "" {
			d := deprecated(k.event, span, "The `%s` config has been renamed to `%s`", k.old, k.now)
			d.Hint = "rename the key to " + k.now
			b.add(d)
			continue
		}
		d := deprecated(k.event, span, "The `%s` config in dbt_project.yml is deprecated", k.old)
		d.Hint = "use the flag --" + k.old + " or the environment variable DBT_" + strings.ToUpper(strings.ReplaceAll(k.old, "-", "_"))
		b.add(d)
	}
	if b.raw.Has("tests") && b.raw.Has("data_tests") && b.raw.Get("tests").Len() > 0 && b.raw.Get("data_tests").Len() > 0 {
		b.add(projectError(b.raw.KeySpan("tests"), "Invalid project config: cannot have both 'tests' and 'data_tests' defined"))
	}
}

// hooks reads on-run-start and on-run-end: a string, a list of strings, or entries with
// sql and transaction. Their templates are rendered when they run.
func (b *builder) hooks(key string) []Hook {
	var hooks []Hook
	for _, n := range hookNodes(b.raw.Get(key)) {
		if sql, ok := n.String(); ok {
			hooks = append(hooks, Hook{SQL: sql, Transaction: true, Span: n.Span()})
			continue
		}
		if h, ok := hookDict(n); ok {
			hooks = append(hooks, h)
			continue
		}
		if n.IsNull() {
			continue
		}
		b.add(projectError(n.Span(), "'%s' must be a string, a list of strings, or entries with 'sql' and 'transaction'", key))
	}
	return hooks
}

func hookDict(n *yaml.Node) (Hook, bool) {
	sql, ok := n.Get("sql").String()
	if !ok {
		return Hook{}, false
	}
	h := Hook{SQL: sql, Transaction: true, Span: n.Get("sql").Span()}
	if t := n.Get("transaction"); t != nil {
		if h.Transaction, ok = t.Bool(); !ok {
			return Hook{}, false
		}
	}
	return h, true
}

func (b *builder) dispatch() []Dispatch {
	v, _ := b.data.GetString("dispatch")
	l, ok := v.AsList()
	if !ok {
		return nil
	}
	var out []Dispatch
	for i, item := range l.Items {
		span := b.raw.At("dispatch", i).Span()
		d, ok := item.AsDict()
		var entry Dispatch
		if ok {
			entry, ok = dispatchEntry(d)
		}
		if !ok {
			b.add(projectError(span, "Invalid project dispatch config: %s", value.Repr(item)))
			continue
		}
		entry.Span = span
		out = append(out, entry)
	}
	return out
}

func dispatchEntry(d *value.Dict) (Dispatch, bool) {
	ns, _ := d.GetString("macro_namespace")
	order, _ := d.GetString("search_order")
	name, isName := ns.AsString()
	list, isList := order.AsList()
	if !isName || !isList || !isStrings(order) {
		return Dispatch{}, false
	}
	return Dispatch{MacroNamespace: name, SearchOrder: stringsOf(list)}, true
}

func (b *builder) quoting() Quoting {
	var q Quoting
	fields := map[string]**bool{
		"database": &q.Database, "project": &q.Database, "schema": &q.Schema, "identifier": &q.Identifier,
		"snowflake_ignore_case": &q.SnowflakeIgnoreCase,
	}
	for k, v := range b.dict("quoting").All() {
		key, _ := k.AsString()
		span := b.raw.At("quoting", key).Span()
		field, known := fields[key]
		if !known {
			b.add(projectError(span, "'quoting' has no key '%s'; it takes database, schema and identifier", value.Str(k)))
			continue
		}
		if v.IsNone() {
			continue
		}
		on, ok := v.AsBool()
		if !ok {
			b.add(projectError(span, "quoting: '%s' must be true or false, but is %s", key, describe(v)))
			continue
		}
		*field = &on
	}
	return q
}

func (b *builder) queryComment() QueryComment {
	n, exists := b.raw.Lookup("query-comment")
	if !exists {
		return QueryComment{}
	}
	q := QueryComment{Given: true, Span: n.Span()}
	if n.IsMapping() {
		q.Given = n.Has("comment")
		q.Comment, _ = n.Get("comment").String()
		q.Append, _ = n.Get("append").Bool()
		q.JobLabel, _ = n.Get("job-label").Bool()
		for _, e := range n.Entries() {
			switch e.Key.Text() {
			case "comment", "append", "job-label":
			default:
				b.add(projectError(e.Key.Span(), "'query-comment' has no key '%s'; it takes comment, append and job-label", e.Key.Text()))
			}
		}
		return q
	}
	if s, ok := n.String(); ok {
		q.Comment = s
	} else if on, isBool := n.Bool(); !n.IsNull() && (!isBool || on) {
		b.add(projectError(n.Span(), "'query-comment' must be a string, a dictionary or null"))
	}
	return q
}

// configKinds maps the keys of Package.Configs to the keys in dbt_project.yml.
var configKinds = []struct{ kind, key, alias string }{
	{"models", "models", ""}, {"seeds", "seeds", ""}, {"snapshots", "snapshots", ""}, {"sources", "sources", ""},
	{"data_tests", "data_tests", "tests"}, {"unit_tests", "unit_tests", ""}, {"analyses", "analyses", ""},
	{"metrics", "metrics", ""}, {"semantic_models", "semantic-models", "semantic_models"},
	{"saved_queries", "saved-queries", "saved_queries"}, {"exposures", "exposures", ""}, {"functions", "functions", ""},
}

func (b *builder) configs() map[string]*ConfigTree {
	trees := make(map[string]*ConfigTree, len(configKinds))
	for _, k := range configKinds {
		key := k.key
		node := b.raw.Get(key)
		if node == nil && k.alias != "" {
			node = b.raw.Get(k.alias)
		}
		rendered := b.dict(key)
		if k.alias != "" && rendered.Len() == 0 {
			rendered = b.dict(k.alias)
		}
		trees[k.kind] = newConfigTree(k.kind, rendered, node)
	}
	return trees
}

// SourcePaths are all paths that may hold resources and their YAML, without repeats.
func (p *Package) SourcePaths() []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range [][]string{p.ModelPaths, p.SeedPaths, p.SnapshotPaths, p.AnalysisPaths, p.MacroPaths, p.TestPaths, p.FunctionPaths} {
		for _, path := range list {
			path = strings.TrimRight(path, "/")
			if !seen[path] {
				seen[path] = true
				all = append(all, path)
			}
		}
	}
	return all
}
