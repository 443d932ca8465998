package duckdb

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// secret is one entry for DuckDB's secret manager.
type secret struct{ sql string }

// secretPrefix starts the names of secrets that have none in the profile.
const secretPrefix = "_dbt_secret_"

func (c *credentials) parseSecrets(f *adapters.Fields) {
	for i, v := range f.List("secrets") {
		d, ok := v.AsDict()
		if !ok {
			f.Fail("secrets: %s is not of type 'object'", value.Repr(v))
			continue
		}
		s := adapters.NewFields(d)
		s.RequireString("type")
		sql := secretSQL(s, d, i+1)
		if err := s.Err(); err != nil {
			f.Fail("secrets: %s", err)
		}
		c.secrets = append(c.secrets, secret{sql})
	}
	switch p := f.String("", "use_credential_provider"); p {
	case "":
	case "aws":
		name := secretPrefix + strconv.Itoa(len(c.secrets)+1)
		c.secrets = append(c.secrets, secret{"CREATE OR REPLACE SECRET " + name + " (\n    type s3,\n    provider credential_chain\n)"})
	default:
		f.Fail("Unsupported value for use_credential_provider: %s", p)
	}
}

func secretSQL(f *adapters.Fields, d *value.Dict, number int) string {
	name := f.String(secretPrefix+strconv.Itoa(number), "name")
	var params []string
	add := func(key string, v value.Value) {
		if !v.IsNull() {
			params = append(params, key+" "+secretValue(key, v))
		}
	}
	for _, key := range []string{"type", "provider"} {
		if v, ok := d.GetString(key); ok {
			add(key, v)
		}
	}
	for k, v := range d.All() {
		switch key := value.Str(k); key {
		case "type", "provider", "name", "persistent", "scope":
		default:
			add(key, v)
		}
	}
	if scope, ok := d.GetString("scope"); ok && !scope.IsNull() {
		scopes := scope.Items()
		if scope.Kind() == value.KindString {
			scopes = []value.Value{scope}
		}
		for _, s := range scopes {
			params = append(params, "scope "+literal(value.Str(s)))
		}
	}
	persistent := ""
	if f.Bool(false, "persistent") {
		persistent = " PERSISTENT"
	}
	return "CREATE OR REPLACE" + persistent + " SECRET " + name + " (\n    " + strings.Join(params, ",\n    ") + "\n)"
}

func secretValue(key string, v value.Value) string {
	if d, ok := v.AsDict(); ok {
		var items []string
		for k, item := range d.All() {
			items = append(items, literal(value.Str(k))+": "+literal(value.Str(item)))
		}
		return "map {" + strings.Join(items, ", ") + "}"
	}
	if v.Kind() == value.KindList {
		var items []string
		for _, item := range v.Items() {
			items = append(items, literal(value.Str(item)))
		}
		return "array [" + strings.Join(items, ", ") + "]"
	}
	switch key {
	case "type", "provider", "extra_http_headers":
		return value.Str(v)
	}
	return literal(value.Str(v))
}
