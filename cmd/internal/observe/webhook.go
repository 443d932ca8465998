package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/schemas"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// Webhooks tells addresses of trouble. It is an event.Sink that never waits: calls are made
// by a goroutine of its own, and when too many are outstanding, further ones are given up.
type Webhooks struct {
	hooks  []declare.Webhook
	calls  chan call
	client *http.Client
	warn   func(msg string)
	wait   time.Duration // before the second try; doubled for each further one

	mu     sync.Mutex
	closed bool
	last   map[string]time.Time // when a kind of trouble of a stream was told last
	ctx    context.Context
	end    context.CancelFunc
	done   chan struct{}
}

type call struct {
	hook declare.Webhook
	body []byte
	kind string
}

// Notice is what a webhook is sent.
type Notice struct {
	Event   string         `json:"event"` // gap, budget, fence, freshness, schema, error
	Stream  string         `json:"stream"`
	Message string         `json:"message"`
	Code    string         `json:"code,omitempty"`
	Time    time.Time      `json:"time"`
	Data    map[string]any `json:"data,omitempty"`
}

const (
	outstanding = 256
	tries       = 5
	// The same kind of trouble of a stream is told at most once in this time.
	quietFor = time.Minute
)

// NewWebhooks begins to tell hooks; warn hears what could not be told.
func NewWebhooks(hooks []declare.Webhook, warn func(msg string)) *Webhooks {
	w := &Webhooks{hooks: hooks, calls: make(chan call, outstanding), client: &http.Client{Timeout: 10 * time.Second}, warn: warn, wait: time.Second,
		last: map[string]time.Time{}, done: make(chan struct{})}
	w.ctx, w.end = context.WithCancel(context.Background())
	go w.loop()
	return w
}

// kindOf says which kind of trouble an event is, "" for none.
func kindOf(e event.Event) string {
	switch e.Name {
	case "StreamGap":
		return declare.OnGap
	case "StreamFenced":
		return declare.OnFence
	case "StreamFreshness":
		return declare.OnFreshness
	case "StreamSchema":
		switch text(e.Data["verdict"]) {
		case schemas.Accepted, schemas.Ignored:
			return "" // nothing changes for readers
		}
		return declare.OnSchema
	case "StreamStopped":
		switch diag.Code(text(e.Data["code"])) {
		case diag.CodeGap:
			return declare.OnGap
		case diag.CodeBadRecord:
			return declare.OnBudget
		case diag.CodeFenced:
			return declare.OnFence
		}
		return declare.OnError
	}
	return ""
}

// Emit implements event.Sink.
func (w *Webhooks) Emit(e event.Event) {
	kind := kindOf(e)
	if kind == "" {
		return
	}
	stream := text(e.Data["stream"])
	w.mu.Lock()
	defer w.mu.Unlock()
	key := kind + " " + stream
	if kind == declare.OnSchema {
		key += " " + e.Msg // each verdict is another matter
	}
	if w.closed || e.Time.Sub(w.last[key]) < quietFor && e.Name != "StreamStopped" {
		return
	}
	w.last[key] = e.Time
	body, err := json.Marshal(Notice{Event: kind, Stream: stream, Message: e.Msg, Code: text(e.Data["code"]), Time: e.Time.UTC(), Data: e.Data})
	if err != nil {
		w.warn("a webhook's message cannot be written: " + err.Error())
		return
	}
	for _, h := range w.hooks {
		if !h.On[kind] {
			continue
		}
		select {
		case w.calls <- call{h, body, kind}:
		default:
			w.warn(fmt.Sprintf("%d webhook calls are outstanding; one about %s of %s was given up", outstanding, kind, stream))
		}
	}
}

func (w *Webhooks) loop() {
	defer close(w.done)
	for c := range w.calls {
		wait := w.wait
		for try := 1; ; try++ {
			err := w.tell(c)
			if err == nil {
				break
			}
			if try == tries || w.ctx.Err() != nil {
				w.warn(fmt.Sprintf("the webhook at %s could not be told of %s: %v", hostOf(c.hook.URL), c.kind, err))
				break
			}
			select {
			case <-w.ctx.Done():
			case <-time.After(wait):
				wait *= 2
			}
		}
	}
}

func (w *Webhooks) tell(c call) error {
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, c.hook.URL, bytes.NewReader(c.body))
	if err != nil {
		return fmt.Errorf("its address is wrong")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "millrace")
	for k, v := range c.hook.Headers {
		req.Header.Set(k, v)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address itself may be a secret
		}
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("it answered %s", resp.Status)
	}
	return nil
}

// hostOf is the part of an address that holds no secret.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an unreadable address"
	}
	return u.Host
}

// Close tells what is outstanding, for at most patience.
func (w *Webhooks) Close(patience time.Duration) {
	w.mu.Lock()
	w.closed = true
	close(w.calls)
	w.mu.Unlock()
	select {
	case <-w.done:
	case <-time.After(patience):
		w.end()
		<-w.done
	}
	w.end()
}
