package declare

import (
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// place finds where in the user's file settings stand: values come rendered from the
// manifest, positions from the file they were read from.
type place struct {
	node     *yaml.Node
	prefix   []any
	fallback diag.Span
}

func locate(src *manifest.Source) place {
	p := place{fallback: src.Span}
	if src.Span.Source == nil {
		return p
	}
	doc, problems := yaml.Parse(src.Span.Source)
	if problems.Err() != nil {
		return p
	}
	for _, group := range doc.Get("sources").Items() {
		if name, _ := group.Get("name").String(); name != src.SourceName {
			continue
		}
		for _, table := range group.Get("tables").Items() {
			if name, _ := table.Get("name").String(); name != src.Name {
				continue
			}
			p.node = table
			switch {
			case table.Get("config").Get("meta").Has("stream"):
				p.prefix = []any{"config", "meta", "stream"}
			case table.Get("meta").Has("stream"):
				p.prefix = []any{"meta", "stream"}
			}
			return p
		}
	}
	return p
}

// spanOf is where a setting stands; for a path that is not there, what encloses it.
func (p place) spanOf(path []any) diag.Span {
	if p.node == nil {
		return p.fallback
	}
	full := append(append([]any{}, p.prefix...), path...)
	if len(full) > 0 {
		if key, ok := full[len(full)-1].(string); ok {
			parent := p.node
			if len(full) > 1 {
				parent = p.node.At(full[:len(full)-1]...)
			}
			if parent.Has(key) && !parent.Get(key).IsSequence() && !parent.Get(key).IsMapping() {
				return parent.Get(key).Span()
			}
			if parent.Has(key) {
				return parent.KeySpan(key)
			}
		}
	}
	return p.node.At(full...).Span()
}

// reader reads settings and collects what is wrong with them.
type reader struct {
	where  place
	path   []any
	dict   *value.Dict
	list   *diag.List
	what   string // "stream" where nothing is said
	source string
	id     string
	errors map[string]bool
}

func (r *reader) add(span diag.Span, summary, hint string) {
	what := r.what
	if what == "" {
		what = "stream"
	}
	d := diag.New(diag.CodeStream, diag.Parsing, span, what+" "+r.source+": "+summary)
	d.Hint, d.NodeID = hint, r.id
	*r.list = append(*r.list, d)
}

func (r *reader) bad(path []any, summary string) {
	r.mark(path)
	r.add(r.where.spanOf(append(append([]any{}, r.path...), path...)), summary, "")
}

func (r *reader) suggest(path []any, summary, got string, candidates ...string) {
	r.mark(path)
	hint := ""
	if len(got) > 1 {
		hint = diag.DidYouMean(got, candidates)
	}
	r.add(r.where.spanOf(append(append([]any{}, r.path...), path...)), summary, hint)
}

func (r *reader) mark(path []any) {
	if len(path) > 0 {
		if key, ok := path[0].(string); ok {
			if r.errors == nil {
				r.errors = map[string]bool{}
			}
			r.errors[key] = true
		}
	}
}

func (r *reader) failed(key string) bool { return r.errors[key] }

func (r *reader) inside(key string, d *value.Dict) *reader {
	return &reader{where: r.where, path: append(append([]any{}, r.path...), key), dict: d, list: r.list, what: r.what, source: r.source, id: r.id}
}

func (r *reader) column(c *manifest.Column) *reader {
	w := place{fallback: r.where.fallback}
	if r.where.node != nil {
		for _, n := range r.where.node.Get("columns").Items() {
			if name, _ := n.Get("name").String(); name == c.Name {
				w.node = n
			}
		}
	}
	return &reader{where: w, list: r.list, source: r.source, id: r.id}
}

func (r *reader) known(keys ...string) {
	for k := range r.dict.All() {
		name := value.Str(k)
		if !contains(keys, name) {
			what := "meta.stream"
			for _, p := range r.path {
				what += "." + value.Str(value.FromGo(p))
			}
			r.suggestKey(name, what, keys)
		}
	}
}

func (r *reader) suggestKey(name, what string, keys []string) {
	hint := diag.DidYouMean(name, keys)
	span := r.where.fallback
	if r.where.node != nil {
		span = r.where.node.At(append(append([]any{}, r.where.prefix...), r.path...)...).KeySpan(name)
	}
	r.add(span, "'"+name+"' is no key of "+what, hint)
}

func (r *reader) has(key string) bool {
	v, ok := r.dict.GetString(key)
	return ok && !v.IsNull()
}

func (r *reader) text(key string) string {
	v, ok := r.dict.GetString(key)
	if !ok || v.IsNull() {
		return ""
	}
	s, ok := v.AsString()
	if !ok {
		r.bad([]any{key}, "'"+key+"' must be text, not "+value.TypeName(v))
	}
	return s
}

func (r *reader) texts(key string) []string {
	v, ok := r.dict.GetString(key)
	if !ok || v.IsNull() {
		return nil
	}
	if s, ok := v.AsString(); ok {
		return []string{s}
	}
	l, ok := v.AsList()
	if !ok {
		r.bad([]any{key}, "'"+key+"' must be a list of texts, not "+value.TypeName(v))
		return nil
	}
	var out []string
	for i, item := range l.Items {
		s, ok := item.AsString()
		if !ok || s == "" {
			r.bad([]any{key, i}, "'"+key+"' must be a list of texts")
			continue
		}
		out = append(out, s)
	}
	return out
}

// values are settings that map names to values.
func (r *reader) values(key string) map[string]string {
	out := map[string]string{}
	v, ok := r.dict.GetString(key)
	if !ok {
		return out
	}
	d, ok := v.AsDict()
	if !ok {
		r.bad([]any{key}, key+" must map names to values")
		return out
	}
	for k, item := range d.All() {
		out[value.Str(k)] = value.Str(item)
	}
	return out
}

func (r *reader) choice(key, fallback string, allowed ...string) string {
	if !r.has(key) {
		return fallback
	}
	s := r.text(key)
	if s != "" && !contains(allowed, s) {
		r.suggest([]any{key}, "'"+key+"' must be one of "+strings.Join(allowed, ", ")+", not '"+s+"'", s, allowed...)
		return ""
	}
	return s
}

func (r *reader) integer(key string) (int64, bool) {
	if !r.has(key) {
		return 0, false
	}
	v, _ := r.dict.GetString(key)
	n, ok := v.AsInt()
	if !ok {
		r.bad([]any{key}, "'"+key+"' must be a whole number, not "+value.TypeName(v))
	}
	return n, ok
}

// share reads "1%" or 0.01.
func (r *reader) share(key string) float64 {
	v, _ := r.dict.GetString(key)
	var f float64
	ok := false
	if s, isText := v.AsString(); isText {
		if n, found := strings.CutSuffix(strings.TrimSpace(s), "%"); found {
			x, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
			f, ok = x/100, err == nil
		}
	} else if f, ok = v.AsFloat(); !ok {
		var n int64
		if n, ok = v.AsInt(); ok {
			f = float64(n)
		}
	}
	if !ok || f <= 0 || f > 1 {
		r.bad([]any{key}, "'"+key+"' must be a share such as 1% or 0.01")
	}
	return f
}

func (r *reader) duration(key string, fallback time.Duration) time.Duration {
	if !r.has(key) {
		return fallback
	}
	d, ok := parseDuration(r.text(key))
	if !ok && !r.failed(key) {
		r.bad([]any{key}, "'"+key+"' must be a duration such as 500ms, 10s or 5m")
	}
	return d
}

func parseDuration(s string) (time.Duration, bool) {
	if n, ok := strings.CutSuffix(s, "d"); ok {
		days, err := strconv.Atoi(n)
		return time.Duration(days) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

func (r *reader) moment(key string, v value.Value) time.Time {
	t, ok := parseMoment(value.Str(v))
	if !ok {
		r.bad([]any{key}, "'"+key+"' must be a moment with a time zone, such as 2026-01-31T00:00:00Z")
	}
	return t
}

func parseMoment(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// extras reads meta.stream of a column: where its value stands and what its numbers mean.
func (r *reader) extras(c *manifest.Column, f *decode.Field) {
	if c.Meta == nil {
		return
	}
	v, ok := c.Meta.GetString("stream")
	if !ok {
		return
	}
	in := r.streamMeta()
	d, ok := v.AsDict()
	if !ok {
		in.bad(nil, "meta.stream of the column '"+c.Name+"' must be a mapping with 'path', 'aliases', 'default' or 'epoch'")
		return
	}
	in.dict = d
	in.known("path", "aliases", "default", "epoch")
	f.Aliases = in.texts("aliases")
	if v, ok := d.GetString("default"); ok && !v.IsNull() {
		f.Default = value.Str(v)
		if b, isBool := v.AsBool(); isBool {
			f.Default = strconv.FormatBool(b)
		}
	}
	if p := in.text("path"); p != "" {
		f.Path = strings.Split(p, ".")
	}
	switch in.choice("epoch", "", "d", "s", "ms", "us") {
	case "d":
		f.Epoch = decode.Days
	case "s":
		f.Epoch = decode.Seconds
	case "ms":
		f.Epoch = decode.Millis
	case "us":
		f.Epoch = decode.Micros
	}
}

// streamMeta reads inside meta.stream of a column.
func (r *reader) streamMeta() *reader {
	in := &reader{where: r.where, list: r.list, source: r.source, id: r.id}
	in.where.prefix = []any{"meta", "stream"}
	if r.where.node.Get("config").Get("meta").Has("stream") {
		in.where.prefix = []any{"config", "meta", "stream"}
	}
	return in
}
