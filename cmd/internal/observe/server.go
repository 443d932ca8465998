package observe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/millrace/millrace/compiler/event"
)

// Health is whether a pump lives and does its work. It is an event.Sink.
type Health struct {
	mu      sync.Mutex
	stopped map[string]string // why streams stopped
	sampled time.Time         // when the streams were last looked at with success
	failure string            // why the last look failed
	stale   time.Duration     // how old the last look may be
	now     func() time.Time
}

// NewHealth makes the health of a process that looks at its streams at least that often.
func NewHealth(every time.Duration, now func() time.Time) *Health {
	return &Health{stopped: map[string]string{}, stale: 4 * every, now: now}
}

// Emit implements event.Sink.
func (h *Health) Emit(e event.Event) {
	if e.Name != "StreamStopped" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped[text(e.Data["stream"])] = e.Msg
}

// Sampled says how a look at the streams went.
func (h *Health) Sampled(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.failure = err.Error()
		return
	}
	h.failure, h.sampled = "", h.now()
}

// Live is nil unless the process can only be helped by a restart.
func (h *Health) Live() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, why := range h.stopped {
		return fmt.Errorf("stream %s stopped: %s", name, why)
	}
	return nil
}

// Ready is nil while the database and the brokers answer and every stream runs.
func (h *Health) Ready() error {
	if err := h.Live(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.failure != "":
		return errors.New(h.failure)
	case h.sampled.IsZero():
		return errors.New("starting")
	case h.now().Sub(h.sampled) > h.stale:
		return fmt.Errorf("the streams have not been looked at for %s", h.now().Sub(h.sampled).Round(time.Second))
	}
	return nil
}

// Serve answers /metrics, /healthz and /readyz at an address until close is called; at is
// where it listens.
func Serve(address string, m *Metrics, h *Health) (at string, closed func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry}))
	answer := func(ok func() error) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			if err := ok(); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = fmt.Fprintln(w, err)
				return
			}
			_, _ = fmt.Fprintln(w, "ok")
		}
	}
	mux.HandleFunc("GET /healthz", answer(h.Live))
	mux.HandleFunc("GET /readyz", answer(h.Ready))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }()
	return l.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}, nil
}
