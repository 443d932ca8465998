package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// sink receives the keys of a resource in dbt's order. It is either the artifact, which
// needs no value in between, or a dict for templates. Both are fed from the same lists, so
// they cannot drift apart.
type sink struct {
	e *encoder
	d *value.Dict
}

// dictOf collects what fields puts.
func dictOf(capacity int, fields func(sink)) value.Value {
	d := value.NewDict(capacity)
	fields(sink{d: d})
	return value.FromDict(d)
}

func (s sink) put(key string, v value.Value) {
	if s.e != nil {
		s.e.member(key, v)
		return
	}
	s.d.SetString(key, v)
}

func (s sink) str(key, text string) {
	if s.e != nil {
		s.e.key(key)
		s.e.str(text)
		return
	}
	s.d.SetString(key, value.String(text))
}

// optStr is None for "".
func (s sink) optStr(key, text string) {
	if text == "" {
		s.none(key)
		return
	}
	s.str(key, text)
}

func (s sink) none(key string) {
	if s.e != nil {
		s.e.key(key)
		s.e.raw("null")
		return
	}
	s.d.SetString(key, value.None)
}

func (s sink) strs(key string, list []string) {
	if s.e != nil {
		s.e.key(key)
		s.e.strs(list)
		return
	}
	s.d.SetString(key, value.Strings(list...))
}

// dict is an empty dict for nil.
func (s sink) dict(key string, d *value.Dict) {
	if s.e != nil && (d == nil || d.Len() == 0) {
		s.e.key(key)
		s.e.raw("{}")
		return
	}
	s.put(key, orEmpty(d))
}

// open starts an object under a key; what the returned sink gets goes into it until close.
func (s sink) open(key string, capacity int) sink {
	if s.e != nil {
		s.e.key(key)
		s.e.raw("{")
		s.e.n = 0
		return s
	}
	d := value.NewDict(capacity)
	s.d.SetString(key, value.FromDict(d))
	return sink{d: d}
}

// close ends an object; the one around it goes on.
func (s sink) close() {
	if s.e != nil {
		s.e.raw("}")
		s.e.n = 1
	}
}
