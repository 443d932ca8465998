package relation

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

func runtimeError(format string, args ...any) error {
	return diag.New(diag.CodeTemplateRuntime, diag.Runtime, diag.Span{}, fmt.Sprintf(format, args...))
}

func compilationError(format string, args ...any) error {
	return diag.New(diag.CodeTemplateRuntime, diag.Compilation, diag.Span{}, fmt.Sprintf(format, args...))
}

// Check reports an identifier that the engine would cut off. A relation without a type
// passes, because names of tests and candidates are not created as such.
func (r *Relation) Check() error {
	if limit := r.Dialect.MaxIdentifier; limit > 0 && !r.InformationSchema && r.Type != "" && r.HasIdentifier && len(r.Identifier) > limit {
		return runtimeError("Relation name '%s' is longer than %d characters", r.Identifier, limit)
	}
	return nil
}

// Matches compares the given parts (nil is not compared) with the relation's. Parts that
// differ only in case or quotes are an error rather than a guess.
func (r *Relation) Matches(database, schema, identifier *string) (bool, error) {
	type pair struct {
		want      *string
		have      string
		present   bool
		caseBound bool
	}
	parts := [3]pair{
		{database, r.Database, r.HasDatabase, r.QuotePolicy.Database},
		{schema, r.Schema, r.HasSchema, r.QuotePolicy.Schema},
		{identifier, r.Identifier, r.HasIdentifier, r.QuotePolicy.Identifier},
	}
	if database == nil && schema == nil && identifier == nil {
		return false, runtimeError("Tried to match relation, but no search path was passed!")
	}
	exact, approximate := true, true
	quote := string(rune(r.Dialect.quote()))
	for _, p := range parts {
		if p.want == nil {
			continue
		}
		lowered := strings.ToLower(p.have)
		if r.DBTCreated && !p.caseBound {
			exact = exact && p.present && lowered == strings.ToLower(*p.want)
		} else {
			exact = exact && p.present && p.have == *p.want
		}
		if !p.present {
			lowered = "None"
		}
		if strings.Trim(lowered, quote) != strings.Trim(strings.ToLower(*p.want), quote) {
			approximate = false
		}
	}
	if approximate && !exact {
		target := &Relation{Dialect: r.Dialect, QuotePolicy: r.Dialect.Quoting, IncludePolicy: r.Dialect.Include}
		setPart(&target.Database, &target.HasDatabase, database)
		setPart(&target.Schema, &target.HasSchema, schema)
		setPart(&target.Identifier, &target.HasIdentifier, identifier)
		return false, compilationError("When searching for a relation, dbt found an approximate match. "+
			"Instead of guessing \nwhich relation to use, dbt will move on. Please delete %s, or rename it to be less ambiguous."+
			"\nSearched for: %s\nFound: %s", r, target, r)
	}
	return exact, nil
}

func setPart(dst *string, has *bool, v *string) {
	if v == nil {
		*dst, *has = "", false
		return
	}
	*dst, *has = *v, true
}
