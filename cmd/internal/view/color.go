package view

import (
	"strings"

	"github.com/millrace/millrace/compiler/event"
)

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	reset  = "\x1b[0m"
)

// statusColors colour the word after the last '[' of a result line, as dbt does.
var statusColors = []struct{ word, color string }{
	{"[OK", green}, {"[PASS", green}, {"[SUCCESS", green}, {"[CREATE", green}, {"[INSERT", green}, {"[SELECT", green}, {"[MERGE", green}, {"[REFRESH", green},
	{"[WARN", yellow}, {"[SKIP", yellow}, {"[NO-OP", yellow}, {"[PARTIAL", yellow}, {"[STALE", yellow},
	{"[ERROR", red}, {"[FAIL", red}, {"[CANCEL", red},
}

// paint gives the message with its status word coloured.
func paint(e event.Event, color bool) string {
	if !color {
		return e.Msg
	}
	msg := e.Msg
	switch {
	case strings.HasPrefix(msg, "Completed successfully"):
		return green + msg + reset
	case strings.HasPrefix(msg, "Completed with") && e.Level >= event.Warn:
		return colorOf(e.Level) + msg + reset
	}
	at := strings.LastIndex(msg, " [")
	if at >= 0 && strings.HasSuffix(msg, "]") {
		for _, s := range statusColors {
			if strings.HasPrefix(msg[at+1:], s.word) {
				word := msg[at+2:]
				end := strings.Index(word, " in ")
				if end < 0 {
					end = len(word) - 1
				}
				return msg[:at+2] + s.color + word[:end] + reset + word[end:]
			}
		}
	}
	if e.Level >= event.Warn && !strings.Contains(msg, "\x1b[") {
		return colorOf(e.Level) + msg + reset
	}
	return msg
}

func colorOf(l event.Level) string {
	if l >= event.Error {
		return red
	}
	return yellow
}

// stripANSI removes SGR sequences, which macros may have put into a message.
func stripANSI(s string) string {
	if !strings.Contains(s, "\x1b[") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '[' {
			j := i + 2
			for j < len(s) && (s[j] == ';' || s[j] >= '0' && s[j] <= '9') {
				j++
			}
			if j < len(s) {
				i = j
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
