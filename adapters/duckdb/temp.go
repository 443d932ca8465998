package duckdb

import (
	"crypto/rand"
	"encoding/hex"
	"sync"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// tempSchema holds the temporary tables of incremental models on MotherDuck, which has
// no temporary tables of its own.
const tempSchema = "dbt_temp"

var tempSuffixes sync.Map // identifier → suffix, the same for the whole process

func tempSuffix(identifier string) string {
	if s, ok := tempSuffixes.Load(identifier); ok {
		return s.(string)
	}
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	s, _ := tempSuffixes.LoadOrStore(identifier, hex.EncodeToString(b[:]))
	return s.(string)
}

// tempRelationPath names such a table: a path that api.Relation takes.
func tempRelationPath(_ *adapters.Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_temp_relation_path", "model", "batch_id=")
	if err != nil {
		return value.Undef, err
	}
	identifier, err := value.GetAttr(th, v[0], "identifier")
	if err != nil {
		return value.Undef, err
	}
	database, err := value.GetAttr(th, v[0], "database")
	if err != nil {
		return value.Undef, err
	}
	schema := tempSchema
	if config, err := value.GetAttr(th, v[0], "config"); err == nil && !config.IsNull() {
		if meta, err := value.GetAttr(th, config, "meta"); err == nil && !meta.IsNull() {
			if d, ok := meta.AsDict(); ok {
				if s, ok := d.GetString("temp_schema_name"); ok && !s.IsNull() {
					schema = value.Str(s)
				}
			}
		}
	}
	name := value.Str(identifier) + "__" + tempSuffix(value.Str(identifier))
	if !v[1].IsNull() && value.Truth(v[1]) {
		name += "__" + value.Str(v[1])
	}
	r := dialect.New(value.Str(database), schema, name, "")
	return value.GetAttr(th, r.Value(), "path")
}
