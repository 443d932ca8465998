package context

import (
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// State is what the statements of one node leave behind, by name.
type State struct {
	results  *value.Dict
	captured map[string]Result
	macros   []string
}

// Macros are the unique_ids of the macros that the node's own template called, without duplicates.
func (st *State) Macros() []string { return st.macros }

// Result is one stored statement result.
type Result struct {
	Response value.Value
	Table    *agate.Table
}

func newState() *State { return &State{results: value.NewDict(2), captured: make(map[string]Result)} }

// Value is `_sql_results`.
func (st *State) Value() value.Value {
	if st == nil {
		return value.FromDict(value.NewDict(0))
	}
	return value.FromDict(st.results)
}

// Result is a stored result, whether or not a template has loaded it already: the runner
// reads "main" after the materialization.
func (st *State) Result(name string) (Result, bool) {
	r, ok := st.captured[name]
	return r, ok
}

// Store keeps a result as store_result() does.
func (st *State) Store(name string, response value.Value, table *agate.Table) {
	if table == nil {
		table = agate.Empty()
	}
	data := make([]value.Value, len(table.Rows))
	for i, row := range table.Rows {
		data[i] = value.NewTuple(row...)
	}
	d := value.NewDict(3)
	d.SetString("response", response)
	d.SetString("data", value.NewList(data...))
	d.SetString("table", table.Value())
	st.results.SetString(name, value.FromDict(d))
	st.captured[name] = Result{Response: response, Table: table}
}

func (s *Scope) loadResult(a value.Args) (value.Value, error) {
	v, err := a.Bind("load_result", "name")
	if err != nil {
		return value.Undef, err
	}
	if s.state == nil { // nothing was ever stored
		return value.None, nil
	}
	name := value.Str(v[0])
	r, ok := s.state.results.GetString(name)
	switch {
	case !ok:
		return value.None, nil
	case name == "main":
		return r, nil
	case r.IsNone():
		return value.Undef, compilation("The 'statement' result named '%s' has already been loaded into a variable", name)
	}
	s.state.results.SetString(name, value.None)
	return r, nil
}

func (s *Scope) storeResult(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("store_result", "name", "response", "agate_table=None")
	if err != nil {
		return value.Undef, err
	}
	return s.store(v[0], v[1], v[2])
}

func (s *Scope) store(name, response, table value.Value) (value.Value, error) {
	if s.state == nil { // while parsing, where statements normally do not run
		s.state = newState()
	}
	t, ok := agate.FromValue(table)
	if !ok && !table.IsNull() {
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'rows'", value.TypeName(table))
	}
	s.state.Store(value.Str(name), response, t)
	return value.String(""), nil
}

func (s *Scope) storeRawResult(a value.Args) (value.Value, error) {
	v, err := a.Bind("store_raw_result", "name", "message=None", "code=None", "rows_affected=None", "agate_table=None")
	if err != nil {
		return value.Undef, err
	}
	return s.store(v[0], Response(v[1], v[2], v[3]), v[4])
}

// Response is an adapter response as templates see it: it prints as its message.
func Response(message, code, rowsAffected value.Value) value.Value {
	d := value.NewDict(4)
	d.SetString("_message", orNone(message))
	d.SetString("code", orNone(code))
	d.SetString("rows_affected", orNone(rowsAffected))
	d.SetString("query_id", value.None)
	return value.FromObject(&responseObject{d})
}

type responseObject struct{ d *value.Dict }

func (r *responseObject) TypeName() string { return "AdapterResponse" }

// Str is the message.
func (r *responseObject) Str() string {
	v, _ := r.d.GetString("_message")
	return value.Str(v)
}

// Attr answers the parts.
func (r *responseObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := r.d.GetString(name); ok {
		return v, true, nil
	}
	if name == "to_dict" {
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind(name, "omit_none=False")
			return value.FromDict(r.d.Copy()), err
		}), true, nil
	}
	return value.Undef, false, nil
}

// JSONValue encodes the response as a dict.
func (r *responseObject) JSONValue() (value.Value, bool) { return value.FromDict(r.d), true }
