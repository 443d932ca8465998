package adapters

import (
	"context"
	"time"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// MacroRunner calls a macro in the scope of the node that the bridge belongs to. pkg ""
// searches as dbt does: the root project, then the packages, then the built-ins.
type MacroRunner interface {
	RunMacro(name, pkg string, args value.Args) (value.Value, error)
}

// BridgeOptions are what a bridge is bound to.
type BridgeOptions struct {
	Driver      Driver
	Credentials Credentials
	Engine      Engine
	// Shared is the transaction in which the node works together with others; nil gives it a
	// connection of its own.
	Shared *Shared
	Cache  *Cache
	Macros MacroRunner
	// Dialect names relations; nil is the driver's.
	Dialect *relation.Dialect
	// Quoting is the project's quote policy; nil is the dialect's.
	Quoting *relation.Policy
	// Relation is adapter.Relation, the class with the project's quoting; undefined is the dialect's.
	Relation value.Value
	// Dispatch is adapter.dispatch.
	Dispatch value.Value
	// Name is the connection's name: the node's unique_id.
	Name    string
	Comment Comment
	Project string
	// Behavior are the behaviour flags the project sets.
	Behavior map[string]bool
	Events   event.Sink
	// NodeInfo describes the node in events, as it is at that moment; nil for none.
	NodeInfo func() *event.NodeInfo
	Thread   string
	// Now is the clock of events; nil is the system's.
	Now func() time.Time
	// Context ends the node's statements.
	Context context.Context
}

// Bridge is the object that templates call `adapter`, for one node and one goroutine. It
// opens its connection with the first statement.
type Bridge struct {
	opts    BridgeOptions
	surface *Surface
	dialect *relation.Dialect
	quoting relation.Policy
	conn    Conn
	bound   map[string]value.Value // methods taken as values, made once
	known   *Answer                // to the next query
	asked   int                    // statements of templates
	looked  bool                   // see Looked
	nested  int                    // macros that the bridge has called itself and that have not ended
}

// NewBridge binds a bridge. Close must be called when the node is done.
func NewBridge(o BridgeOptions) *Bridge {
	b := &Bridge{opts: o, surface: SurfaceOf(o.Driver), dialect: o.Dialect}
	if b.dialect == nil {
		b.dialect = o.Driver.Dialect()
	}
	b.quoting = b.dialect.Quoting
	if o.Quoting != nil {
		b.quoting = *o.Quoting
	}
	if b.opts.Events == nil {
		b.opts.Events = event.Discard
	}
	if b.opts.Now == nil {
		b.opts.Now = time.Now
	}
	if b.opts.Context == nil {
		b.opts.Context = context.Background()
	}
	if b.opts.Cache == nil {
		b.opts.Cache = NewCache()
	}
	b.newConnection()
	return b
}

// TypeName is Python's class name.
func (b *Bridge) TypeName() string { return "RuntimeDatabaseWrapper" }

// Module implements value.Moduled.
func (b *Bridge) Module() string { return "dbt.context.providers" }

// Value wraps the bridge for templates.
func (b *Bridge) Value() value.Value { return value.FromObject(b) }

// Context ends when the node's statements should.
func (b *Bridge) Context() context.Context { return b.opts.Context }

// Credentials are the profile's.
func (b *Bridge) Credentials() Credentials { return b.opts.Credentials }

// Cache is the relation cache of the invocation.
func (b *Bridge) Cache() *Cache { return b.opts.Cache }

// Dialect names relations.
func (b *Bridge) Dialect() *relation.Dialect { return b.dialect }

// SetMacros gives the bridge its macro runner, which often needs the bridge first.
func (b *Bridge) SetMacros(m MacroRunner) { b.opts.Macros = m }

// SetDispatch gives the bridge adapter.dispatch.
func (b *Bridge) SetDispatch(v value.Value) { b.opts.Dispatch = v }

// SetName renames the connection, for work that is not the node's own.
func (b *Bridge) SetName(name string) {
	if b.conn != nil && name != b.opts.Name {
		b.connectionReused(b.opts.Name, name)
	}
	b.opts.Name = name
}

// SetComment replaces the comment of the statements that follow.
func (b *Bridge) SetComment(c Comment) { b.opts.Comment = c }

// Conn opens the connection if that has not happened.
func (b *Bridge) Conn() (Conn, error) {
	if b.conn != nil {
		return b.conn, nil
	}
	if b.opts.Shared != nil {
		c, err := b.opts.Shared.Conn(b.opts.Context)
		if err != nil {
			return nil, b.failure(err)
		}
		b.conn = c
		return c, nil
	}
	b.opening()
	c, err := b.opts.Engine.Conn(b.opts.Context, b.opts.Name)
	if err != nil {
		return nil, b.failure(err)
	}
	b.conn = c
	return c, nil
}

// Close rolls back what is open and gives the connection up. The bridge opens a new one
// if it is used again.
func (b *Bridge) Close() error {
	c := b.conn
	if c == nil {
		return nil
	}
	b.conn = nil
	if b.opts.Shared != nil {
		return nil
	}
	if c.InTransaction() {
		b.rollingBack()
	}
	b.closing()
	return c.Close()
}

// lookup finds a method: the engine's own first, then the common ones.
func (b *Bridge) lookup(name string) (Method, bool) {
	if m, ok := b.surface.Methods[name]; ok {
		return m, true
	}
	m, ok := methods[name]
	return m, ok
}

// CallMethod calls adapter.name(args).
func (b *Bridge) CallMethod(th *value.Thread, name string, args value.Args) (value.Value, bool, error) {
	m, ok := b.lookup(name)
	if !ok {
		return value.Undef, false, nil
	}
	b.looked = b.looked || !LooksAtNothing(name)
	v, err := m(b, th, args)
	return v, true, err
}

// Looked reports that a template has asked for something whose answer is not in the project: what it
// rendered may be another text where the database is another one.
func (b *Bridge) Looked() bool { return b.looked }

// looksAtNothing are the methods that look at nothing but their arguments.
var looksAtNothing = map[string]bool{
	"type": true, "quote": true, "quote_as_configured": true, "quote_seed_column": true, "get_binding_char": true,
	"convert_type": true, "valid_incremental_strategies": true, "get_hard_deletes_behavior": true, "standardize_grants_dict": true,
	"render_raw_columns_constraints": true, "render_raw_model_constraints": true, "convert_datetimes_to_strs": true,
}

// LooksAtNothing reports that a method of the adapter object looks at nothing but its arguments.
func LooksAtNothing(method string) bool { return looksAtNothing[method] }

// Attr answers adapter.name.
func (b *Bridge) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "dispatch":
		return b.opts.Dispatch, !b.opts.Dispatch.IsUndefined(), nil
	case "behavior":
		return value.FromObject(&behavior{b}), true, nil
	case "Relation":
		if !b.opts.Relation.IsUndefined() {
			return b.opts.Relation, true, nil
		}
		return b.dialect.Class(), true, nil
	case "Column":
		return b.dialect.ColumnClass(), true, nil
	case "config":
		return value.FromObject(&adapterConfig{b}), true, nil
	}
	if v, ok := b.bound[name]; ok {
		return v, true, nil
	}
	m, ok := b.lookup(name)
	if !ok {
		return value.Undef, false, nil
	}
	b.looked = b.looked || !LooksAtNothing(name)
	v := value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) { return m(b, th, a) })
	if b.bound == nil {
		b.bound = map[string]value.Value{}
	}
	b.bound[name] = v
	return v, true, nil
}

// adapterConfig is adapter.config, as far as macros look into it.
type adapterConfig struct{ b *Bridge }

func (c *adapterConfig) TypeName() string { return "RuntimeConfig" }

func (c *adapterConfig) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "project_name":
		return value.String(c.b.opts.Project), true, nil
	case "credentials":
		return value.FromDict(c.b.opts.Credentials.Target()), true, nil
	case "quoting":
		return c.b.quoting.Value(), true, nil
	}
	return value.Undef, false, nil
}

// macro runs a macro with keyword arguments.
func (b *Bridge) macro(name string, kwargs ...value.Kwarg) (value.Value, error) {
	if b.opts.Macros == nil {
		return value.Undef, RaiseError("Internal", "Macro resolver was None when calling execute_macro!")
	}
	b.nested++
	defer func() { b.nested-- }()
	return b.opts.Macros.RunMacro(name, "", value.Args{Kwargs: kwargs})
}

func kw(name string, v value.Value) value.Kwarg { return value.Kwarg{Name: name, Value: v} }
