// Package compile turns parsed nodes into the SQL that runs: it renders their templates
// with execute = true, puts ephemeral parents in front as CTEs, and remembers which part
// of the result came from which place in the user's files. It opens no connection; what
// templates ask of the database goes through the runtime that the caller hands in.
package compile

import (
	"context"
	"sync"

	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// Compiler compiles the nodes of one manifest. It is safe for use by several goroutines;
// each ephemeral model is compiled once.
type Compiler struct {
	Env      *rendering.Env
	Manifest *manifest.Manifest
	// Defer is the manifest whose relations stand in for those that are missing here.
	Defer      *manifest.Manifest
	FavorState bool
	// Selected are the nodes of this run; with FavorState only they are not deferred.
	Selected func(id string) bool
	// Empty limits every ref and source to no rows (--empty).
	Empty bool
	// Sample restricts refs and sources with an event_time to a window (--sample).
	Sample *Window
	// TargetPath is the target folder as artifacts name it ("target").
	TargetPath string
	// NoInjection leaves ephemeral parents out (--no-inject-ephemeral-ctes).
	NoInjection bool

	mu        sync.Mutex
	ephemeral map[string]*shared
	generated sync.Map // templates of code that stands in no file, by generatedCode
}

// generatedCode is the code of a generic test, which many tests of a file have in common.
type generatedCode struct{ path, text string }

type shared struct {
	once sync.Once
	out  *Output
	err  error
}

// Host is what compiling one node may use.
type Host struct {
	// Runtime has the adapter, thread and node info; Ref and Source are set by the compiler.
	Runtime rendering.Runtime
	// Exists reports whether a relation is there, for deferral; nil means that it is not known.
	Exists func(*relation.Relation) (bool, error)
	// LoadSource brings the rows of a source that are not there by themselves; nil loads nothing.
	LoadSource func(*manifest.Source) error
	// Batch is the range of the microbatch that is being built.
	Batch *Window
	// Fixtures replace relations by CTEs in a unit test.
	Fixtures *Fixtures
	// Slices restrict inputs to the rows that a streamed model takes in.
	Slices *Slices
}

// Output is a compiled node.
type Output struct {
	manifest.Compiled
	Map *Map
	own string // the code before ephemeral parents were put in front
}

// Compile renders a node and injects its ephemeral parents. An error is a diagnostic with
// a position, or the error of the context.
func (c *Compiler) Compile(ctx context.Context, n *manifest.Node, h Host) (*Output, error) {
	out, deps, err := c.render(ctx, n, h)
	if err != nil {
		return nil, Named(err, n)
	}
	if out.ForeignKeys, err = c.foreignKeys(n); err != nil {
		return nil, Named(err, n)
	}
	if !c.NoInjection && len(deps.list) > 0 {
		ctes, err := c.parents(ctx, n, deps.list, h)
		if err != nil {
			return nil, err
		}
		inject(out, ctes)
	}
	if h.Slices != nil && !h.Slices.nested {
		h.Slices.name(out)
	}
	return out, nil
}

// render renders the node's own template.
func (c *Compiler) render(ctx context.Context, n *manifest.Node, h Host) (*Output, *dependencies, error) {
	out := &Output{}
	out.Path = c.writePath("compiled", n, "")
	if n.ResourceType == manifest.Seed {
		return out, &dependencies{}, nil
	}
	rt, deps := c.Runtime(n, h)
	scope, state := c.Env.Run(n, c.Manifest, rt)
	th := c.Env.Thread(ctx, scope)
	if n.Language == "python" && n.ResourceType == manifest.Model {
		err := c.python(th, n, out)
		out.Called(n, state.Macros())
		return out, deps, err
	}
	if err := out.overloads(th, n); err != nil {
		return nil, nil, err
	}
	src, start, end := Body(n)
	text := src.Text[start:end]
	if jinja.IsConstant(text) {
		out.Code, out.own = text, text
		out.Map = constantMap(src.At(start, end))
		return out, deps, nil
	}
	tmpl, d := c.template(n, src, start, end)
	if d != nil {
		return nil, nil, d
	}
	code, segments, err := tmpl.RenderMapped(th)
	if err != nil {
		return nil, nil, err
	}
	out.Code, out.own = code, code
	out.Map = newMap(segments)
	out.Called(n, state.Macros())
	return out, deps, nil
}

// overloads renders the bodies of a function's further signatures.
func (o *Output) overloads(th *value.Thread, n *manifest.Node) error {
	for _, item := range n.Overloads.Items() {
		overload, ok := item.AsDict()
		if !ok {
			continue
		}
		name, _ := overload.GetString("defined_in")
		body, _ := overload.GetString("raw_body")
		tmpl, d := jinja.Parse(diag.NewSource(value.Str(name), value.Str(body)))
		if d != nil {
			return d
		}
		code, err := tmpl.Render(th)
		if err != nil {
			return err
		}
		o.Overloads = append(o.Overloads, code)
	}
	return nil
}

func (c *Compiler) template(n *manifest.Node, src *diag.Source, start, end int) (*jinja.Template, *diag.Diagnostic) {
	if src == n.BodySpan.Source {
		return jinja.ParseAt(src, start, end)
	}
	key := generatedCode{src.Path, src.Text}
	if t, ok := c.generated.Load(key); ok {
		return t.(*jinja.Template), nil
	}
	t, d := jinja.ParseAt(src, start, end)
	if d == nil {
		c.generated.Store(key, t)
	}
	return t, d
}

// python appends to a Python model what makes it runnable; its own code is no template.
func (c *Compiler) python(th *value.Thread, n *manifest.Node, out *Output) error {
	tmpl, d := jinja.Parse(diag.NewSource(n.OriginalFilePath, "{{ py_script_postfix(model) }}"))
	if d != nil {
		return d
	}
	postfix, err := tmpl.Render(th)
	if err != nil {
		return err
	}
	src, start, end := Body(n)
	out.Code = n.RawCode + "\n\n" + postfix
	out.own = out.Code
	out.Map = constantMap(src.At(start, end))
	return nil
}

// Body is where a node's template stands: in the user's file, or by itself when the code
// was generated (generic tests).
func Body(n *manifest.Node) (src *diag.Source, start, end int) {
	if s := n.BodySpan; s.Valid() && s.Start >= 0 && s.End <= len(s.Source.Text) && s.Start <= s.End && s.Source.Text[s.Start:s.End] == n.RawCode {
		return s.Source, s.Start, s.End
	}
	return diag.NewSource(n.OriginalFilePath, n.RawCode), 0, len(n.RawCode)
}

// parents compiles the ephemeral models in order, each with its own parents before it.
func (c *Compiler) parents(ctx context.Context, n *manifest.Node, ids []string, h Host) ([]cte, error) {
	var out []cte
	seen := map[string]bool{}
	add := func(x cte) {
		if !seen[x.ID] {
			seen[x.ID] = true
			out = append(out, x)
		}
	}
	for _, id := range ids {
		if h.Fixtures != nil {
			if f, ok := h.Fixtures.byID[id]; ok {
				add(cte{CTE: manifest.CTE{ID: id, SQL: cteText(f.Identifier, f.SQL)}, from: f.Map, head: cteHead(f.Identifier)})
				continue
			}
		}
		parent := c.Manifest.Nodes[id]
		if parent == nil {
			return nil, Named(diag.New(diag.CodeRefNotFound, diag.Internal, n.BodySpan,
				"During compilation, found a cte reference that could not be resolved: "+id), n)
		}
		p, err := c.ephemeralOutput(ctx, parent, h)
		if err != nil {
			return nil, err
		}
		for _, x := range p.ctes() {
			add(x)
		}
		name := parent.Alias
		if name == "" {
			name = parent.Name
		}
		add(cte{CTE: manifest.CTE{ID: id, SQL: cteText(name, p.own)}, from: p.Map.own(), head: cteHead(name)})
	}
	return out, nil
}

// ephemeralOutput compiles an ephemeral model once for all that use it. A unit test
// compiles its own, as its fixtures change what they read, and so does a model that reads slices.
func (c *Compiler) ephemeralOutput(ctx context.Context, n *manifest.Node, h Host) (*Output, error) {
	if h.Fixtures != nil || h.Slices != nil {
		if h.Slices != nil {
			h.Slices = h.Slices.within()
		}
		return c.Compile(ctx, n, h)
	}
	c.mu.Lock()
	if c.ephemeral == nil {
		c.ephemeral = map[string]*shared{}
	}
	s := c.ephemeral[n.UniqueID]
	if s == nil {
		s = &shared{}
		c.ephemeral[n.UniqueID] = s
	}
	c.mu.Unlock()
	s.once.Do(func() {
		h.Batch = nil
		s.out, s.err = c.Compile(ctx, n, h)
	})
	return s.out, s.err
}

// Ephemeral compiles an ephemeral model into the place where its users find it.
func (c *Compiler) Ephemeral(ctx context.Context, n *manifest.Node, h Host) (*Output, error) {
	return c.ephemeralOutput(ctx, n, h)
}

// IsEphemeral reports whether a node is inlined instead of built.
func IsEphemeral(n *manifest.Node) bool {
	return n != nil && n.ResourceType == manifest.Model && n.Config.Materialized() == "ephemeral"
}

// Named puts the node into a diagnostic that has none.
func Named(err error, n *manifest.Node) error {
	d, ok := err.(*diag.Diagnostic)
	if !ok || d.Node != "" {
		return err
	}
	c := *d
	c.NodeID = n.UniqueID
	c.Node = Describe(n)
	return &c
}

// Describe is how messages name a node: "model orders (models/orders.sql)".
func Describe(n *manifest.Node) string {
	return string(n.ResourceType) + " " + n.Name + " (" + n.OriginalFilePath + ")"
}
