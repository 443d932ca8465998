package view

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/event"
)

// otelLines writes one OpenTelemetry-shaped record a line, which is how dbt-core 1.12 talks
// to an external parser: log records with a severity, and at the end of the invocation a
// span that carries how many warnings and errors there were.
type otelLines struct {
	w                io.Writer
	o                Options
	start            time.Time
	warnings, errors int
}

type otelRecord struct {
	Type       string         `json:"record_type"`
	Event      string         `json:"event_type"`
	Time       string         `json:"time_unix_nano,omitempty"`
	Start      string         `json:"start_time_unix_nano,omitempty"`
	End        string         `json:"end_time_unix_nano,omitempty"`
	Number     int            `json:"severity_number,omitempty"`
	Text       string         `json:"severity_text,omitempty"`
	Body       string         `json:"body,omitempty"`
	TraceID    string         `json:"trace_id,omitempty"`
	Attributes map[string]any `json:"attributes"`
}

const (
	otelLogMessage = "v1.public.events.fusion.log.LogMessage"
	otelInvocation = "v1.public.events.fusion.invocation.Invocation"
)

// otelSeverities are OpenTelemetry's numbers and names of our levels.
var otelSeverities = map[event.Level]struct {
	number int
	text   string
}{event.Debug: {5, "DEBUG"}, event.Info: {9, "INFO"}, event.Warn: {13, "WARN"}, event.Error: {17, "ERROR"}}

func (l *otelLines) event(e event.Event) {
	if l.start.IsZero() {
		l.start = e.Time
	}
	switch e.Level {
	case event.Warn:
		l.warnings++
	case event.Error:
		if e.Diag == nil || e.Msg != "" {
			l.errors++
		}
	}
	if e.Name == "CommandCompleted" {
		l.finish(e)
		return
	}
	if l.o.LevelNone || e.Level < l.o.Level || l.o.Quiet && e.Level < event.Error {
		return
	}
	var body strings.Builder
	body.WriteString(otelBody(e))
	if e.Diag != nil {
		Excerpt(&body, e.Diag, false)
	}
	if body.Len() == 0 {
		return
	}
	s := otelSeverities[e.Level]
	l.write(otelRecord{Type: "LogRecord", Event: otelLogMessage, Time: nanos(e.Time), Number: s.number, Text: s.text,
		Body: strings.TrimRight(body.String(), "\n"), Attributes: map[string]any{"original_event_name": e.Name}})
}

// otelBody is the message without the tag that the reader sets itself.
func otelBody(e event.Event) string {
	msg := stripANSI(e.Msg)
	for _, tag := range []string{"[WARNING]: ", "[ERROR]: "} {
		msg = strings.TrimPrefix(msg, tag)
	}
	return msg
}

func (l *otelLines) finish(e event.Event) {
	command, _ := e.Data["command"].(string)
	l.write(otelRecord{Type: "SpanEnd", Event: otelInvocation, Start: nanos(l.start), End: nanos(e.Time), Attributes: map[string]any{
		"eval_args": map[string]any{"command": strings.TrimPrefix(command, "millrace ")},
		"metrics":   map[string]any{"total_warnings": strconv.Itoa(l.warnings), "total_errors": strconv.Itoa(l.errors)},
	}})
}

func (l *otelLines) write(r otelRecord) {
	r.TraceID = strings.ReplaceAll(l.o.InvocationID, "-", "")
	line, err := json.Marshal(r)
	if err != nil {
		return // strings and numbers always encode
	}
	_, _ = l.w.Write(append(l.o.mask.bytes(line), '\n'))
}

func (l *otelLines) close() error { return nil }

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
