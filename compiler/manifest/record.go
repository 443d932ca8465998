package manifest

import (
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// record reads a JSON object leniently: a missing or wrongly typed key is a zero value,
// as artifacts of other versions have other keys.
type record struct{ *value.Dict }

func (r record) get(key string) value.Value {
	if r.Dict == nil {
		return value.Undef
	}
	v, _ := r.GetString(key)
	return v
}

// own is get that tells an absent key.
func (r record) own(key string) (value.Value, bool) {
	if r.Dict == nil {
		return value.Undef, false
	}
	return r.GetString(key)
}

func (r record) str(key string) string {
	s, _ := r.get(key).AsString()
	return s
}

func (r record) float(key string) float64 {
	v := r.get(key)
	if f, ok := v.AsFloat(); ok {
		return f
	}
	i, _ := v.AsInt()
	return float64(i)
}

func (r record) bool(key string) bool {
	b, _ := r.get(key).AsBool()
	return b
}

func (r record) dict(key string) *value.Dict {
	d, _ := r.get(key).AsDict()
	return d
}

func (r record) sub(key string) record { return record{r.dict(key)} }

func (r record) time(key string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, r.str(key))
	if err != nil {
		return time.Time{}
	}
	return t
}

func stringsOf(v value.Value) []string {
	items := v.Items()
	if len(items) == 0 {
		return nil
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.AsString(); ok {
			list = append(list, s)
		}
	}
	return list
}

func (r record) strs(key string) []string { return stringsOf(r.get(key)) }

func (r record) lists(key string) [][]string {
	var out [][]string
	for _, item := range r.get(key).Items() {
		out = append(out, stringsOf(item))
	}
	return out
}

func (r record) records(key string) []record {
	var out []record
	for _, item := range r.get(key).Items() {
		if d, ok := item.AsDict(); ok {
			out = append(out, record{d})
		}
	}
	return out
}

func (r record) dicts(key string) []*value.Dict {
	var out []*value.Dict
	for _, item := range r.records(key) {
		out = append(out, item.Dict)
	}
	return out
}

// each visits the members of an object that are objects themselves.
func (r record) each(key string, visit func(id string, item record)) {
	d := r.dict(key)
	if d == nil {
		return
	}
	for k, v := range d.All() {
		if item, ok := v.AsDict(); ok {
			visit(value.Str(k), record{item})
		}
	}
}
