package postgres

import (
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Surface implements adapters.Surfaced.
func (Driver) Surface() *adapters.Surface { return surface }

var surface = &adapters.Surface{
	ErrorKind:   diag.Database,
	Constraints: adapters.AllConstraints,
	Strategies:  []string{"append", "delete+insert", "merge", "microbatch"},
	Behavior: []adapters.BehaviorFlag{{
		Name: "postgres_skip_autocommit_transaction_statements", Default: true,
		Description: "With autocommit, no BEGIN, COMMIT or ROLLBACK is sent, since every statement commits on its own.",
	}},
	LinkMacro: "postgres__get_relations",
	Methods: map[string]adapters.Method{
		"verify_database": verifyDatabase,
		"parse_index":     adapters.ParseIndex(adapters.IndexFields{Type: true}),
	},
}

// verifyDatabase refuses names of other databases, which a connection cannot reach.
func verifyDatabase(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("verify_database", "database")
	if err != nil {
		return value.Undef, err
	}
	database := value.Str(v[0])
	if strings.HasPrefix(database, `"`) {
		database = strings.Trim(database, `"`)
	}
	expected := b.Credentials().Database()
	if !strings.EqualFold(database, expected) {
		return value.Undef, adapters.RaiseError("NotImplemented", "Cross-db references not allowed in postgres (%s vs %s)", database, expected)
	}
	return value.String(""), nil
}
