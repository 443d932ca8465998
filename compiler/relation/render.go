package relation

import (
	"strconv"
	"strings"
)

// QuoteIdentifier puts the engine's quotes around s as it is; an embedded quote is the
// caller's business, as it is in dbt.
func (d *Dialect) QuoteIdentifier(s string) string {
	q := string(rune(d.quote()))
	return q + s + q
}

func (d *Dialect) quote() byte {
	if d.Quote == 0 {
		return '"'
	}
	return d.Quote
}

// Render is the dotted name, quoted as the policies say, without any limit or filter.
func (r *Relation) Render() string {
	if ext := r.Metadata[externalKey]; ext != "" {
		return ext
	}
	b := make([]byte, 0, len(r.Database)+len(r.Schema)+len(r.Identifier)+len(r.InformationView)+9)
	first := true
	part := func(s string, present, quoted bool) {
		if !present {
			return
		}
		if !first {
			b = append(b, '.')
		}
		first = false
		if !quoted {
			b = append(b, s...)
			return
		}
		q := r.Dialect.quote()
		b = append(b, q)
		b = append(b, s...)
		b = append(b, q)
	}
	part(r.Database, r.HasDatabase && r.IncludePolicy.Database, r.QuotePolicy.Database)
	part(r.Schema, r.HasSchema && r.IncludePolicy.Schema, r.QuotePolicy.Schema)
	part(r.Identifier, r.HasIdentifier && r.IncludePolicy.Identifier, r.QuotePolicy.Identifier)
	part(r.InformationView, r.InformationView != "", false)
	return string(b)
}

// String is what a template prints: the name, or a subquery when the relation is limited
// or restricted to a time range.
func (r *Relation) String() string {
	if r.Type == Function {
		return r.Render()
	}
	s := r.RenderLimited()
	if r.EventTime != nil {
		s = r.RenderEventTime(s)
	}
	return s
}

// RenderLimited is the name, wrapped in a limited subquery when there is a limit.
func (r *Relation) RenderLimited() string {
	name := r.sliced()
	switch {
	case r.Limit == nil:
		return name
	case *r.Limit == 0:
		return "(select * from " + name + " where false limit 0)" + r.subqueryAlias("limit")
	}
	return "(select * from " + name + " limit " + strconv.Itoa(*r.Limit) + ")" + r.subqueryAlias("limit")
}

// sliced is the name, or a subquery of the slice.
func (r *Relation) sliced() string {
	if r.Slice == "" {
		return r.Render()
	}
	return "(select * from " + r.Render() + " where " + r.Slice + ")"
}

// RenderEventTime wraps rendered in a subquery that keeps the rows of the time range.
func (r *Relation) RenderEventTime(rendered string) string {
	cond := r.EventTime.condition()
	if cond == "" {
		return rendered
	}
	return "(select * from " + rendered + " where " + cond + ")" + r.subqueryAlias("et_filter")
}

func (f *EventTimeFilter) condition() string {
	if f == nil {
		return ""
	}
	var conds []string
	if f.Start != "" {
		conds = append(conds, f.Field+" >= '"+f.Start+"'")
	}
	if f.End != "" {
		conds = append(conds, f.Field+" < '"+f.End+"'")
	}
	return strings.Join(conds, " and ")
}

func (r *Relation) subqueryAlias(purpose string) string {
	if !r.RequireAlias {
		return ""
	}
	id := r.Identifier
	if !r.HasIdentifier {
		id = "None"
	}
	return " _dbt_" + purpose + "_subq_" + id
}
