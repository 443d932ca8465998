package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// validation is `validation`: validation.any[a, b] makes a check that a value is one of
// the given ones or of one of the given types.
var validation = func() value.Value {
	d := value.NewDict(1)
	d.SetString("any", value.FromObject(anyValidator{}))
	return record("AttrDict", d)
}()

type anyValidator struct{}

func (anyValidator) TypeName() string { return "function" }

// Index makes a check: any[a, b].
func (anyValidator) Index(_ *value.Thread, key value.Value) (value.Value, bool, error) {
	if key.Kind() == value.KindTuple {
		return oneOf(key.Items()), true, nil
	}
	return oneOf([]value.Value{key}), true, nil
}

// Call makes a check: any(a, b).
func (anyValidator) Call(_ *value.Thread, a value.Args) (value.Value, error) {
	return oneOf(a.Pos), nil
}

func oneOf(allowed []value.Value) value.Value {
	return value.Func("inner", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("inner", "value")
		if err != nil {
			return value.Undef, err
		}
		names := make([]string, len(allowed))
		for i, want := range allowed {
			// Names of Python types mean nothing in templates: they are undefined and take any value,
			// which keeps macros written for them working.
			if want.IsUndefined() || value.Equal(want, v[0]) {
				return value.None, nil
			}
			names[i] = value.Str(want)
		}
		return value.Undef, diag.New(diag.CodeConfigValue, diag.Runtime, diag.Span{},
			`Expected value "`+value.Str(v[0])+`" to be one of `+strings.Join(names, ","))
	})
}
