package adapters

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

func relationArg(v value.Value, method, arg string) (*relation.Relation, error) {
	r, ok := relation.FromValue(v)
	if !ok {
		return nil, argTypeError(method, arg, "Relation", value.Str(v), value.TypeName(v))
	}
	return r, nil
}

// ListRelations is what exists in a schema, from the cache if that has been listed.
func (b *Bridge) ListRelations(database, schema string) ([]*relation.Relation, error) {
	if err := b.ensureListed(database, schema); err != nil {
		return nil, err
	}
	return b.opts.Cache.Relations(database, schema), nil
}

// ensureListed fills the cache with a schema that is not there.
func (b *Bridge) ensureListed(database, schema string) error {
	if b.opts.Cache.Has(database, schema) {
		return nil
	}
	b.debug("CacheMiss", "E013", fmt.Sprintf("On \"%s\": cache miss for schema \"%s.%s\", this is inefficient", b.opts.Name, noneText(database), schema),
		map[string]any{"conn_name": b.opts.Name, "database": database, "schema": schema})
	return b.fill(database, schema)
}

// fill lists a schema into the cache; other goroutines that want it wait for this one.
func (b *Bridge) fill(database, schema string) error {
	return b.opts.Cache.list(database, schema, func() error {
		found, err := b.ListUncached(b.named(database, schema, ""))
		if err != nil {
			return err
		}
		for _, r := range found {
			b.opts.Cache.Add(r)
		}
		b.opts.Cache.AddSchema(database, schema)
		b.listed(database, schema, found)
		return nil
	})
}

func noneText(s string) string {
	if s == "" {
		return "None"
	}
	return s
}

func (b *Bridge) listed(database, schema string, found []*relation.Relation) {
	names := make([]string, len(found))
	keys := make([]refKey, len(found))
	for i, r := range found {
		names[i], keys[i] = r.Identifier, refKey{r}
	}
	b.debug("ListRelations", "E014", fmt.Sprintf("While listing relations in database=%s, schema=%s, found: %s", noneText(database), schema, strings.Join(names, ", ")),
		map[string]any{"database": database, "schema": schema, "relations": keys})
}

// named makes a relation with the project's quoting; identifier "" names the schema.
func (b *Bridge) named(database, schema, identifier string) *relation.Relation {
	r := b.dialect.New(database, schema, identifier, "").WithQuoting(b.quoting)
	if identifier == "" {
		return r.WithoutIdentifier()
	}
	return r
}

// ListUncached asks the database which relations a schema has.
func (b *Bridge) ListUncached(schema *relation.Relation) ([]*relation.Relation, error) {
	v, err := b.macro("list_relations_without_caching", kw("schema_relation", schema.Value()))
	if err != nil {
		return nil, err
	}
	rows, ok := rowsOf(v)
	if !ok {
		return nil, macroResult("list_relations_without_caching", "a table of database, name, schema and type", v)
	}
	out := make([]*relation.Relation, 0, len(rows))
	for _, row := range rows {
		if len(row) != 4 {
			return nil, macroResult("list_relations_without_caching", "rows of database, name, schema and type", v)
		}
		r := b.dialect.New(textPart(row[0]), textPart(row[2]), textPart(row[1]), relationType(value.Str(row[3])))
		r.QuotePolicy = relation.Policy{Database: true, Schema: true, Identifier: true}
		out = append(out, r)
	}
	return out, nil
}

// rowsOf are the rows of a table, or of a list that stands for one: macros of projects return
// those to say that there is nothing to list.
func rowsOf(v value.Value) ([][]value.Value, bool) {
	if table, ok := agate.FromValue(v); ok {
		return table.Rows, true
	}
	if v.Kind() != value.KindList && v.Kind() != value.KindTuple {
		return nil, false
	}
	rows := make([][]value.Value, len(v.Items()))
	for i, item := range v.Items() {
		if item.Kind() != value.KindList && item.Kind() != value.KindTuple {
			return nil, false
		}
		rows[i] = item.Items()
	}
	return rows, true
}

func textPart(v value.Value) string {
	if v.IsNull() {
		return ""
	}
	return value.Str(v)
}

func relationType(s string) relation.Type {
	switch t := relation.Type(s); t {
	case relation.Table, relation.View, relation.CTE, relation.MaterializedView, relation.External,
		relation.Ephemeral, relation.PointerTable, relation.Function:
		return t
	}
	return relation.External
}

func macroResult(macro, want string, got value.Value) error {
	return compilationError("the macro '%s' must return %s, it returned a value of type '%s'", macro, want, value.TypeName(got))
}

// GetRelation finds a relation by name, nil when there is none.
func (b *Bridge) GetRelation(database, schema, identifier string) (*relation.Relation, error) {
	if err := b.ensureListed(database, schema); err != nil {
		return nil, err
	}
	var all []*relation.Relation
	if identifier == "" {
		all = b.opts.Cache.Relations(database, schema)
	} else {
		all = b.opts.Cache.Named(database, schema, identifier)
	}
	search := [3]string{database, schema, identifier}
	quoted := [3]bool{b.quoting.Database, b.quoting.Schema, b.quoting.Identifier}
	var parts [3]*string
	for i, s := range search {
		if s == "" {
			continue
		}
		if !quoted[i] {
			s = strings.ToLower(s)
		}
		parts[i] = &s
	}
	var matches []*relation.Relation
	for _, r := range all {
		ok, err := r.Matches(parts[0], parts[1], parts[2])
		if err != nil {
			return nil, err
		}
		if ok {
			matches = append(matches, r)
		}
	}
	if len(matches) > 1 {
		return nil, ambiguous(database, schema, identifier, matches)
	}
	if len(matches) == 1 {
		return matches[0], nil
	}
	return nil, nil
}

func ambiguous(database, schema, identifier string, matches []*relation.Relation) error {
	d := value.NewDict(3)
	d.SetString("identifier", value.OptString(identifier))
	d.SetString("schema", value.OptString(schema))
	d.SetString("database", value.OptString(database))
	list := make([]value.Value, len(matches))
	for i, m := range matches {
		list[i] = m.Value()
	}
	return compilationError("get_relation returned more than one relation with the given args. "+
		"Please specify a database or schema to narrow down the result set.\n%s\n\n%s",
		value.Repr(value.FromDict(d)), value.Repr(value.NewList(list...)))
}

func listRelations(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("list_relations", "database", "schema")
	if err != nil {
		return value.Undef, err
	}
	return relationList(b.ListRelations(textPart(v[0]), textPart(v[1])))
}

func listUncached(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("list_relations_without_caching", "schema_relation")
	if err != nil {
		return value.Undef, err
	}
	r, err := relationArg(v[0], "list_relations_without_caching", "schema_relation")
	if err != nil {
		return value.Undef, err
	}
	return relationList(b.ListUncached(r))
}

func relationList(rels []*relation.Relation, err error) (value.Value, error) {
	if err != nil {
		return value.Undef, err
	}
	items := make([]value.Value, len(rels))
	for i, r := range rels {
		items[i] = r.Value()
	}
	return value.NewList(items...), nil
}

func getRelation(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_relation", "database", "schema", "identifier")
	if err != nil {
		return value.Undef, err
	}
	r, err := b.GetRelation(textPart(v[0]), textPart(v[1]), textPart(v[2]))
	if err != nil || r == nil {
		return value.None, err
	}
	return r.Value(), nil
}

func alreadyExists(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("already_exists", "schema", "name")
	if err != nil {
		return value.Undef, err
	}
	b.deprecated("already_exists", "get_relation")
	r, err := b.GetRelation(b.opts.Credentials.Database(), textPart(v[0]), textPart(v[1]))
	return value.Bool(r != nil), err
}

// DropRelation drops a relation and forgets it with all that depends on it.
func (b *Bridge) DropRelation(r *relation.Relation) error {
	if r.Type == "" {
		return compilationError("Tried to drop relation %s, but its type is null.", r.Render())
	}
	b.cacheDrop(r)
	_, err := b.macro("drop_relation", kw("relation", r.Value()))
	return err
}

func (b *Bridge) cacheDrop(r *relation.Relation) {
	b.cacheAction("drop_relation", "Dropping relation: "+keyText(r), r)
	gone := b.opts.Cache.Drop(r)
	if len(gone) == 0 {
		b.cacheAction("drop_missing_relation", "dropped a nonexistent relationship: "+keyText(r), r)
		return
	}
	names := make([]string, len(gone))
	for i, g := range gone {
		names[i] = keyText(g)
	}
	b.cacheAction("drop_cascade", "drop "+keyText(r)+" is cascading to ["+strings.Join(names, ", ")+"]", r)
}

func dropRelation(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("drop_relation", "relation")
	if err != nil {
		return value.Undef, err
	}
	r, err := relationArg(v[0], "drop_relation", "relation")
	if err != nil {
		return value.Undef, err
	}
	return value.None, b.DropRelation(r)
}

func truncateRelation(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("truncate_relation", "relation")
	if err != nil {
		return value.Undef, err
	}
	_, err = b.macro("truncate_relation", kw("relation", v[0]))
	return value.None, err
}

func renameRelation(b *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("rename_relation", "from_relation", "to_relation")
	if err != nil {
		return value.Undef, err
	}
	if _, err := cacheRenamed(b, th, a); err != nil {
		return value.Undef, err
	}
	_, err = b.macro("rename_relation", kw("from_relation", v[0]), kw("to_relation", v[1]))
	return value.None, err
}

func cacheAdded(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("cache_added", "relation")
	if err != nil {
		return value.Undef, err
	}
	if v[0].IsNull() {
		return value.Undef, compilationError("Attempted to cache a null relation for %s", b.opts.Name)
	}
	r, err := relationArg(v[0], "cache_added", "relation")
	if err != nil {
		return value.Undef, err
	}
	b.cacheAction("add_relation", "adding relation: "+keyText(r), r)
	b.opts.Cache.Add(r)
	return value.String(""), nil
}

func cacheDropped(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("cache_dropped", "relation")
	if err != nil {
		return value.Undef, err
	}
	if v[0].IsNull() {
		return value.Undef, compilationError("Attempted to drop a null relation for %s", b.opts.Name)
	}
	r, err := relationArg(v[0], "cache_dropped", "relation")
	if err != nil {
		return value.Undef, err
	}
	b.cacheDrop(r)
	return value.String(""), nil
}

func cacheRenamed(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("cache_renamed", "from_relation", "to_relation")
	if err != nil {
		return value.Undef, err
	}
	if v[0].IsNull() || v[1].IsNull() {
		name := func(v value.Value) string {
			if v.IsNull() {
				return "null relation"
			}
			return value.Str(v)
		}
		return value.Undef, compilationError("Attempted to rename %s to %s for %s", name(v[0]), name(v[1]), b.opts.Name)
	}
	from, err := relationArg(v[0], "cache_renamed", "from_relation")
	if err != nil {
		return value.Undef, err
	}
	to, err := relationArg(v[1], "cache_renamed", "to_relation")
	if err != nil {
		return value.Undef, err
	}
	b.cacheAction("rename_relation", "Renaming relation "+keyText(from)+" to "+keyText(to), from, to)
	known, err := b.opts.Cache.Rename(from, to)
	if err != nil {
		return value.Undef, err
	}
	if !known {
		b.cacheAction("temporary_relation", "old key "+keyText(from)+" not found in self.relations, assuming temporary", from)
	}
	return value.String(""), nil
}

// FillCache lists schemas into the cache, with the links between relations where the
// engine's drops cascade. It is called once, before the first node runs.
func (b *Bridge) FillCache(schemas []*relation.Relation) error {
	for _, s := range schemas {
		if err := b.fill(s.Database, s.Schema); err != nil {
			return err
		}
	}
	return b.link(schemas)
}

func (b *Bridge) link(schemas []*relation.Relation) error {
	if len(schemas) == 0 {
		return nil
	}
	links, err := b.Links()
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, s := range schemas {
		wanted[strings.ToLower(s.Schema)] = true
	}
	for _, l := range links {
		if wanted[strings.ToLower(l.Referenced.Schema)] {
			b.opts.Cache.AddLink(l.Referenced, l.Dependent)
		}
	}
	return nil
}

// Link says that a relation reads another one and is dropped with it.
type Link struct{ Dependent, Referenced *relation.Relation }

// Links asks which relations depend on which; none where drops do not cascade.
func (b *Bridge) Links() ([]Link, error) {
	if b.surface.LinkMacro == "" {
		return nil, nil
	}
	v, err := b.macro(b.surface.LinkMacro)
	if err != nil {
		return nil, err
	}
	table, ok := agate.FromValue(v)
	if !ok {
		return nil, macroResult(b.surface.LinkMacro, "a table of dependent and referenced names", v)
	}
	database := b.opts.Credentials.Database()
	links := make([]Link, 0, len(table.Rows))
	for _, row := range table.Rows {
		if len(row) != 4 {
			return nil, macroResult(b.surface.LinkMacro, "rows of dependent schema and name, referenced schema and name", v)
		}
		links = append(links, Link{
			Dependent:  b.dialect.New(database, value.Str(row[0]), value.Str(row[1]), ""),
			Referenced: b.dialect.New(database, value.Str(row[2]), value.Str(row[3]), ""),
		})
	}
	return links, nil
}
