package declare

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Embedded is a broker inside this process that is filled from a file: for trying things
// out and for tests. It must be declared; nothing ever falls back to it.
type Embedded struct {
	Topics map[string]int32 // topic → partitions
	Feed   string           // the file with the records, below the project
	Rate   int              // records a second while streams run; 0 is as fast as it goes
}

const (
	defaultPartitions = 1
	maxPartitions     = 1000
)

func embedded(name string, r *reader) *Connection {
	r.known("type", "client_id", "topics", "feed", "rate")
	e := &Embedded{Topics: map[string]int32{}, Feed: r.text("feed")}
	if e.Feed == "" && !r.failed("feed") {
		r.bad(nil, "the embedded connection '"+name+"' needs a 'feed', the file that its records come from")
	}
	if n, ok := r.integer("rate"); ok {
		if n < 1 {
			r.bad([]any{"rate"}, "rate must be at least 1 record a second")
		}
		e.Rate = int(n)
	}
	e.topics(name, r)
	return &Connection{Name: name, ClientID: r.text("client_id"), Embedded: e}
}

// topics are a list of names, or map each name to its number of partitions.
func (e *Embedded) topics(name string, r *reader) {
	v, _ := r.dict.GetString("topics")
	d, ok := v.AsDict()
	if !ok {
		for _, t := range r.texts("topics") {
			e.Topics[t] = defaultPartitions
		}
		if len(e.Topics) == 0 && !r.failed("topics") {
			r.bad(nil, "the embedded connection '"+name+"' needs 'topics'")
		}
		return
	}
	for k, n := range d.All() {
		topic := value.Str(k)
		count, ok := n.AsInt()
		if !ok || count < 1 || count > maxPartitions {
			r.bad([]any{"topics", topic}, "topics must map each name to its number of partitions")
			continue
		}
		e.Topics[topic] = int32(count)
	}
}

// lacks names the topics of a stream that an embedded broker does not have.
func (e *Embedded) lacks(s *Source) string {
	var out []string
	for _, t := range s.Topics {
		if e.Topics[t] == 0 {
			out = append(out, t)
		}
	}
	return strings.Join(out, ", ")
}
