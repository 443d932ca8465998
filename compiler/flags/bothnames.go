package flags

import "strings"

// BothNames is an environment in which dbt's own variables have both of their names: DBT_ENGINE_X,
// where it is set, is also what DBT_X says, and DBT_X stands for an unset DBT_ENGINE_X. Templates
// that ask for either see the same.
func BothNames(env Env) Env { return bothNames{env} }

type bothNames struct{ Env }

// Getenv implements Env.
func (e bothNames) Getenv(name string) (string, bool) {
	engine, old := pairOf(name)
	if old == "" {
		return e.Env.Getenv(name)
	}
	if v, ok := e.Env.Getenv(engine); ok {
		return v, true
	}
	return e.Env.Getenv(old)
}

// Names implements Names where the environment below it does.
func (e bothNames) Names() []string {
	if lister, ok := e.Env.(Names); ok {
		return lister.Names()
	}
	return nil
}

// pairOf gives both names of a variable of dbt's own; old is empty for every other variable.
func pairOf(name string) (engine, old string) {
	if !strings.HasPrefix(name, dbtPrefix) {
		return name, ""
	}
	engine = engineName(name)
	if !renamed()[engine] {
		return name, ""
	}
	return engine, dbtPrefix + strings.TrimPrefix(engine, enginePrefix)
}
