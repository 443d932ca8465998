package stream

import (
	"sort"
	"sync"
)

// dirty collects the streams that brought something since somebody looked.
type dirty struct {
	mu   sync.Mutex
	ids  map[string]bool
	some chan struct{}
	last []string // used by who takes only
}

func newDirty() *dirty { return &dirty{ids: map[string]bool{}, some: make(chan struct{}, 1)} }

func (d *dirty) add(id string) {
	d.mu.Lock()
	d.ids[id] = true
	d.mu.Unlock()
	select {
	case d.some <- struct{}{}:
	default:
	}
}

// take gives what is dirty, which last remembers.
func (d *dirty) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = make([]string, 0, len(d.ids))
	for id := range d.ids {
		d.last = append(d.last, id)
	}
	sort.Strings(d.last)
	clear(d.ids)
	return d.last
}

// keep makes what was taken part of what is taken next, because it was not published.
func (d *dirty) keep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range d.last {
		d.ids[id] = true
	}
}
