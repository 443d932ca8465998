package stream

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/landing"
	builtins "github.com/millrace/millrace/adapters/macros"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

var builtinMacros = sync.OnceValue(func() *macros.Set {
	var entries []macros.Entry
	err := fs.WalkDir(builtins.Files(), "macros", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(builtins.Files(), path)
		if err != nil {
			return err
		}
		src := diag.NewSource(path, string(text))
		t, d := jinja.Parse(src)
		if d != nil {
			return d
		}
		for _, m := range t.Macros() {
			entries = append(entries, macros.Entry{Macro: m, Package: "dbt", UniqueID: "macro.dbt." + m.Name, Source: src, OriginalPath: path})
		}
		return nil
	})
	set, problems := macros.Build("shop", []string{"dbt"}, entries)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		panic(fmt.Sprint("the built-in macros: ", err))
	}
	return set
})

// builtin renders statements with the built-in macros alone.
func builtin(driver adapters.Driver) landing.Statements {
	f := &flags.Flags{Behavior: flags.DefaultBehavior()}
	p := &project.Project{Package: &project.Package{Name: "shop", Vars: value.NewDict(0)}, Flags: f, Env: project.EnvMap{}, CLIVars: value.NewDict(0)}
	env := rendering.New(rendering.Options{Project: p, Flags: f, Macros: builtinMacros(), Dialect: driver.Dialect(), Target: value.FromDict(value.NewDict(0))})
	return statements(env, manifest.New("shop", driver.Name()))
}
