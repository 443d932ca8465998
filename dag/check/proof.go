package check

import (
	"errors"
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/scan"
	"github.com/millrace/millrace/dag/run"
)

// proof knows what keeps a relation from having the columns of its query.
type proof struct {
	session  *run.Session
	internal map[string]bool // macro packages of the program
	// overridden: the project brings macros of its own that create relations, or its hooks
	// alter tables.
	overridden bool
}

// creating are the macros that turn a query into a relation.
var creating = map[string]bool{
	"create_table_as": true, "create_view_as": true, "get_create_sql": true, "get_create_table_as_sql": true, "get_create_view_as_sql": true,
	"get_create_materialized_view_as_sql": true, "get_replace_sql": true, "get_replace_table_sql": true, "get_replace_view_sql": true,
	"get_create_intermediate_sql": true, "create_or_replace_view": true, "get_table_columns_and_constraints": true, "get_select_subquery": true,
	"create_csv_table": true, "reset_csv_table": true, "get_csv_sql": true, "load_csv_rows": true,
	"build_snapshot_table": true, "snapshot_staging_table": true, "create_columns": true, "create_indexes": true,
	"process_schema_changes": true, "sync_column_schemas": true, "alter_relation_add_remove_columns": true,
}

func newProof(s *run.Session) *proof {
	p := &proof{session: s, internal: map[string]bool{}}
	if s.Project != nil {
		for _, pkg := range s.Project.Packages {
			p.internal[pkg.Name] = pkg.Internal
		}
	}
	for _, m := range s.Manifest.Macros {
		_, name, dispatched := strings.Cut(m.Name, "__")
		if !dispatched {
			name = m.Name
		}
		if !p.internal[m.PackageName] && creating[name] {
			p.overridden = true
		}
	}
	for _, h := range s.Manifest.Operations {
		p.overridden = p.overridden || saysAlter(h.RawCode) || p.macrosSay(h.DependsOn.Macros, saysAlter, map[string]bool{})
	}
	return p
}

func saysAlter(text string) bool { return strings.Contains(strings.ToLower(text), "alter") }

// saysInvocation reports text about what is another thing in another command.
func saysInvocation(text string) bool {
	return strings.Contains(text, "selected_resources") || strings.Contains(text, "invocation_args_dict")
}

// saysCommand reports text about what one command knows otherwise than another.
func saysCommand(text string) bool {
	return strings.Contains(text, "flags") || strings.Contains(text, "thread_id") || strings.Contains(text, "context")
}

// sameEverywhere reports that a node's code is the same in every command, as far as its text says and that of
// the macros it calls.
func (p *proof) sameEverywhere(n *manifest.Node) bool {
	return !saysCommand(n.RawCode) && !p.macrosSay(n.DependsOn.Macros, saysCommand, map[string]bool{})
}

// macrosSay reports that the text of some macros, or of those that they call, says something;
// the program's own are left out.
func (p *proof) macrosSay(ids []string, says func(string) bool, seen map[string]bool) bool {
	for _, id := range ids {
		m := p.session.Manifest.Macros[id]
		if m == nil || seen[id] || p.internal[m.PackageName] {
			continue
		}
		seen[id] = true
		if says(m.SQL) || p.macrosSay(m.DependsOn, says, seen) {
			return true
		}
	}
	return false
}

// alters reports that a hook of a node may change the columns of a relation: it says so, or calls a
// macro, which may do anything.
func alters(hook string) bool {
	if saysAlter(hook) {
		return true
	}
	statements := scan.Statements(hook)
	for _, s := range statements {
		switch strings.ToLower(scan.FirstWord(hook[s.Start:s.End])) {
		case "grant", "revoke", "analyze", "vacuum", "comment", "insert", "update", "delete", "set", "checkpoint", "select", "copy":
		case "create":
			if rest := strings.Fields(strings.ToLower(hook[s.Start:s.End])); len(rest) < 2 || rest[1] != "index" && rest[1] != "unique" {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// plainQuery tells why a node's compiled code may not be a query that the engine binds as
// it is; nil when it is one.
func (p *proof) plainQuery(n *manifest.Node) error {
	if n.Language == "python" {
		return errors.New("it is written in Python")
	}
	if saysInvocation(n.RawCode) || p.macrosSay(n.DependsOn.Macros, saysInvocation, map[string]bool{}) {
		return errors.New("its code depends on the selection or on arguments of the command")
	}
	materialization := n.Config.Materialized()
	switch n.ResourceType {
	case manifest.Model:
		switch materialization {
		case "ephemeral":
			return nil
		case "table", "view", "incremental", "materialized_view", "external":
		default:
			return errors.New("what its materialization does with the code is not known: " + materialization)
		}
	case manifest.Snapshot:
	default:
		return nil
	}
	if !p.session.BuiltinMaterialization(materialization) {
		return errors.New("the project replaces its materialization: " + materialization)
	}
	return nil
}

// own reports that a relation has the columns of its query and no others, as far as
// materialization and hooks are concerned.
func (p *proof) own(n *manifest.Node) bool {
	if compile.IsEphemeral(n) {
		return true
	}
	if p.overridden || n.Config.Materialized() == "external" {
		return false
	}
	for _, key := range []string{"pre-hook", "post-hook"} {
		for _, h := range n.Config.Hooks(key) {
			if alters(h.SQL) {
				return false
			}
		}
	}
	return true
}

// at most assumed, unless it is proven.
func (p *proof) bound(n *manifest.Node, c sql.Certainty) sql.Certainty {
	if p.own(n) {
		return c
	}
	return min(c, sql.Assumed)
}
