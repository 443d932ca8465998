package view

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/millrace/millrace/compiler/event"
)

// footer is the live display under the scrolling lines: what runs, how much is done,
// how long it has taken. Everything but text is guarded by the View's lock; text is read
// by the display's own goroutine.
type footer struct {
	progress *mpb.Progress
	bar      *mpb.Bar
	running  map[string]started // by unique_id
	total    int64
	done     int64
	width    int
	text     atomic.Pointer[string]
}

// started is a node in progress.
type started struct {
	name string
	at   time.Time
}

func newFooter(o Options) *footer {
	f := &footer{running: map[string]started{}, width: o.Width}
	empty := ""
	f.text.Store(&empty)
	f.progress = mpb.New(mpb.WithOutput(o.Out), mpb.WithRefreshRate(120*time.Millisecond), mpb.WithWidth(28), mpb.WithAutoRefresh())
	return f
}

// above is where lines go that scroll past the footer.
func (f *footer) above() io.Writer { return f.progress }

// observe follows node starts and ends. The View's lock is held.
func (f *footer) observe(e event.Event) {
	switch e.Name {
	case "NodeStart":
		if n, ok := e.Data["node_info"].(*event.NodeInfo); ok {
			f.running[n.UniqueID] = started{n.NodeName, e.Time}
		}
	case "NodeFinished":
		if n, ok := e.Data["node_info"].(*event.NodeInfo); ok {
			delete(f.running, n.UniqueID)
			f.done++
		}
	case "LogStartLine":
		if total, ok := e.Data["total"].(int); ok && int64(total) > f.total {
			f.total = int64(total)
		}
	case "FinishedRunningStats":
		f.hide()
		return
	default:
		return
	}
	f.describe()
	if f.total == 0 {
		return
	}
	if f.bar == nil {
		f.bar = f.progress.New(f.total, mpb.BarStyle().Lbound("").Filler("━").Tip("━").Padding(" ").Rbound(""), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.CountersNoUnit("%d/%d ")),
			mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_MMSS), decor.Any(func(decor.Statistics) string { return "  " + *f.text.Load() })))
	}
	f.bar.SetTotal(f.total+1, false) // one more than there is: completing would end the bar early
	f.bar.SetCurrent(f.done)
}

// describe writes the running nodes, the oldest first, into one line.
func (f *footer) describe() {
	ids := make([]string, 0, len(f.running))
	for id := range f.running {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool {
		a, b := f.running[ids[i]].at, f.running[ids[j]].at
		if a.Equal(b) {
			return ids[i] < ids[j]
		}
		return a.Before(b)
	})
	var b strings.Builder
	for i, id := range ids {
		name := f.running[id].name
		if b.Len() > 0 && b.Len()+len(name) > max(20, f.width-60) {
			fmt.Fprintf(&b, " +%d", len(ids)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
	}
	s := b.String()
	f.text.Store(&s)
}

// hide removes the bar; lines still pass through the same writer.
func (f *footer) hide() {
	if f.bar != nil {
		f.bar.Abort(true)
		f.bar = nil
		f.total = 0
	}
}

// stop ends the display's goroutine after what was written has been shown.
func (f *footer) stop() {
	f.hide()
	f.progress.Wait()
}
