package context

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// emit sends an event of this scope's node.
func (s *Scope) emit(name, code string, level event.Level, msg string, data map[string]any) {
	if s.rt != nil && s.rt.Quiet {
		return
	}
	if data == nil {
		data = make(map[string]any, 2)
	}
	data["msg"] = msg
	if s.rt != nil && s.rt.NodeInfo != nil {
		data["node_info"] = s.rt.NodeInfo
	}
	s.env.Events.Emit(event.Event{Name: name, Code: code, Level: level, Msg: msg, Thread: s.threadName(), Data: data})
}

func warningTag(msg string) string { return "[WARNING]: " + msg }

// hostOf is the scope that a render belongs to; functions that all templates share find
// through it whom they work for.
func hostOf(th *value.Thread) (*Scope, bool) {
	if th == nil {
		return nil, false
	}
	s, ok := th.Host.(*Scope)
	return s, ok
}

// emitFrom sends an event from a function that all templates share.
func (e *Env) emitFrom(th *value.Thread, name, code string, level event.Level, msg string, data map[string]any) {
	s, ok := hostOf(th)
	if !ok {
		s = &Scope{env: e}
	}
	s.emit(name, code, level, msg, data)
}

// warn sends a warning, unless the user silenced it or wants it to be an error.
func (e *Env) warn(th *value.Thread, name, code, msg string, data map[string]any) error {
	switch e.Flags.Treat(name) {
	case flags.AsError:
		return diag.New(diag.CodeTemplateRuntime, diag.Compilation, diag.Span{}, msg)
	case flags.Silenced:
		return nil
	}
	if data == nil {
		data = map[string]any{}
	}
	data["text"] = msg
	e.emitFrom(th, name, code, event.Warn, warningTag(msg), data)
	return nil
}

// PrintText lets tables print themselves.
func (s *Scope) PrintText(text string) {
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	s.emit("PrintEvent", "Z052", event.Info, text, nil)
}
