package duckdb

import (
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// attachment is one database to attach besides the main one.
type attachment struct{ path, alias, sql string }

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (c *credentials) parseAttach(f *adapters.Fields) {
	for _, v := range f.List("attach") {
		d, ok := v.AsDict()
		if !ok {
			f.Fail("attach: %s is not of type 'object'", value.Repr(v))
			continue
		}
		a := adapters.NewFields(d)
		path, alias := a.RequireString("path"), a.String("", "alias")
		sql, err := attachSQL(a, path, alias)
		switch {
		case a.Err() != nil:
			f.Fail("attach: %s", a.Err())
		case err != "":
			f.Fail("%s", err)
		}
		c.attach = append(c.attach, attachment{path, alias, sql})
		if a.Bool(false, "is_ducklake") || strings.Contains(strings.ToLower(path), "ducklake:") {
			if alias == "" {
				alias = databaseOf(path)
			}
			c.ducklakes[alias] = true
		}
	}
}

func attachSQL(f *adapters.Fields, path, alias string) (sql, problem string) {
	typ, sec, readOnly, more := f.String("", "type"), f.String("", "secret"), f.Bool(false, "read_only"), f.Dict("options")
	if more == nil {
		more = value.NewDict(0)
	}
	var conflicts []value.Value
	option := func(name string, given bool) (value.Value, bool) {
		v, ok := more.GetString(name)
		if ok && given {
			conflicts = append(conflicts, value.String(name))
		}
		return v, ok && !given && value.Truth(v)
	}
	var options []string
	if v, ok := option("type", typ != ""); ok {
		typ = value.Str(v)
	}
	if v, ok := option("secret", sec != ""); ok {
		sec = value.Str(v)
	}
	if v, ok := option("read_only", readOnly); ok {
		readOnly = value.Truth(v)
	}
	if conflicts != nil {
		return "", "Attachment option(s) " + value.Repr(value.NewList(conflicts...)) +
			" specified in both direct fields and options dict. Please specify each option in only one location."
	}
	if typ != "" {
		options = append(options, "TYPE "+typ)
	}
	if sec != "" {
		options = append(options, "SECRET "+sec)
	}
	if readOnly {
		options = append(options, "READ_ONLY")
	}
	for k, v := range more.All() {
		name := value.Str(k)
		if name == "type" || name == "secret" || name == "read_only" || v.IsNull() {
			continue
		}
		name = strings.ToUpper(name)
		switch v.Kind() {
		case value.KindBool:
			if value.Truth(v) {
				options = append(options, name)
			}
		case value.KindString:
			options = append(options, name+" "+quotedOption(value.Str(v)))
		default:
			options = append(options, name+" "+value.Str(v))
		}
	}
	if isMotherDuck(path) {
		path = cutQuery(path) // ATTACH takes no parameters there
	}
	var b strings.Builder
	b.WriteString("ATTACH IF NOT EXISTS " + literal(path))
	if alias != "" {
		b.WriteString(" AS " + alias)
	}
	if options != nil {
		b.WriteString(" (" + strings.Join(options, ", ") + ")")
	}
	return b.String(), ""
}

// quotedOption keeps a value that comes with its own quotes.
func quotedOption(s string) string {
	t := strings.TrimSpace(s)
	if len(t) >= 2 && (t[0] == '\'' && t[len(t)-1] == '\'' || t[0] == '"' && t[len(t)-1] == '"') {
		return s
	}
	return literal(s)
}
