package parse

import (
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// threshold is a freshness as dbt computes with it. set tells a threshold that was
// written from one that was not; null is an explicit null.
type threshold struct {
	null        bool
	warn, error *value.Dict // {count, period}; nil is null
	filter      value.Value
}

func emptyTime() *value.Dict {
	d := value.NewDict(2)
	d.SetString("count", value.None)
	d.SetString("period", value.None)
	return d
}

func emptyFreshness() *value.Dict { return newThreshold().dict() }

func newThreshold() threshold {
	return threshold{warn: emptyTime(), error: emptyTime(), filter: value.None}
}

// thresholdOf reads a freshness property; has is false when the key is absent.
func thresholdOf(d *value.Dict, key string) threshold {
	t := newThreshold()
	if d == nil {
		return t
	}
	v, has := d.GetString(key)
	if !has {
		return t
	}
	given, ok := v.AsDict()
	if !ok {
		return threshold{null: true}
	}
	t.warn = timeOf(given, "warn_after")
	t.error = timeOf(given, "error_after")
	if f, ok := given.GetString("filter"); ok {
		t.filter = f
	}
	return t
}

func timeOf(d *value.Dict, key string) *value.Dict {
	v, has := d.GetString(key)
	if !has {
		return emptyTime()
	}
	given, ok := v.AsDict()
	if !ok {
		return nil
	}
	out, _ := filled(value.FromDict(given), value.FromDict(emptyTime())).AsDict()
	return out
}

// isTime reports a complete {count, period}.
func isTime(d *value.Dict) bool {
	return d != nil && !get(d, "count").IsNull() && !get(d, "period").IsNull()
}

func (t threshold) given() bool { return !t.null && (isTime(t.warn) || isTime(t.error)) }

func (t threshold) dict() *value.Dict {
	d := value.NewDict(3)
	d.SetString("warn_after", dictOrNone(t.warn))
	d.SetString("error_after", dictOrNone(t.error))
	d.SetString("filter", none(t.filter))
	return d
}

func dictOrNone(d *value.Dict) value.Value {
	if d == nil {
		return value.None
	}
	return value.FromDict(d)
}

// mergeThresholds applies each threshold to the ones before it.
func mergeThresholds(list ...threshold) threshold {
	out := list[0]
	for _, update := range list[1:] {
		switch {
		case !out.null && !update.null:
			filter := update.filter
			if filter.IsNull() {
				filter = out.filter
			}
			out = threshold{warn: mergeTimes(out.warn, update.warn), error: mergeTimes(out.error, update.error), filter: filter}
		case out.null && update.given():
			out = update
		default:
			out = threshold{null: true}
		}
	}
	return out
}

func mergeTimes(base, update *value.Dict) *value.Dict {
	switch {
	case isTime(base) && isTime(update):
		return mergeTime(base, update)
	case update == nil:
		return nil
	case isTime(update):
		return update
	case base != nil:
		return base
	}
	return nil
}

func mergeTime(base, update *value.Dict) *value.Dict {
	out := base.Copy()
	for k, v := range update.All() {
		if !v.IsNull() {
			out.SetString(value.Str(k), v)
		}
	}
	return out
}

// checkConfigFreshness refuses counts and periods under `config:` that dbt cannot read; what
// stands beside it is judged by the schema.
func (p *parser) checkConfigFreshness(e *entry) bool {
	ok := true
	check := func(config *value.Dict, path ...any) {
		given := dictAt(emptyIfNil(config), "freshness")
		for _, key := range []string{"warn_after", "error_after"} {
			limit := dictAt(emptyIfNil(given), key)
			if limit == nil || isCount(get(limit, "count")) && isPeriod(get(limit, "period")) {
				continue
			}
			ok = false
			p.report(diag.New(diag.CodeConfigValue, diag.Validation, e.node.At(append(path, "config", "freshness", key)...).Span(),
				`Field "`+key+`" of type Optional[Time] in FreshnessThreshold has invalid value `+value.Repr(get(given, key))))
		}
	}
	check(e.dict("config"))
	for i, t := range dictsAt(e.d, "tables") {
		check(dictAt(t, "config"), "tables", i)
	}
	return ok
}

// isCount reports what Python's int() takes.
func isCount(v value.Value) bool {
	switch v.Kind() {
	case value.KindInt, value.KindBool, value.KindFloat:
		return true
	case value.KindString:
		_, err := strconv.ParseInt(strings.TrimSpace(value.Str(v)), 10, 64)
		return err == nil
	}
	return v.IsNull()
}

func isPeriod(v value.Value) bool {
	return v.IsNull() || slices.Contains([]string{"minute", "hour", "day"}, value.Str(v))
}
