// Package schemas judges what the writers of a topic put into it against what is declared:
// which schemas are let in, and which columns a table grows by. Each verdict is recorded
// once, in the transaction of the first rows that it let in.
package schemas

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/relation"
)

// Verdicts.
const (
	Accepted     = "accepted"     // all declared columns are there, and nothing else
	Ignored      = "ignored"      // there are further fields, which do not land
	Appended     = "appended"     // there are further fields, for which the table has columns now
	Widened      = "widened"      // a field has a wider type, and its column too now
	Missing      = "missing"      // declared columns are not there: they become null or their default
	Incompatible = "incompatible" // the schema breaks the rule of compatibility, or does not fit a column
	Refused      = "refused"      // there are further fields, which on_schema_change does not let in
)

// Usage is a place of a schema in a registry.
type Usage struct {
	Subject string
	Version int
}

// Registry is what governing asks a registry.
type Registry interface {
	decode.Registry
	// Usages are the places of a schema.
	Usages(ctx context.Context, id int) ([]Usage, error)
	// Versions are the versions of a subject in order.
	Versions(ctx context.Context, subject string) ([]int, error)
	// Version is one version of a subject.
	Version(ctx context.Context, subject string, version int) (*decode.Schema, error)
}

// Governor judges the schemas of one stream. Decoders ask it at the same time.
type Governor struct {
	src      *declare.Source
	dialect  decode.Dialect
	registry Registry // nil for records without schemas
	tables   []*relation.Relation
	// Told, if set, hears of each verdict when it is new. It must not ask the governor.
	Told func(ledger.Verdict)

	mu         sync.Mutex
	fields     []decode.Field
	generation int
	judged     map[int]*decode.Error
	noted      map[string]bool // fields of records without schemas
	recorded   map[string]bool
	pending    []ledger.Verdict
}

// New makes the governor of a stream that lands in the given tables. known are verdicts
// that the ledger has, and grown the columns that its tables have beyond the declared ones.
func New(src *declare.Source, d decode.Dialect, r Registry, tables []*relation.Relation, known []ledger.Verdict, grown []decode.Field) *Governor {
	g := &Governor{src: src, dialect: d, registry: r, tables: tables, fields: slices.Clone(src.Fields),
		judged: map[int]*decode.Error{}, noted: map[string]bool{}, recorded: map[string]bool{}}
	if src.OnSchemaChange.Grows() {
		g.fields = append(g.fields, grown...)
	}
	for _, v := range known {
		g.recorded[identity(v)] = true
	}
	return g
}

func identity(v ledger.Verdict) string {
	return fmt.Sprintf("%s\x00%d\x00%s\x00%s", v.Subject, v.ID, v.Verdict, v.Detail)
}

// Fields are the columns that are decoded now. The generation tells one answer from another.
func (g *Governor) Fields() ([]decode.Field, int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fields, g.generation
}

// Pending are the verdicts that are not in the ledger yet, with the columns that they lead
// to. Recorded is told when they are.
func (g *Governor) Pending() ([]ledger.Verdict, []decode.Field) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.pending), g.fields
}

// Recorded says that the first n pending verdicts are in the ledger.
func (g *Governor) Recorded(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending = g.pending[n:]
}

func (g *Governor) record(v ledger.Verdict) {
	if id := identity(v); !g.recorded[id] {
		g.recorded[id] = true
		g.pending = append(g.pending, v)
		if g.Told != nil {
			g.Told(v)
		}
	}
}

// Judge implements decode.Judge.
func (g *Governor) Judge(ctx context.Context, id int, s *decode.Schema, shape decode.Shape) *decode.Error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err, ok := g.judged[id]; ok {
		return err
	}
	use, e := g.usage(ctx, id)
	if e != nil {
		return unanswered(e)
	}
	v := ledger.Verdict{Subject: use.Subject, ID: id, Version: use.Version}
	broken, e := g.breaks(ctx, use, s)
	if e != nil {
		return unanswered(e)
	}
	if broken != "" {
		v.Verdict, v.Detail = Incompatible, broken
		g.record(v)
		g.judged[id] = g.refuse(decode.CodeIncompatible, fmt.Sprintf("schema %d (%s version %d) is not %s: %s", id, use.Subject, use.Version, g.src.Compatibility, broken))
		return g.judged[id]
	}
	if g.src.Landing == declare.LandDebezium {
		after, ok := shape.Find([]string{"after"})
		if !ok {
			v.Verdict, v.Detail = Incompatible, "the schema is of no change event: it has no 'after'"
			g.record(v)
			g.judged[id] = g.refuse(decode.CodeIncompatible, v.Detail)
			return g.judged[id]
		}
		shape = after.Members
	}
	err := g.compare(v, shape)
	if err == nil || !err.Grown {
		g.judged[id] = err
	} else {
		g.judged[id] = nil
	}
	return err
}

func unanswered(err error) *decode.Error {
	return &decode.Error{Stage: decode.StageValue, Code: "outage", Message: err.Error(), Outage: err}
}

// refuse is what records meet whose schema is not let in.
func (g *Governor) refuse(code, message string) *decode.Error {
	err := &decode.Error{Stage: decode.StageValue, Code: code, Message: message}
	if g.src.OnSchemaChange == declare.FailOnFields {
		d := diag.New(diag.CodeSchemaChange, diag.Runtime, g.src.Span, "stream "+g.src.Name+": "+message)
		d.NodeID = g.src.ID
		d.Hint = "declare what is new, or choose another on_schema_change"
		err.Fatal = d
	}
	return err
}

// compare compares what a schema holds with the columns.
func (g *Governor) compare(v ledger.Verdict, shape decode.Shape) *decode.Error {
	if len(shape) == 0 {
		return nil // a bare value, or a message type other than the first of its file
	}
	var fresh []decode.Member
	var missing, misfit []string
	wider := map[int]string{}
	for i := range g.fields {
		f := &g.fields[i]
		m, ok := f.In(shape)
		switch {
		case !ok:
			missing = append(missing, f.Name)
			continue
		case i >= len(g.src.Fields) && g.src.OnSchemaChange == declare.SyncColumns:
			if t := decode.Wider(f.Type.Name, m.Type, g.dialect); t != "" && t != f.Type.Name {
				wider[i] = t
				continue
			}
		}
		if why := f.Fit(m, g.dialect); why != "" {
			misfit = append(misfit, f.Name+": "+why)
		}
	}
	for _, m := range shape {
		if !g.wanted(m.Name) {
			fresh = append(fresh, m)
		}
	}
	if len(misfit) > 0 {
		w := v
		w.Verdict, w.Detail = Incompatible, strings.Join(misfit, "; ")
		g.record(w)
		if g.src.OnSchemaChange == declare.FailOnFields {
			return g.refuse(decode.CodeIncompatible, w.Detail)
		}
	}
	if len(missing) > 0 {
		w := v
		w.Verdict, w.Detail = Missing, strings.Join(missing, ", ")
		g.record(w)
	}
	if len(fresh) == 0 {
		if len(missing)+len(misfit)+len(wider) == 0 {
			v.Verdict = Accepted
			g.record(v)
		}
		return g.widen(v, wider)
	}
	names := make([]string, len(fresh))
	for i, m := range fresh {
		names[i] = m.Name
	}
	switch g.src.OnSchemaChange {
	case declare.AppendColumns, declare.SyncColumns:
		grown := g.grow(v, fresh)
		if err := g.widen(v, wider); err != nil {
			return err
		}
		return grown
	case declare.QuarantineFields, declare.FailOnFields:
		v.Verdict, v.Detail = Refused, strings.Join(names, ", ")
		g.record(v)
		return g.refuse(decode.CodeChanged, fmt.Sprintf("schema %d has fields that are not declared: %s", v.ID, v.Detail))
	}
	v.Verdict, v.Detail = Ignored, strings.Join(names, ", ")
	g.record(v)
	return nil
}

// wanted reports that some column takes a field, or a part of it.
func (g *Governor) wanted(name string) bool {
	for i := range g.fields {
		if g.fields[i].Takes(name) {
			return true
		}
	}
	return false
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (g *Governor) alter(what string) string {
	out := make([]string, len(g.tables))
	for i, t := range g.tables {
		out[i] = "alter table " + t.Render() + " " + what
	}
	return strings.Join(out, ";\n")
}

var grown = &decode.Error{Stage: decode.StageValue, Code: decode.CodeChanged, Message: "the stream's columns have become more", Grown: true}

// grow adds columns for fields.
func (g *Governor) grow(v ledger.Verdict, fresh []decode.Member) *decode.Error {
	fields := slices.Clone(g.fields)
	var names, ddl []string
	for _, m := range fresh {
		taken := slices.ContainsFunc(fields, func(f decode.Field) bool { return decode.SameName(f.Name, m.Name) })
		t, ok := decode.ParseType(m.Type, g.dialect)
		if taken || !ok || strings.HasPrefix(strings.ToLower(m.Name), "_stream_") {
			w := v
			w.Verdict, w.Detail = Ignored, m.Name
			g.record(w)
			g.noted[m.Name] = true
			continue
		}
		fields = append(fields, decode.Field{Name: m.Name, Type: t})
		names = append(names, m.Name+" "+t.Name)
		ddl = append(ddl, g.alter("add column "+quote(m.Name)+" "+t.Name))
	}
	if len(names) == 0 {
		return nil
	}
	v.Verdict, v.Detail, v.DDL = Appended, strings.Join(names, ", "), strings.Join(ddl, ";\n")
	g.record(v)
	g.fields = fields
	g.generation++
	return grown
}

// widen gives columns that were appended a wider type.
func (g *Governor) widen(v ledger.Verdict, wider map[int]string) *decode.Error {
	if len(wider) == 0 {
		return nil
	}
	fields := slices.Clone(g.fields)
	var names, ddl []string
	for i := range fields {
		name, ok := wider[i]
		if !ok {
			continue
		}
		t, ok := decode.ParseType(name, g.dialect)
		if !ok {
			continue
		}
		names = append(names, fields[i].Name+" "+fields[i].Type.Name+" → "+t.Name)
		ddl = append(ddl, g.alter("alter column "+quote(fields[i].Name)+" set data type "+t.Name))
		fields[i].Type = t
	}
	v.Verdict, v.Detail, v.DDL = Widened, strings.Join(names, ", "), strings.Join(ddl, ";\n")
	g.record(v)
	g.fields = fields
	g.generation++
	return grown
}
