package view

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/event"
)

// logFile appends to logs/dbt.log, in dbt's debug or JSON format, and moves a file that
// has reached its size aside as dbt.log.1 (dbt keeps five).
type logFile struct {
	f    *os.File
	w    *bufio.Writer
	o    Options
	line []byte // the text of an event, whose room the next one uses again
}

const keptLogs = 5

func openLogFile(o Options) (*logFile, error) {
	if err := os.MkdirAll(o.LogPath, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(o.LogPath, "dbt.log")
	if st, err := os.Stat(path); err == nil && o.FileMaxBytes > 0 && st.Size() >= o.FileMaxBytes {
		for i := keptLogs - 1; i >= 1; i-- {
			_ = os.Rename(fmt.Sprintf("%s.%d", path, i), fmt.Sprintf("%s.%d", path, i+1))
		}
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	l := &logFile{f: f, w: bufio.NewWriter(f), o: o}
	return l, nil
}

func (l *logFile) event(e event.Event) {
	if e.Level < l.o.FileLevel {
		return
	}
	if l.o.FileFormat == "json" {
		_, _ = l.w.Write(encodeJSON(e, l.o))
	} else {
		l.line = l.line[:0]
		if e.Name == "MainReportVersion" {
			l.line = fmt.Appendf(l.line, "\n\n============================== %s | %s ==============================\n",
				e.Time.UTC().Format("15:04:05.000000"), l.o.InvocationID)
		}
		l.line = appendDebugPrefix(l.line, e)
		l.line = append(append(l.line, stripANSI(e.Msg)...), '\n')
		if e.Diag != nil {
			var b strings.Builder
			Excerpt(&b, e.Diag, false)
			l.line = append(l.line, b.String()...)
		}
		_, _ = l.w.Write(l.o.mask.bytes(l.line))
	}
	if e.Level >= event.Warn {
		_ = l.w.Flush()
	}
}

func (l *logFile) close() error {
	err := l.w.Flush()
	if cerr := l.f.Close(); err == nil {
		err = cerr
	}
	return err
}
