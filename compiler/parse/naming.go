package parse

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// configNames are the naming configs as computed, before dbt_project.yml shows through None.
type configNames struct {
	database, schema, alias      value.Value
	targetDatabase, targetSchema value.Value
}

func namesOf(b *configBuilder) configNames {
	return configNames{
		database: b.lookup("database"), schema: b.lookup("schema"), alias: b.lookup("alias"),
		targetDatabase: b.lookup("target_database"), targetSchema: b.lookup("target_schema"),
	}
}

// name gives the node its database, schema, alias and relation through the project's
// generate_*_name macros.
func (p *parser) name(d *draft, c configNames) {
	n := d.node
	n.Database = p.component(d, "database", c.database)
	n.Schema = p.component(d, "schema", c.schema)
	n.Alias = p.component(d, "alias", c.alias)
	if n.ResourceType == manifest.Snapshot {
		if s, ok := c.targetDatabase.AsString(); ok && s != "" {
			n.Database = s
		}
		if s, ok := c.targetSchema.AsString(); ok && s != "" {
			n.Schema = s
		}
	}
	n.Relation = ""
	if p.isRelational(n) {
		n.Relation = p.env.NodeRelation(n).Render()
	}
	d.naming = true
}

// isRelational reports whether the node becomes an object in the database.
func (p *parser) isRelational(n *manifest.Node) bool {
	switch n.ResourceType {
	case manifest.Model, manifest.Seed, manifest.Snapshot, manifest.FunctionType:
		return n.Config.Materialized() != "ephemeral"
	case manifest.Test:
		return n.Config.Bool("store_failures", false) || p.flags.StoreFailures
	}
	return false
}

// generator is the macro behind one part of the name. builtin means that it is the
// library's own all the way down, whose answer is known without rendering.
type generator struct {
	builtin bool
	call    func(custom value.Value, node value.Value) (value.Value, error)
}

type generatorKey struct{ part, pkg string }

// generatorFor finds the macro for a part of the names in a package, once.
func (p *parser) generatorFor(part, pkg string) *generator {
	key := generatorKey{part, pkg}
	p.generatorsMu.RLock()
	g := p.generators[key]
	p.generatorsMu.RUnlock()
	if g != nil {
		return g
	}
	g = &generator{builtin: !p.macros.Overridden("generate_" + part + "_name")}
	if e, ok := p.macros.GenerateName(part, pkg); ok && !g.builtin {
		g.call = func(custom, node value.Value) (value.Value, error) {
			return e.Macro.Call(p.env.Thread(p.ctx, p.env.Naming(pkg)), value.Args{Pos: []value.Value{custom, node}})
		}
	}
	p.generatorsMu.Lock()
	defer p.generatorsMu.Unlock()
	p.generators[key] = g
	return g
}

func (p *parser) component(d *draft, part string, custom value.Value) string {
	g := p.generatorFor(part, d.pkg.Name)
	if g.builtin || g.call == nil {
		return p.builtinName(d.node, part, custom)
	}
	v, err := g.call(none(custom), d.node.Value(nil))
	if err != nil {
		p.report(nodeError(d.node, err, diag.CodeTemplateRuntime))
		d.failed = true
		return p.builtinName(d.node, part, custom)
	}
	if v.IsNull() {
		if part == "schema" {
			p.schemaIsNull(d)
		}
		return ""
	}
	return strings.TrimSpace(value.Str(v))
}

func (p *parser) schemaIsNull(d *draft) {
	if p.behavior("require_valid_schema_from_generate_schema_name") {
		p.report(d.fail(diag.CodeConfigValue, diag.Parsing, d.node.BodySpan, "Node '"+d.node.UniqueID+
			"' has a schema set to None as a result of a generate_schema_name call."))
		return
	}
	p.notes.add("GenerateSchemaNameNullValueDeprecation", d.node.BodySpan, "Node '"+d.node.UniqueID+
		"' has a schema set to None as a result of a generate_schema_name call.")
}

// builtinName is what the library's generate_*_name macros answer.
func (p *parser) builtinName(n *manifest.Node, part string, custom value.Value) string {
	given := ""
	if !custom.IsNull() {
		given = strings.TrimSpace(value.Str(custom))
	}
	has := value.Truth(custom)
	switch part {
	case "database":
		if custom.IsNull() {
			return p.database
		}
		return given
	case "schema":
		if custom.IsNull() {
			return p.schema
		}
		return p.schema + "_" + given
	}
	switch {
	case has:
		return given
	case value.Truth(n.Version):
		return n.Name + "_v" + strings.ReplaceAll(value.Str(n.Version), ".", "_")
	}
	return n.Name
}

func none(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.None
	}
	return v
}
