package jinja

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// MacroKind says which tag defined a Macro.
type MacroKind uint8

const (
	KindMacro MacroKind = iota
	KindTest            // test, data_test
	KindMaterialization
	KindSnapshot
	KindDocs
)

// Macro is a definition at the top level of a template. It is immutable and shared by
// goroutines; what it sees of the world comes with the thread that calls it.
type Macro struct {
	Kind               MacroKind
	Name               string // dbt's macro name: "m", "test_m", "materialization_m_default"
	BaseName           string // the name as written
	Params             []Param
	Span, NameSpan     diag.Span
	Adapter            string   // of a materialization
	SupportedLanguages []string // of a materialization
	Text               string   // of docs, without surrounding white space
	UniqueID           string   // set by WithID

	fn   *function
	tmpl *Template
}

// Param is a parameter of a Macro.
type Param struct {
	Name     string
	Type     string // annotation as written, "" without
	Required bool   // has no default; calling without it makes it undefined
	Span     diag.Span
}

// WithID is a copy that carries its unique_id for frames and for the host's recorder.
func (m *Macro) WithID(uniqueID string) *Macro {
	c := *m
	c.UniqueID = uniqueID
	return &c
}

// TypeName is dbt's.
func (m *Macro) TypeName() string { return "MacroGenerator" }

// Module implements value.Moduled.
func (m *Macro) Module() string { return "dbt.clients.jinja" }

// Str is what printing the macro itself shows.
func (m *Macro) Str() string { return "<Macro '" + m.Name + "'>" }

// macroHost is what a Thread's Host may implement to see which macros run.
type macroHost interface {
	EnterMacro(m *Macro)
	ExitMacro(m *Macro)
}

// Call runs the macro in the context of th. The result is its text, or the value given to
// return(). Like dbt, it catches return() here, and only here: the body of a call block or
// a macro defined inside another one passes it on.
//
// While it runs, th.Frames has an entry for it. The entry's Position stays empty, because
// making it costs more than most calls; an error gets the places of all calls as Related.
func (m *Macro) Call(th *value.Thread, args value.Args) (value.Value, error) {
	id := m.UniqueID
	if id == "" {
		id = m.Name
	}
	th.Frames = append(th.Frames, value.Frame{Macro: id})
	host, recorded := th.Host.(macroHost)
	if recorded {
		host.EnterMacro(m)
	}
	native := th.Native
	th.Native = false // macros are text templates, wherever they are called
	text, err := m.run(th, args)
	th.Native = native
	if recorded {
		host.ExitMacro(m)
	}
	th.Frames = th.Frames[:len(th.Frames)-1]
	if err != nil {
		if r, ok := asReturn(err); ok {
			return r.v, nil
		}
		if e, ok := err.(*value.Error); ok {
			// The call itself was refused (arguments, depth), so its place is the caller's.
			return value.Undef, m.refused(e)
		}
		return value.Undef, inMacro(err, m.Name)
	}
	return value.String(text), nil
}

func (m *Macro) refused(e *value.Error) error {
	f := frame{fn: m.fn}
	err := f.raise(pos{}, e)
	if d, ok := err.(*diag.Diagnostic); ok {
		d.Span = diag.Span{}
		if d.Code != diag.CodeLimit {
			d.Related = []diag.Related{{Span: m.NameSpan, Message: definedHere}}
		}
	}
	return err
}

func (m *Macro) run(th *value.Thread, args value.Args) (string, error) {
	if !m.fn.usesUp {
		return m.fn.call(th, nil, args)
	}
	// The body reads variables of the file's top level: run that first, as dbt does for
	// every call, and discard its output.
	if err := th.Enter(); err != nil {
		return "", err
	}
	defer th.Leave()
	module := newFrame(m.tmpl.fn, th, nil)
	module.out = newSink()
	err := module.run(m.tmpl.fn.body)
	module.out.free()
	module.out = nil
	if err != nil {
		return "", err
	}
	return m.fn.call(th, module, args)
}

// closure is a macro inside a template, or the body of a call block, together with the
// variables around it. It is Jinja's own kind of macro: return() passes through.
type closure struct {
	fn    *function
	frame *frame
}

func (c *closure) TypeName() string { return "Macro" }

func (c *closure) Str() string {
	if c.fn.name == "" {
		return "<Macro anonymous>"
	}
	return "<Macro '" + c.fn.name + "'>"
}

// Attr gives what Jinja documents about macros.
func (c *closure) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "name":
		return value.OptString(c.fn.name), true, nil
	case "arguments":
		names := make([]value.Value, len(c.fn.params))
		for i := range c.fn.params {
			names[i] = value.String(c.fn.params[i].name)
		}
		return value.NewTuple(names...), true, nil
	case "catch_kwargs":
		return value.Bool(c.fn.kwargs >= 0), true, nil
	case "catch_varargs":
		return value.Bool(c.fn.varargs >= 0), true, nil
	case "caller":
		return value.Bool(c.fn.caller >= 0), true, nil
	}
	return value.Undef, false, nil
}

func (c *closure) Call(th *value.Thread, args value.Args) (value.Value, error) {
	text, err := c.fn.call(th, c.frame, args)
	return value.String(text), err
}

// call runs the function and returns its output.
func (fn *function) call(th *value.Thread, parent *frame, args value.Args) (string, error) {
	if err := th.Enter(); err != nil {
		return "", err
	}
	f := newFrame(fn, th, parent)
	f.out = newSink()
	err := fn.bind(f, args)
	if err == nil {
		err = f.run(fn.body)
	}
	text := ""
	if err == nil {
		text = string(f.out.b)
	}
	f.out.free()
	f.out = nil
	f.free()
	th.Leave()
	return text, err
}

// bind assigns the arguments to the parameters in Jinja's way, which is laxer than
// Python's: a parameter without an argument is undefined.
func (fn *function) bind(f *frame, args value.Args) error {
	f.init(fn.inits)
	n := min(len(args.Pos), len(fn.params))
	for i := 0; i < n; i++ {
		f.slots[fn.params[i].slot] = orUndefined(args.Pos[i], fn.params[i].name)
	}
	var caller value.Value
	var rest *value.Dict
	if fn.kwargs >= 0 {
		rest = value.NewDict(len(args.Kwargs))
	}
	surplus := ""
	for _, kw := range args.Kwargs {
		if i := fn.paramIndex(kw.Name); i >= n {
			f.slots[fn.params[i].slot] = orUndefined(kw.Value, kw.Name)
			continue
		}
		if kw.Name == "caller" && fn.caller >= 0 {
			caller = kw.Value
			continue
		}
		if rest != nil {
			rest.SetString(kw.Name, kw.Value)
		} else if surplus == "" || kw.Name == "caller" {
			surplus = kw.Name
		}
	}
	if surplus != "" {
		if surplus == "caller" { // Jinja's words, also when the body never reads caller
			return value.Errorf("TypeError", "macro %s was invoked with two values for the special caller argument. This is most likely a bug.", value.Repr(fn.nameValue()))
		}
		return value.Errorf("TypeError", "macro %s takes no keyword argument %s", value.Repr(fn.nameValue()), quoteRepr(surplus))
	}
	if fn.caller >= 0 {
		if caller.IsNull() {
			caller = undefinedCaller
		}
		f.slots[fn.caller] = caller
	}
	if rest != nil {
		f.slots[fn.kwargs] = value.FromDict(rest)
	}
	if fn.varargs >= 0 {
		f.slots[fn.varargs] = value.NewTuple(args.Pos[n:]...)
	} else if len(args.Pos) > n {
		return value.Errorf("TypeError", "macro %s takes not more than %d argument(s)", value.Repr(fn.nameValue()), len(fn.params))
	}
	return fn.defaults(f)
}

// defaults fills the parameters that got no argument. A default may read earlier parameters.
func (fn *function) defaults(f *frame) error {
	for i := range fn.params {
		p := &fn.params[i]
		if !isEmpty(f.slots[p.slot]) {
			continue
		}
		if p.dflt == nil {
			f.slots[p.slot] = value.UndefinedHint("parameter " + quoteRepr(p.name) + " was not provided")
			continue
		}
		v, err := p.dflt.eval(f)
		if err != nil {
			return err
		}
		f.slots[p.slot] = orUndefined(v, p.name)
	}
	return nil
}

var undefinedCaller = value.UndefinedHint("No caller defined")

func orUndefined(v value.Value, name string) value.Value {
	if isEmpty(v) {
		return value.UndefinedNamed(name)
	}
	return v
}

// paramIndex is the position of a parameter, or -1.
func (fn *function) paramIndex(name string) int {
	for i := range fn.params {
		if fn.params[i].name == name {
			return i
		}
	}
	return -1
}

func (fn *function) nameValue() value.Value { return value.OptString(fn.name) }
