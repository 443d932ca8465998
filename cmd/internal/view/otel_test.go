package view

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/event"
)

// An external reader gets a record a line, with OpenTelemetry's severities and the counts
// in the span of the invocation.
func TestOTelRecords(t *testing.T) {
	var out bytes.Buffer
	v := New(Options{Out: &out, Format: "otel", Level: event.Info, InvocationID: "0a-1b", Secrets: []string{"hush"}})
	at := time.Unix(1, 0)
	for _, e := range []event.Event{
		{Name: "Note", Level: event.Debug, Msg: "unseen"},
		{Name: "Note", Level: event.Info, Msg: "seen hush"},
		{Name: "ValidationWarning", Level: event.Warn, Msg: "[WARNING]: careful"},
		{Name: "CommandCompleted", Level: event.Debug, Msg: "done", Data: map[string]any{"command": "millrace parse"}},
	} {
		e.Time = at
		v.Emit(e)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	var log, warn, span map[string]any
	for i, to := range []*map[string]any{&log, &warn, &span} {
		if err := json.Unmarshal([]byte(lines[i]), to); err != nil {
			t.Fatal(err)
		}
	}
	if log["record_type"] != "LogRecord" || log["severity_number"] != 9.0 || log["body"] != "seen *****" || log["trace_id"] != "0a1b" {
		t.Errorf("log record: %v", log)
	}
	if warn["severity_number"] != 13.0 || warn["body"] != "careful" {
		t.Errorf("warning: %v", warn)
	}
	attributes, _ := span["attributes"].(map[string]any)
	metrics, _ := attributes["metrics"].(map[string]any)
	args, _ := attributes["eval_args"].(map[string]any)
	if span["record_type"] != "SpanEnd" || metrics["total_warnings"] != "1" || metrics["total_errors"] != "0" || args["command"] != "parse" {
		t.Errorf("span: %v", span)
	}
}
