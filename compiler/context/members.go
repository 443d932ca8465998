package context

import (
	"github.com/millrace/millrace/compiler/jinja/value"
)

// The names of each kind of scope, dbt's own grouping: what every template has, what a
// known target adds, what belongs to nodes, and what only runs.
var baseSet, yamlSet, parseSet, namingSet, runSet, operationSet, freshnessSet, exposureSet *memberSet

func init() {
	base := map[string]member{
		"var":       fn(fnVar),
		"env_var":   fn(fnEnvVar),
		"thread_id": func(s *Scope, _ *value.Thread) value.Value { return value.String(s.threadName()) },
		"builtins":  func(s *Scope, _ *value.Thread) value.Value { return value.FromObject((*builtinsObject)(s)) },
	}
	target := map[string]member{
		"target":              func(s *Scope, _ *value.Thread) value.Value { return s.env.Target },
		"project_name":        func(s *Scope, _ *value.Thread) value.Value { return value.String(s.env.Project.Name) },
		"context_macro_stack": macroStack,
	}
	provider := map[string]member{
		"dbt_metadata_envs": func(s *Scope, _ *value.Thread) value.Value { return s.env.metadata },
		"invocation_args_dict": func(s *Scope, _ *value.Thread) value.Value {
			s.env.seen.Or(SeenFlags)
			return s.env.args
		},
		"selected_resources":    func(s *Scope, _ *value.Thread) value.Value { return value.Strings(s.env.Selected...) },
		"execute":               func(s *Scope, _ *value.Thread) value.Value { return value.Bool(s.execute) },
		"exceptions":            func(*Scope, *value.Thread) value.Value { return exceptions },
		"validation":            func(*Scope, *value.Thread) value.Value { return validation },
		"api":                   func(s *Scope, _ *value.Thread) value.Value { return s.env.api },
		"column":                func(s *Scope, _ *value.Thread) value.Value { return s.env.Dialect.ColumnClass() },
		"env":                   func(s *Scope, _ *value.Thread) value.Value { return s.env.Target },
		"sql_now":               func(s *Scope, _ *value.Thread) value.Value { return value.String("now()") },
		"database":              func(s *Scope, _ *value.Thread) value.Value { return value.OptString(s.databaseName()) },
		"schema":                func(s *Scope, _ *value.Thread) value.Value { return value.OptString(s.schemaName()) },
		"adapter":               adapterMember,
		"config":                func(s *Scope, _ *value.Thread) value.Value { return s.config() },
		"graph":                 graphMember,
		"model":                 modelMember,
		"pre_hooks":             none,
		"post_hooks":            none,
		"sql":                   none,
		"_sql_results":          func(s *Scope, _ *value.Thread) value.Value { return s.state.Value() },
		"ref":                   fn(fnRef),
		"source":                fn(fnSource),
		"function":              fn(fnFunction),
		"metric":                fn(fnMetric),
		"load_result":           fn(fnLoadResult),
		"store_result":          fn(fnStoreResult),
		"store_raw_result":      fn(fnStoreRawResult),
		"load_agate_table":      fn(fnLoadAgateTable),
		"write":                 fn(fnWrite),
		"render":                fn(fnRender),
		"try_or_compiler_error": fn(fnTryOrCompilerError),
		"submit_python_job":     fn(fnSubmitPythonJob),
		"adapter_macro":         fn(fnAdapterMacro),
	}
	model := map[string]member{
		"this":                     thisMember,
		"defer_relation":           deferMember,
		"compiled_code":            compiledMember,
		"sql":                      sqlMember,
		"pre_hooks":                hooksMember("pre-hook"),
		"post_hooks":               hooksMember("post-hook"),
		"_dbt_generic_test_kwargs": testKwargsMember,
	}
	baseSet = union(base)
	yamlSet = union(base, target)
	namingSet = union(base, target, provider)
	parseSet = union(base, target, provider, model)
	runSet = union(base, target, provider, model)
	operationSet = union(base, target, provider)
	exposureSet = union(map[string]member{"ref": fn(fnRef), "source": fn(fnSource), "metric": fn(fnMetric)})
	freshnessSet = union(base, target, provider, map[string]member{"this": thisMember})
}

func none(*Scope, *value.Thread) value.Value { return value.None }

func (s *Scope) threadName() string {
	if s.rt != nil && s.rt.ThreadName != "" {
		return s.rt.ThreadName
	}
	return "MainThread"
}

func (s *Scope) databaseName() string {
	switch {
	case s.node != nil && s.node.Database != "":
		return s.node.Database
	case s.parse != nil && s.parse.Database != "":
		return s.parse.Database
	}
	return s.env.database
}

func (s *Scope) schemaName() string {
	switch {
	case s.node != nil && s.node.Schema != "":
		return s.node.Schema
	case s.parse != nil && s.parse.Schema != "":
		return s.parse.Schema
	}
	return s.env.schema
}

func adapterMember(s *Scope, _ *value.Thread) value.Value {
	if s.rt != nil && s.rt.Adapter != nil {
		return value.FromObject(s.rt.Adapter)
	}
	s.obj.adapter.s = s
	return value.FromObject(&s.obj.adapter)
}

func (s *Scope) config() value.Value {
	s.obj.config.s = s
	return value.FromObject(&s.obj.config)
}

// objects are the scope's own objects, kept in it so that naming one allocates nothing.
type objects struct {
	adapter stubAdapter
	config  configObject
}

// emptyGraph is `graph` while nodes are still being parsed: every part is there and empty.
func emptyGraph() value.Value {
	g := value.NewDict(10)
	for _, part := range []string{"exposures", "functions", "groups", "metrics", "nodes", "sources", "semantic_models", "saved_queries", "unit_tests", "macros"} {
		g.SetString(part, value.FromDict(value.NewDict(0)))
	}
	return value.FromDict(g)
}

func graphMember(s *Scope, _ *value.Thread) value.Value {
	if s.graph == nil {
		return emptyGraph()
	}
	return s.graph.GraphValue()
}

func modelMember(s *Scope, _ *value.Thread) value.Value {
	if s.model.IsUndefined() {
		switch {
		case s.rt != nil && !s.rt.Model.IsUndefined():
			s.model = s.rt.Model
			if s.node != nil {
				s.env.aliasTypes(s.node, s.model)
			}
		case s.node != nil:
			s.model = s.node.MacroContextValue(nil)
			s.env.aliasTypes(s.node, s.model)
		case s.parse != nil:
			s.model = s.env.parseModel(s.parse)
		default:
			s.model = value.FromDict(value.NewDict(0))
		}
	}
	return s.model
}

func thisMember(s *Scope, _ *value.Thread) value.Value {
	if !s.this.IsUndefined() {
		return s.this
	}
	switch {
	case s.rt != nil && s.rt.UnitTest != nil:
		s.this = value.OptString(s.rt.UnitTest.This)
	case s.rt != nil && s.rt.This != nil:
		s.this = s.rt.This.Value()
	case s.node != nil:
		s.this = s.env.nodeThis(s.node)
	case s.parse != nil && (s.parse.ResourceType == "operation" || s.parse.ResourceType == "sql_operation"):
		s.this = value.None
	case s.parse != nil:
		s.this = s.env.this(s.parse).Value()
	default:
		s.this = value.None
	}
	return s.this
}

func deferMember(s *Scope, _ *value.Thread) value.Value {
	if s.rt == nil || s.rt.DeferRelation == nil {
		return value.None
	}
	return s.rt.DeferRelation.Value()
}

func compiledMember(s *Scope, _ *value.Thread) value.Value {
	if s.rt == nil || s.rt.CompiledCode.IsUndefined() {
		return value.None
	}
	return s.rt.CompiledCode
}

func sqlMember(s *Scope, th *value.Thread) value.Value {
	if s.node != nil && s.node.Language == "python" {
		return value.None
	}
	return compiledMember(s, th)
}

func hooksMember(key string) member {
	return func(s *Scope, _ *value.Thread) value.Value {
		if s.node == nil {
			return value.NewList()
		}
		switch s.node.ResourceType {
		case "source", "test", "unit_test":
			return value.NewList()
		}
		if own := s.node.Config.Own(); own != nil {
			if hooks, _ := own.GetString(key); !hooks.IsNull() {
				return hooks
			}
		}
		return value.NewList()
	}
}

// macroStack is the macro calls in progress, outermost first.
func macroStack(_ *Scope, th *value.Thread) value.Value {
	d := value.NewDict(2)
	calls := &value.List{}
	if th != nil {
		for _, f := range th.Frames {
			calls.Items = append(calls.Items, value.String(f.Macro))
		}
	}
	d.SetString("call_stack", value.FromList(calls))
	d.SetString("depth", value.Int(int64(len(calls.Items))))
	return record("MacroStack", d)
}
