package context

import "github.com/millrace/millrace/compiler/jinja/value"

// fnID names a function of a scope.
type fnID uint8

const (
	fnVar fnID = iota
	fnEnvVar
	fnRef
	fnSource
	fnFunction
	fnMetric
	fnLoadResult
	fnStoreResult
	fnStoreRawResult
	fnLoadAgateTable
	fnWrite
	fnRender
	fnTryOrCompilerError
	fnSubmitPythonJob
	fnAdapterMacro
	fnCount
)

var functionNames = [fnCount]string{
	"var", "env_var", "ref", "source", "function", "metric", "load_result", "store_result", "store_raw_result",
	"load_agate_table", "write", "render", "try_or_compiler_error", "submit_python_job", "adapter_macro",
}

// boundFn is a function of a scope as a value. The scope holds all of them, so that
// naming one allocates nothing.
type boundFn struct {
	s  *Scope
	id fnID
}

func fn(id fnID) member {
	return func(s *Scope, _ *value.Thread) value.Value {
		f := &s.fns[id]
		f.s, f.id = s, id
		return value.FromObject(f)
	}
}

// TypeName is Python's.
func (f *boundFn) TypeName() string { return "function" }

// Str is what printing the function shows.
func (f *boundFn) Str() string { return "<function " + functionNames[f.id] + ">" }

// Call runs the function.
func (f *boundFn) Call(th *value.Thread, a value.Args) (value.Value, error) {
	s := f.s
	switch f.id {
	case fnVar:
		return s.varFunction(th, a)
	case fnEnvVar:
		return s.envVarFunction(a)
	case fnRef:
		return s.refFunction(a)
	case fnSource:
		return s.sourceFunction(a)
	case fnFunction:
		return s.functionFunction(a)
	case fnMetric:
		return s.metricFunction(a)
	case fnLoadResult:
		return s.loadResult(a)
	case fnStoreResult:
		return s.storeResult(th, a)
	case fnStoreRawResult:
		return s.storeRawResult(a)
	case fnLoadAgateTable:
		return s.loadAgateTable(a)
	case fnWrite:
		return s.writeFunction(a)
	case fnRender:
		return s.renderFunction(th, a)
	case fnTryOrCompilerError:
		return s.tryOrCompilerError(th, a)
	case fnSubmitPythonJob:
		return s.submitPythonJob(th, a)
	}
	return s.adapterMacro(a)
}

// Attr gives var() its has_var, and what resolves dependencies the project's configuration.
func (f *boundFn) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch f.id {
	case fnRef, fnSource, fnFunction, fnMetric:
		if name == "config" {
			return f.s.env.ConfigValue(), true, nil
		}
	}
	if f.id == fnVar && name == "has_var" {
		s := f.s
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "var_name")
			if err != nil {
				return value.Undef, err
			}
			_, ok := s.lookupVar(value.Str(v[0]))
			return value.Bool(ok), nil
		}), true, nil
	}
	return value.Undef, false, nil
}
