package view

import (
	"io"
	"strings"

	"github.com/millrace/millrace/compiler/event"
)

// textLines prints dbt's human lines: "15:04:05  message". Lines that only say that a
// node starts are left to the footer, the JSON lines and the log file.
type textLines struct {
	w io.Writer
	o Options
}

// quietEvents are the answers a user asked for: they are printed under --quiet too.
var quietEvents = map[string]bool{
	"PrintEvent": true, "ListCmdOut": true, "ShowNode": true, "CompiledNode": true,
}

// startEvents say that something begins; the finished line repeats what they say.
var startEvents = map[string]bool{
	"LogStartLine": true, "LogHookStartLine": true, "LogStartBatch": true, "LogBatchStart": true,
}

// toldEvents sum up for programs what the lines before have told people.
var toldEvents = map[string]bool{"DeprecationsSummary": true}

func (t *textLines) event(e event.Event) {
	if quietEvents[e.Name] {
		t.write(e.Msg + "\n")
		return
	}
	debug := t.o.Format == "debug"
	if t.o.Quiet && e.Level < event.Error || t.o.LevelNone {
		return
	}
	if e.Level < t.o.Level || (startEvents[e.Name] || toldEvents[e.Name]) && t.o.Level > event.Debug {
		return
	}
	var b strings.Builder
	if debug {
		b.Write(appendDebugPrefix(nil, e))
	} else {
		b.WriteString(e.Time.Format("15:04:05"))
		b.WriteString("  ")
	}
	b.WriteString(paint(e, t.o.Color))
	b.WriteByte('\n')
	if e.Diag != nil {
		Excerpt(&b, e.Diag, t.o.Color)
	}
	t.write(b.String())
}

func (t *textLines) write(s string) {
	if !t.o.Color {
		s = stripANSI(s)
	}
	// A reader that went away (a closed pipe) must not stop the build.
	_, _ = io.WriteString(t.w, t.o.mask.text(s))
}

func (t *textLines) close() error { return nil }

// appendDebugPrefix adds dbt's debug format: "15:04:05.000000 [info ] [MainThread]: ".
func appendDebugPrefix(b []byte, e event.Event) []byte {
	b = append(e.Time.AppendFormat(b, "15:04:05.000000"), " ["...)
	level := e.Level.String()
	b = append(append(b, level...), "     "[len(level):]...)
	thread := e.Thread
	if thread == "" {
		thread = "MainThread"
	}
	b = append(append(b, "] ["...), thread...)
	return append(b, "]: "...)
}
