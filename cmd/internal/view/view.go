// Package view renders the events of a command: lines for a pipe, a live footer for a
// terminal, JSON lines in dbt's envelope, and the log file. Nothing else in Millrace
// writes to a terminal.
package view

import (
	"io"
	"sync"
	"time"

	"github.com/millrace/millrace/compiler/event"
)

// Options choose the renderers of one invocation.
type Options struct {
	Out, Err io.Writer
	Extra    map[string]string // what a user adds to every event: DBT_ENV_CUSTOM_ENV_*
	// Terminal says that Out is a terminal: finished nodes scroll by above a live footer.
	Terminal  bool
	Width     int    // columns of the terminal
	Color     bool   // after NO_COLOR, FORCE_COLOR, --use-colors
	Quiet     bool   // errors and print() only
	Format    string // text, debug, json
	Level     event.Level
	LevelNone bool

	LogPath      string // folder of dbt.log; "" writes none
	FileFormat   string
	FileLevel    event.Level
	FileNone     bool
	FileMaxBytes int64

	InvocationID string
	PID          int

	// Secrets are texts that nothing may show.
	Secrets []string
	mask    *masker
}

// View is an event.Sink that fans out to the renderers. Safe for several goroutines.
type View struct {
	mu        sync.Mutex
	opts      Options
	renderers []renderer
	live      *footer
	out       *heldWriter
	closed    bool
}

// renderer writes one event; the View's lock is held.
type renderer interface {
	event(e event.Event)
	close() error
}

// New opens the renderers. A log file that cannot be opened is reported once on Err
// and then left out: a read-only folder must not stop a build.
func New(o Options) *View {
	o.mask = newMasker(o.Secrets)
	v := &View{opts: o}
	out := o.Out
	if o.Terminal && !o.Quiet && o.Format != "json" && o.Format != "debug" && o.Format != "otel" {
		v.live = newFooter(o)
		out = v.live.above()
	}
	v.out = &heldWriter{w: out}
	switch o.Format {
	case "json":
		v.renderers = append(v.renderers, &jsonLines{w: v.out, o: o})
	case "otel":
		v.renderers = append(v.renderers, &otelLines{w: v.out, o: o})
	default:
		v.renderers = append(v.renderers, &textLines{w: v.out, o: o})
	}
	if o.LogPath != "" && !o.FileNone {
		f, err := openLogFile(o)
		if err != nil {
			_, _ = io.WriteString(o.Err, "millrace: no log file: "+err.Error()+"\n")
		} else {
			v.renderers = append(v.renderers, f)
		}
	}
	return v
}

// Emit implements event.Sink.
func (v *View) Emit(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	if v.live != nil {
		v.live.observe(e)
	}
	for _, r := range v.renderers {
		r.event(e)
	}
}

// Close ends the footer and flushes the log file.
func (v *View) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil
	}
	v.closed = true
	if v.live != nil {
		v.live.stop()
	}
	var first error
	for _, r := range v.renderers {
		if err := r.close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
