package view

import (
	"encoding/json"
	"io"

	"github.com/millrace/millrace/compiler/event"
)

// jsonLines writes dbt's structured log: one {"info": …, "data": …} object a line.
type jsonLines struct {
	w io.Writer
	o Options
}

type envelope struct {
	Data map[string]any `json:"data"`
	Info info           `json:"info"`
}

type info struct {
	Category     string            `json:"category"`
	Code         string            `json:"code"`
	Extra        map[string]string `json:"extra"`
	InvocationID string            `json:"invocation_id"`
	Level        string            `json:"level"`
	Msg          string            `json:"msg"`
	Name         string            `json:"name"`
	PID          int               `json:"pid"`
	Thread       string            `json:"thread"`
	TS           string            `json:"ts"`
	Position     string            `json:"position,omitempty"`
	Hint         string            `json:"hint,omitempty"`
	Diagnostic   string            `json:"diagnostic_code,omitempty"`
}

func (j *jsonLines) event(e event.Event) {
	if j.o.LevelNone || e.Level < j.o.Level || j.o.Quiet && e.Level < event.Error && !quietEvents[e.Name] {
		return
	}
	_, _ = j.w.Write(encodeJSON(e, j.o))
}

func (j *jsonLines) close() error { return nil }

// encodeJSON is one line with its newline. An event whose data cannot be encoded still
// appears, with the reason in place of the data.
func encodeJSON(e event.Event, o Options) []byte {
	thread := e.Thread
	if thread == "" {
		thread = "MainThread"
	}
	env := envelope{Data: e.Data, Info: info{
		Code: e.Code, Extra: o.Extra, InvocationID: o.InvocationID, Level: e.Level.String(),
		Msg: stripANSI(e.Msg), Name: e.Name, PID: o.PID, Thread: thread, TS: e.Time.UTC().Format("2006-01-02T15:04:05.000000Z"),
	}}
	if env.Info.Extra == nil {
		env.Info.Extra = map[string]string{}
	}
	if env.Data == nil {
		env.Data = map[string]any{"msg": e.Msg}
	}
	if e.Diag != nil {
		env.Info.Position, env.Info.Hint, env.Info.Diagnostic = e.Diag.Span.String(), e.Diag.Hint, string(e.Diag.Code)
	}
	line, err := json.Marshal(env)
	if err != nil {
		env.Data = map[string]any{"encoding_error": err.Error()}
		line, _ = json.Marshal(env)
	}
	return append(o.mask.bytes(line), '\n')
}
