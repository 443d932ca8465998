package tracing

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql/query"
)

// find is what a name means: a column of what the block reads, or an item of its select list.
func (b *blockTracer) find(qualifier, name string) (value, bool) {
	var out value
	found := 0
	for _, s := range b.sources {
		if qualifier != "" && !strings.EqualFold(s.alias, qualifier) {
			continue
		}
		for _, c := range s.columns {
			if strings.EqualFold(c.name, name) && (qualifier != "" || !s.merged[strings.ToLower(name)]) {
				out = c.value
				found++
			}
		}
	}
	if qualifier != "" || !b.aliases {
		if found == 0 {
			b.lacks(qualifier, name)
		}
		return out, found == 1
	}
	i := slices.IndexFunc(b.items, func(c traced) bool { return strings.EqualFold(c.name, name) })
	switch {
	case i >= 0 && found == 0:
		return b.items[i].value, true
	case i >= 0 && b.either:
		same := found == 1 && slices.Equal(b.items[i].from, out.from)
		return out, same
	case found == 0:
		b.lacks("", name)
	}
	return out, found == 1
}

// ownNames are names that mean something without anybody having defined them.
var ownNames = query.Words("rowid", "user", "session_user", "current_role", "current_catalog", "current_schema", "excluded", "localtime", "localtimestamp")

// lacks notes a name that means nothing where it stands, if it surely does: as a name alone it may
// be that of a later item or of a whole row, and before a dot that of a column with members.
func (b *blockTracer) lacks(qualifier, name string) {
	if b.asking || b.within > 0 || b.block == nil || query.Bare[name] || ownNames[name] {
		return
	}
	for _, it := range b.block.Items {
		if qualifier == "" && strings.EqualFold(it.Alias, name) {
			return
		}
	}
	for _, s := range b.sources {
		if qualifier == "" && strings.EqualFold(s.alias, name) {
			return
		}
		for _, c := range s.columns {
			if qualifier != "" && strings.EqualFold(c.name, qualifier) {
				return
			}
		}
	}
	if b.missing == "" {
		b.missing = name
	}
}

// whole reads tokens that are one expression.
func (b *blockTracer) whole(tokens []query.Token) (value, bool) {
	e := &expression{b: b, Parser: query.Parser{Tokens: tokens}}
	v, ok := e.read()
	return v, ok && e.Done()
}

// all reads expressions between commas.
func (b *blockTracer) all(tokens []query.Token) (value, bool) {
	e := &expression{b: b, Parser: query.Parser{Tokens: tokens}}
	v, ok := e.list()
	return v, ok && e.Done()
}
