package stream

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/adapters/kafka/landing"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// statements renders statements with the project's macros. They ask the database nothing.
func statements(env *rendering.Env, m *manifest.Manifest) landing.Statements {
	return func(ctx context.Context, macro string, args ...value.Kwarg) (string, error) {
		entry, ok := env.Macros.Find(macro, "")
		if !ok {
			return "", fmt.Errorf("there is no macro %s", macro)
		}
		scope, _ := env.Operation("", m, rendering.Runtime{})
		v, err := entry.Macro.Call(env.Thread(ctx, scope), value.Args{Kwargs: args})
		if err != nil {
			return "", err
		}
		return value.Str(v), nil
	}
}
