package parse

import (
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// dateLayouts are the ways in which people write dates, those of ISO 8601 first.
var dateLayouts = []string{
	"2006-01-02", "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02T15:04Z07:00",
	"20060102", "2006/01/02", "2006-1-2", "1/2/2006", "January 2, 2006", "January 2 2006", "Jan 2, 2006", "Jan 2 2006", "2 January 2006", "2 Jan 2006",
}

// deprecationDate is the date as dbt stores it: with a time, and UTC when it has no zone.
func deprecationDate(v value.Value) string {
	date, ok := readDate(v)
	if !ok || date.IsZero() {
		return ""
	}
	text := date.Format("2006-01-02T15:04:05")
	if micros := date.Nanosecond() / 1000; micros > 0 {
		text = date.Format("2006-01-02T15:04:05.000000")
	}
	return text + date.Format("-07:00")
}

// readDate reads a date; what is not given is the zero time.
func readDate(v value.Value) (time.Time, bool) {
	if v.IsNull() {
		return time.Time{}, true
	}
	text := strings.TrimSpace(value.Str(v))
	if len(text) > 10 && text[10] == ' ' && text[4] == '-' {
		text = text[:10] + "T" + strings.TrimSpace(text[11:])
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// checkDates refuses deprecation dates that cannot be read.
func (p *parser) checkDates(e *entry) bool {
	refuse := func(key, kind string) bool {
		p.report(diag.New(diag.CodeConfigValue, diag.Validation, e.node.KeySpan(key),
			`Field "`+key+`" of type `+kind+` in UnparsedModelUpdate has invalid value `+value.Repr(e.get(key))))
		return false
	}
	for _, v := range dictsAt(e.d, "versions") {
		if _, ok := readDate(get(v, "deprecation_date")); !ok {
			return refuse("versions", "Sequence[UnparsedVersion]")
		}
	}
	if _, ok := readDate(e.get("deprecation_date")); !ok {
		return refuse("deprecation_date", "Optional[datetime]")
	}
	return true
}
