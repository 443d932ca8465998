package adapters

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Cache remembers which relations exist, so that every schema is listed once per
// invocation. Names are compared without case. It is safe for use by several goroutines.
type Cache struct {
	mu        sync.Mutex
	relations map[cacheKey]*cached
	named     map[string]map[cacheKey]*cached // by identifier as matchName has it
	order     uint64
	schemas   map[schemaKey]bool
	listing   map[schemaKey]*sync.Mutex
	ddl       sync.Mutex // one CREATE or DROP SCHEMA at a time: engines without waiting would conflict
	once      map[string]bool
}

// cacheKey is a name in lower case; has tells an absent part from an empty one.
type cacheKey struct {
	database, schema, identifier string
	hasDatabase, hasSchema       bool
}

type schemaKey struct {
	database, schema string
	hasDatabase      bool
}

type cached struct {
	rel   *relation.Relation
	refs  map[cacheKey]*cached // relations that go when this one is dropped with cascade
	order uint64               // of insertion
}

// NewCache makes an empty cache.
func NewCache() *Cache {
	return &Cache{relations: map[cacheKey]*cached{}, named: map[string]map[cacheKey]*cached{}, schemas: map[schemaKey]bool{}, listing: map[schemaKey]*sync.Mutex{}, once: map[string]bool{}}
}

func keyOf(r *relation.Relation) cacheKey {
	return cacheKey{strings.ToLower(r.Database), strings.ToLower(r.Schema), strings.ToLower(r.Identifier), r.HasDatabase, r.HasSchema}
}

func (k cacheKey) schemaKey() schemaKey { return schemaKey{k.database, k.schema, k.hasDatabase} }

func schemaKeyOf(database, schema string) schemaKey {
	return schemaKey{strings.ToLower(database), strings.ToLower(schema), database != ""}
}

// String is how dbt prints a key in messages.
func (k cacheKey) String() string {
	return "_ReferenceKey(database=" + value.Repr(optPart(k.database, k.hasDatabase)) + ", schema=" +
		value.Repr(optPart(k.schema, k.hasSchema)) + ", identifier=" + value.Repr(value.String(k.identifier)) + ")"
}

func optPart(s string, has bool) value.Value {
	if !has {
		return value.None
	}
	return value.String(s)
}

// Has reports that the schema was listed.
func (c *Cache) Has(database, schema string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.schemas[schemaKeyOf(database, schema)]
}

// Relations are the known relations of a schema in the order they became known.
func (c *Cache) Relations(database, schema string) []*relation.Relation {
	want := schemaKeyOf(database, schema)
	c.mu.Lock()
	defer c.mu.Unlock()
	return inSchema(c.relations, want)
}

// Named are those of Relations whose identifier is the given one but for case and quotes.
func (c *Cache) Named(database, schema, identifier string) []*relation.Relation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return inSchema(c.named[matchName(identifier)], schemaKeyOf(database, schema))
}

// matchName is an identifier without what Relation.Matches does not care for when it looks
// for relations that come near.
func matchName(identifier string) string { return strings.Trim(strings.ToLower(identifier), "\"`'[]") }

func inSchema(relations map[cacheKey]*cached, want schemaKey) []*relation.Relation {
	var found []*cached
	for k, r := range relations {
		if k.schemaKey() == want {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *cached) int {
		if a.order < b.order {
			return -1
		}
		return 1
	})
	out := make([]*relation.Relation, len(found))
	for i, r := range found {
		out[i] = r.rel
	}
	return out
}

// AddSchema marks a schema as listed.
func (c *Cache) AddSchema(database, schema string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schemas[schemaKeyOf(database, schema)] = true
}

// Add makes a relation known; one that is known already stays as it is.
func (c *Cache) Add(r *relation.Relation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(r)
}

func (c *Cache) add(r *relation.Relation) *cached {
	k := keyOf(r)
	c.schemas[k.schemaKey()] = true
	if old, ok := c.relations[k]; ok {
		return old
	}
	c.order++
	n := &cached{rel: r, refs: map[cacheKey]*cached{}, order: c.order}
	c.put(k, n)
	return n
}

func (c *Cache) put(k cacheKey, n *cached) {
	c.relations[k] = n
	name := matchName(k.identifier)
	if c.named[name] == nil {
		c.named[name] = map[cacheKey]*cached{}
	}
	c.named[name][k] = n
}

func (c *Cache) remove(k cacheKey) {
	delete(c.relations, k)
	name := matchName(k.identifier)
	delete(c.named[name], k)
	if len(c.named[name]) == 0 {
		delete(c.named, name)
	}
}

// AddLink notes that dropping referenced drops dependent too. A referenced relation in a
// schema that is not cached is none of ours; unknown relations elsewhere are added as external.
func (c *Cache) AddLink(referenced, dependent *relation.Relation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.schemas[keyOf(referenced).schemaKey()] {
		return
	}
	ref := c.ensure(referenced)
	ref.refs[keyOf(dependent)] = c.ensure(dependent)
}

func (c *Cache) ensure(r *relation.Relation) *cached {
	if old, ok := c.relations[keyOf(r)]; ok {
		return old
	}
	return c.add(r.WithType(relation.External))
}

// Drop forgets a relation and everything that a cascading drop takes along. It returns
// what was forgotten, nothing when the relation was unknown.
func (c *Cache) Drop(r *relation.Relation) []*relation.Relation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drop(keyOf(r))
}

func (c *Cache) drop(k cacheKey) []*relation.Relation {
	first, ok := c.relations[k]
	if !ok {
		return nil
	}
	gone := map[cacheKey]*cached{k: first}
	queue := []*cached{first}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for key, dep := range n.refs {
			if gone[key] == nil {
				gone[key] = dep
				queue = append(queue, dep)
			}
		}
	}
	var out []*relation.Relation
	for key, n := range gone {
		c.remove(key)
		out = append(out, n.rel)
	}
	for _, n := range c.relations {
		for key := range gone {
			delete(n.refs, key)
		}
	}
	return out
}

// Rename gives a relation another name; links keep pointing at it. A relation that is
// not known was a temporary one: the new name is added. It reports whether it was known.
func (c *Cache) Rename(from, to *relation.Relation) (known bool, err error) {
	oldKey, newKey := keyOf(from), keyOf(to)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.relations[newKey]; taken {
		return false, c.taken(newKey)
	}
	n, ok := c.relations[oldKey]
	if !ok {
		c.add(to)
		return false, nil
	}
	c.remove(oldKey)
	renamed := *n.rel
	renamed.Database, renamed.HasDatabase = to.Database, to.HasDatabase
	renamed.Schema, renamed.HasSchema = to.Schema, to.HasSchema
	renamed.Identifier, renamed.HasIdentifier = to.Identifier, to.HasIdentifier
	n.rel = &renamed
	c.put(newKey, n)
	c.schemas[newKey.schemaKey()] = true
	for _, other := range c.relations {
		if other.refs[oldKey] != nil {
			delete(other.refs, oldKey)
			other.refs[newKey] = n
		}
	}
	return true, nil
}

func (c *Cache) taken(k cacheKey) error {
	keys := slices.Collect(maps.Keys(c.relations))
	slices.SortFunc(keys, func(a, b cacheKey) int { return int(c.relations[a].order) - int(c.relations[b].order) })
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.String()
	}
	more := ""
	for _, suffix := range []string{"__dbt_backup", "__dbt_tmp"} {
		if i := strings.Index(k.identifier, suffix); i >= 0 && (suffix == "__dbt_backup" || strings.HasSuffix(k.identifier, suffix)) {
			more = "\n\nThe names of two models may have become equal when they were cut to the length that the database allows: " +
				"rename one of the models that begin with '" + k.identifier[:i] + "', then drop the leftovers of the old one."
			break
		}
	}
	return RaiseError(diag.Internal, "Cache inconsistency detected: in rename, new key %s already in cache: [%s]%s", k, strings.Join(names, ", "), more)
}

// DropSchema forgets a schema with its relations.
func (c *Cache) DropSchema(database, schema string) {
	want := schemaKeyOf(database, schema)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.schemas[want] {
		return
	}
	for k := range c.relations {
		if k.schemaKey() == want {
			c.drop(k)
		}
	}
	delete(c.schemas, want)
}

// Clear forgets everything.
func (c *Cache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.relations)
	clear(c.named)
	clear(c.schemas)
}

// list holds back other goroutines that want the same schema until fn has filled it.
func (c *Cache) list(database, schema string, fn func() error) error {
	k := schemaKeyOf(database, schema)
	c.mu.Lock()
	m := c.listing[k]
	if m == nil {
		m = &sync.Mutex{}
		c.listing[k] = m
	}
	c.mu.Unlock()
	m.Lock()
	defer m.Unlock()
	if c.Has(database, schema) {
		return nil
	}
	return fn()
}

// First reports whether this is the first call with text in the invocation.
func (c *Cache) First(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.once[text] {
		return false
	}
	c.once[text] = true
	return true
}
