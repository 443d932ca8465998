package run

import (
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// sampleWindow reads --sample: "3 days" back from now, or {start: …, end: …}.
func (r *run) sampleWindow() (*compile.Window, error) {
	text := strings.TrimSpace(r.Flags.Sample)
	if text == "" {
		return nil, nil
	}
	bad := func(why string) (*compile.Window, error) {
		return nil, diag.New(diag.CodeUsage, diag.Usage, diag.Span{}, "Invalid value for '--sample': "+why)
	}
	if strings.HasPrefix(text, "{") {
		root, problems := yaml.Parse(diag.NewSource("--sample", text))
		if err := problems.Err(); err != nil {
			return nil, err
		}
		start, okStart := parseTime(root.Get("start").Text())
		end, okEnd := parseTime(root.Get("end").Text())
		if !okStart || !okEnd {
			return bad("a window needs the keys start and end with ISO times, got '" + text + "'")
		}
		return &compile.Window{Start: start, End: end}, nil
	}
	parts := strings.Split(text, " ")
	if len(parts) != 2 {
		return bad("Cannot load SAMPLE_WINDOW from '" + text + "'. Must be of form 'DAYS_INT GRAIN_SIZE'.")
	}
	n, err := strconv.Atoi(parts[0])
	if err != nil {
		return bad("Unable to convert '" + parts[0] + "' to an integer.")
	}
	end := r.now().UTC()
	start, ok := back(end, n, strings.TrimRight(strings.ToLower(parts[1]), "s"))
	if !ok {
		return bad("Invalid grain size '" + parts[1] + "'. Must be one of ['hour', 'day', 'month', 'year', 'hours', 'days', 'months', 'years'].")
	}
	return &compile.Window{Start: start, End: end}, nil
}

// back goes n units back in the calendar; a day that the target month lacks becomes its last.
func back(t time.Time, n int, unit string) (time.Time, bool) {
	switch unit {
	case "hour":
		return t.Add(-time.Duration(n) * time.Hour), true
	case "day":
		return t.AddDate(0, 0, -n), true
	case "month":
		return backMonths(t, n), true
	case "year":
		return backMonths(t, 12*n), true
	}
	return t, false
}

func backMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()-time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
