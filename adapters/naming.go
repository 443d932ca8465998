package adapters

import "github.com/millrace/millrace/compiler/jinja/value"

// Quote puts an identifier in the engine's quotes. Like dbt's, it does not escape: the
// name may hold a quote only if the user has doubled it.
func (b *Bridge) Quote(identifier string) string {
	q := b.dialect.Quote
	if q == 0 {
		q = '"'
	}
	return string(q) + identifier + string(q)
}

func quote(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("quote", "identifier")
	if err != nil {
		return value.Undef, err
	}
	return value.String(b.Quote(value.Str(v[0]))), nil
}

func quoteAsConfigured(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("quote_as_configured", "identifier", "quote_key")
	if err != nil {
		return value.Undef, err
	}
	quoted := false
	switch key, _ := v[1].AsString(); key {
	case "database":
		quoted = b.quoting.Database
	case "schema":
		quoted = b.quoting.Schema
	case "identifier":
		quoted = b.quoting.Identifier
	default:
		return v[0], nil
	}
	if !quoted {
		return v[0], nil
	}
	return value.String(b.Quote(value.Str(v[0]))), nil
}

func quoteSeedColumn(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("quote_seed_column", "column", "quote_config")
	if err != nil {
		return value.Undef, err
	}
	quoted := true
	switch v[1].Kind() {
	case value.KindBool:
		quoted, _ = v[1].AsBool()
	case value.KindNone, value.KindUndefined:
	default:
		return value.Undef, compilationError("The seed configuration value of \"quote_columns\" has an invalid type <class '%s'>", value.TypeName(v[1]))
	}
	if !quoted {
		return v[0], nil
	}
	return value.String(b.Quote(value.Str(v[0]))), nil
}

func typeName(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	_, err := a.Bind("type")
	return value.String(b.opts.Driver.Name()), err
}

func bindingChar(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	_, err := a.Bind("get_binding_char")
	if b.surface.BindingChar == "" {
		return value.String("%s"), err
	}
	return value.String(b.surface.BindingChar), err
}
