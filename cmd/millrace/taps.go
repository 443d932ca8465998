package main

import (
	"sync/atomic"

	"github.com/millrace/millrace/compiler/event"
)

// taps are sinks beside the view that hear every event of a command while they are set.
type taps struct{ list atomic.Pointer[[]event.Sink] }

func (t *taps) set(list []event.Sink) { t.list.Store(&list) }

func (t *taps) emit(e event.Event) {
	if list := t.list.Load(); list != nil {
		for _, s := range *list {
			s.Emit(e)
		}
	}
}
