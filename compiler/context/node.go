package context

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// ParseNode is what is known of a node before its template has been rendered.
type ParseNode struct {
	Package      string
	Name         string
	UniqueID     string
	ResourceType string
	Path         string // original_file_path, for messages
	Database     string // "" is the target's
	Schema       string
	Alias        string // "" is the name
	FQN          []string

	This       *relation.Relation // nil: made from the names above
	Model      func() value.Value // `model`; nil: a dict of the fields above
	TestKwargs *value.Dict        // arguments of a generic test as written; rendered when first used
}

// this is the relation that a node's names give.
func (e *Env) this(n *ParseNode) *relation.Relation {
	if n.This != nil {
		return n.This
	}
	alias := n.Alias
	if alias == "" {
		alias = n.Name
	}
	r := e.Dialect.New(orDefault(n.Database, e.database), orDefault(n.Schema, e.schema), alias, "")
	r.QuotePolicy = e.quoting
	return r
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func (e *Env) parseModel(n *ParseNode) value.Value {
	if n.Model != nil {
		return n.Model()
	}
	d := value.NewDict(10)
	set := func(k, v string) { d.SetString(k, value.String(v)) }
	set("database", orDefault(n.Database, e.database))
	set("schema", orDefault(n.Schema, e.schema))
	set("name", n.Name)
	set("resource_type", n.ResourceType)
	set("package_name", n.Package)
	set("original_file_path", n.Path)
	set("unique_id", n.UniqueID)
	d.SetString("fqn", value.Strings(n.FQN...))
	set("alias", orDefault(n.Alias, n.Name))
	return value.FromDict(d)
}
