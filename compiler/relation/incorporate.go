package relation

import (
	"maps"
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// incorporate merges the given fields deeply into a copy; a path part given as None becomes absent.
func incorporate(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Pos) > 0 {
		return value.Undef, value.Errorf("TypeError", "incorporate() takes 1 positional argument but %d were given", len(a.Pos)+1)
	}
	c := *r
	for _, kw := range a.Kwargs {
		if err := c.merge(kw.Name, kw.Value); err != nil {
			return value.Undef, err
		}
	}
	return c.Value(), c.Check()
}

// replaceFields sets whole fields in a copy, as dataclasses.replace does.
func replaceFields(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Pos) > 0 {
		return value.Undef, value.Errorf("TypeError", "replace() takes 1 positional argument but %d were given", len(a.Pos)+1)
	}
	c := *r
	for _, kw := range a.Kwargs {
		if !c.hasField(kw.Name) {
			return value.Undef, value.Errorf("TypeError", "%s.__init__() got an unexpected keyword argument '%s'", r.TypeName(), kw.Name)
		}
		switch kw.Name {
		case "path":
			c.setPath(nil, nil, nil)
		case "quote_policy", "include_policy":
			*c.policy(kw.Name) = Policy{true, true, true}
		}
		if err := c.merge(kw.Name, kw.Value); err != nil {
			return value.Undef, err
		}
	}
	return c.Value(), c.Check()
}

func (r *Relation) hasField(name string) bool {
	switch name {
	case "path", "type", "quote_policy", "include_policy", "limit", "event_time_filter", "require_alias", "dbt_created", "catalog":
		return true
	case "information_schema_view":
		return r.InformationSchema
	case "quote_character", "renameable_relations", "replaceable_relations":
		return true
	}
	_, ok := r.Metadata[name]
	return ok || name == externalKey
}

func (r *Relation) policy(field string) *Policy {
	if field == "quote_policy" {
		return &r.QuotePolicy
	}
	return &r.IncludePolicy
}

func (r *Relation) setPath(database, schema, identifier *string) {
	setPart(&r.Database, &r.HasDatabase, database)
	setPart(&r.Schema, &r.HasSchema, schema)
	setPart(&r.Identifier, &r.HasIdentifier, identifier)
}

func (r *Relation) setPathPart(part string, v value.Value) {
	var s *string
	if !v.IsNone() {
		text := value.Str(v)
		s = &text
	}
	switch part {
	case "database":
		setPart(&r.Database, &r.HasDatabase, s)
	case "schema":
		setPart(&r.Schema, &r.HasSchema, s)
	case "identifier":
		setPart(&r.Identifier, &r.HasIdentifier, s)
	}
}

// merge takes one field as create() and incorporate() accept it: dicts are merged,
// unknown fields are ignored.
func (r *Relation) merge(field string, v value.Value) error {
	invalid := func(kind string) error {
		return value.Errorf("InvalidFieldValue", `Field "%s" of type %s in %s has invalid value %s`, field, kind, r.TypeName(), value.Repr(v))
	}
	switch field {
	case "path":
		switch parts := v; {
		case isRelationPath(parts):
			o, _ := parts.AsObject()
			p := o.(*pathObject).r
			r.Database, r.HasDatabase, r.Schema, r.HasSchema, r.Identifier, r.HasIdentifier = p.Database, p.HasDatabase, p.Schema, p.HasSchema, p.Identifier, p.HasIdentifier
		default:
			d, ok := v.AsDict()
			if !ok {
				return invalid("Path")
			}
			for k, part := range d.All() {
				if name, ok := k.AsString(); ok {
					r.setPathPart(name, part)
				}
			}
		}
	case "quote_policy", "include_policy":
		p := r.policy(field)
		if given, ok := PolicyFromValue(v); ok {
			*p = given
			return nil
		}
		d, ok := v.AsDict()
		if !ok {
			return invalid("Policy")
		}
		mergePolicy(p, d)
	case "type":
		if v.IsNull() {
			r.Type = ""
			return nil
		}
		s, ok := v.AsString()
		if !ok || !Type(s).known() {
			return invalid("Optional[RelationType]")
		}
		r.Type = Type(s)
	case "limit":
		if v.IsNull() {
			r.Limit = nil
			return nil
		}
		n, ok := v.AsInt()
		if !ok {
			return invalid("Optional[int]")
		}
		limit := int(n)
		r.Limit = &limit
	case "event_time_filter":
		return r.mergeEventTime(v, invalid)
	case "require_alias":
		r.RequireAlias = value.Truth(v)
	case "dbt_created":
		r.DBTCreated = value.Truth(v)
	case "catalog", "catalog_name":
		if field == "catalog" {
			r.Catalog = optional(v)
		}
	case "information_schema_view":
		if !r.InformationSchema {
			return nil
		}
		if !v.IsNone() && v.Kind() != value.KindString {
			return compilationError("Got an invalid name: %s", value.Str(v))
		}
		r.InformationView = optional(v)
	case externalKey:
		r.Metadata = withKey(r.Metadata, field, optional(v))
	}
	return nil
}

func (r *Relation) mergeEventTime(v value.Value, invalid func(string) error) error {
	if v.IsNull() {
		r.EventTime = nil
		return nil
	}
	if o, ok := v.AsObject(); ok {
		if e, ok := o.(*eventTimeObject); ok {
			f := e.f
			r.EventTime = &f
			return nil
		}
	}
	d, ok := v.AsDict()
	if !ok {
		return invalid("Optional[EventTimeFilter]")
	}
	f := EventTimeFilter{}
	if r.EventTime != nil {
		f = *r.EventTime
	}
	for k, part := range d.All() {
		switch name, _ := k.AsString(); name {
		case "field_name":
			f.Field = value.Str(part)
		case "start":
			f.Start = optional(part)
		case "end":
			f.End = optional(part)
		}
	}
	r.EventTime = &f
	return nil
}

func optional(v value.Value) string {
	if v.IsNull() {
		return ""
	}
	return value.Str(v)
}

func withKey(m map[string]string, key, val string) map[string]string {
	out := maps.Clone(m)
	if val == "" {
		delete(out, key)
		return out
	}
	if out == nil {
		out = make(map[string]string, 1)
	}
	out[key] = val
	return out
}

func isRelationPath(v value.Value) bool {
	o, ok := v.AsObject()
	if !ok {
		return false
	}
	_, ok = o.(*pathObject)
	return ok
}

// replacePath sets parts of the path in a copy; only strings and None are names.
func replacePath(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Pos) > 0 {
		return value.Undef, value.Errorf("TypeError", "replace_path() takes 1 positional argument but %d were given", len(a.Pos)+1)
	}
	c := *r
	for _, kw := range a.Kwargs {
		if !slices.Contains(partNames[:], kw.Name) {
			return value.Undef, value.Errorf("TypeError", "Path.__init__() got an unexpected keyword argument '%s'", kw.Name)
		}
		if !kw.Value.IsNone() && kw.Value.Kind() != value.KindString {
			return value.Undef, compilationError("Got an invalid path %s: %s", kw.Name, value.Str(kw.Value))
		}
		c.setPathPart(kw.Name, kw.Value)
	}
	return c.Value(), c.Check()
}

func (r *Relation) pathDict(omitNone bool) *value.Dict {
	d := value.NewDict(3)
	put := func(name, s string, present bool) {
		if present || !omitNone {
			d.SetString(name, r.part(s, present))
		}
	}
	put("database", r.Database, r.HasDatabase)
	put("schema", r.Schema, r.HasSchema)
	put("identifier", r.Identifier, r.HasIdentifier)
	return d
}

func (r *Relation) toDict(omitNone bool) *value.Dict {
	d := value.NewDict(13)
	put := func(name string, v value.Value) {
		if !omitNone || !v.IsNone() {
			d.SetString(name, v)
		}
	}
	put("path", value.FromDict(r.pathDict(omitNone)))
	put("type", value.OptString(string(r.Type)))
	put("quote_character", value.String(string(rune(r.Dialect.quote()))))
	put("include_policy", value.FromDict(r.IncludePolicy.dict()))
	put("quote_policy", value.FromDict(r.QuotePolicy.dict()))
	put("dbt_created", value.Bool(r.DBTCreated))
	put("limit", r.limitValue())
	if r.EventTime == nil {
		put("event_time_filter", value.None)
	} else {
		put("event_time_filter", value.FromDict((&eventTimeObject{*r.EventTime}).dict()))
	}
	put("require_alias", value.Bool(r.RequireAlias))
	put("catalog", value.OptString(r.Catalog))
	put("renameable_relations", r.typeNames(r.Dialect.RenameTypes))
	put("replaceable_relations", r.typeNames(r.Dialect.ReplaceTypes))
	if r.InformationSchema {
		put("information_schema_view", value.OptString(r.InformationView))
	}
	for _, k := range slices.Sorted(maps.Keys(r.Metadata)) {
		put(k, value.String(r.Metadata[k]))
	}
	return d
}
