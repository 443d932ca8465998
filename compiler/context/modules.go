package context

import (
	"github.com/millrace/millrace/compiler/context/regex"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// modules is `modules`: the parts of Python's library that dbt lends to templates.
func modules(e *Env) value.Value {
	d := value.NewDict(4)
	d.SetString("pytz", value.PytzModule())
	d.SetString("datetime", value.DateTimeModule(e.Clock))
	d.SetString("re", regex.Module())
	d.SetString("itertools", itertools(e))
	return value.FromDict(d)
}
