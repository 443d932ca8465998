package view

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/millrace/millrace/compiler/event"
)

// footer is the live display under the scrolling lines: what runs, how much is done,
// how long it has taken. It is the only state that a view derives from events.
type footer struct {
	progress *mpb.Progress
	bar      *mpb.Bar
	out      io.Writer
	started  time.Time
	running  map[string]time.Time // unique_id → since
	total    int64
	done     int64
	width    int
	line     chan func() // serialises reads of running for the decorator
	text     string
}

func newFooter(o Options) *footer {
	f := &footer{out: o.Out, started: time.Now(), running: map[string]time.Time{}, width: o.Width}
	f.progress = mpb.New(mpb.WithOutput(o.Out), mpb.WithRefreshRate(120*time.Millisecond), mpb.WithWidth(24))
	return f
}

// above is where lines go that scroll past the footer.
func (f *footer) above() io.Writer { return f.progress }

// observe follows node starts and ends. The View's lock is held.
func (f *footer) observe(e event.Event) {
	switch e.Name {
	case "NodeStart":
		if n, ok := e.Data["node_info"].(*event.NodeInfo); ok {
			f.running[n.UniqueID] = e.Time
		}
	case "NodeFinished":
		if n, ok := e.Data["node_info"].(*event.NodeInfo); ok {
			delete(f.running, n.UniqueID)
			f.done++
		}
	case "LogStartLine", "LogHookStartLine":
		if total, ok := e.Data["total"].(int); ok && int64(total) > f.total {
			f.total = int64(total)
		}
	case "CommandCompleted", "EndOfRunSummary", "FinishedRunningStats":
		f.stop()
		return
	default:
		return
	}
	f.describe(e.Time)
	if f.total == 0 {
		return
	}
	if f.bar == nil {
		f.bar = f.progress.AddBar(f.total,
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.CountersNoUnit("%d/%d")),
			mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_MMSS), decor.Any(func(decor.Statistics) string { return "  " + f.text })))
	}
	f.bar.SetTotal(f.total, false)
	f.bar.SetCurrent(f.done)
}

// describe writes the running nodes, the oldest first, into one line.
func (f *footer) describe(now time.Time) {
	type item struct {
		id    string
		since time.Time
	}
	items := make([]item, 0, len(f.running))
	for id, since := range f.running {
		items = append(items, item{id, since})
	}
	sort.Slice(items, func(i, j int) bool { return items[i].since.Before(items[j].since) })
	var b strings.Builder
	for i, it := range items {
		name := it.id
		if parts := strings.SplitN(it.id, ".", 3); len(parts) == 3 {
			name = parts[2]
		}
		if b.Len()+len(name) > max(20, f.width-50) {
			fmt.Fprintf(&b, " +%d", len(items)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
	}
	f.text = b.String()
}

// stop removes the footer; further lines are still written through the same writer.
func (f *footer) stop() {
	if f.bar != nil {
		f.bar.Abort(true)
		f.bar = nil
	}
}
