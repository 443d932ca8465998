package declare

import "net/url"

// Kinds of trouble that a webhook can be told of.
const (
	OnGap       = "gap"       // records are lost, or a topic was made anew
	OnBudget    = "budget"    // a batch had too many bad records
	OnFence     = "fence"     // another process has taken the stream, or partitions of it
	OnFreshness = "freshness" // landed rows are older than lag allows
	OnSchema    = "schema"    // a schema is not let in, changes the table, or lacks columns
	OnError     = "error"     // a stream stopped for another reason
)

var kinds = []string{OnGap, OnBudget, OnFence, OnFreshness, OnSchema, OnError}

// Webhook is an address that is told of trouble.
type Webhook struct {
	URL     string
	On      map[string]bool
	Headers map[string]string
}

// webhooks reads the list of webhooks.
func (r *reader) webhooks() []Webhook {
	v, ok := r.dict.GetString("webhooks")
	if !ok || v.IsNull() {
		return nil
	}
	list, ok := v.AsList()
	if !ok {
		r.bad([]any{"webhooks"}, "webhooks must be a list")
		return nil
	}
	var out []Webhook
	for i, item := range list.Items {
		d, ok := item.AsDict()
		if !ok {
			r.bad([]any{"webhooks", i}, "a webhook must be a mapping with 'url'")
			continue
		}
		in := r.inside("webhooks", d)
		in.known("url", "events", "headers")
		out = append(out, in.webhook())
	}
	return out
}

func (r *reader) webhook() Webhook {
	w := Webhook{URL: r.text("url"), On: map[string]bool{}}
	if !isAddress(w.URL) {
		r.bad([]any{"url"}, "a webhook needs a 'url' that begins with http:// or https://") // the text may hold a secret
	}
	on := r.texts("events")
	if len(on) == 0 && !r.has("events") {
		on = kinds
	}
	for i, kind := range on {
		if !contains(kinds, kind) {
			r.suggest([]any{"events", i}, "'"+kind+"' is nothing that a webhook is told of", kind, kinds...)
		}
		w.On[kind] = true
	}
	w.Headers = r.values("headers")
	return w
}

// isAddress reports that a text is the address of an HTTP server.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
