package embedded

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// line is one record of a feed: what kcat writes with -J, and for feeds written by hand a
// value that is any JSON instead of a payload that is text.
type line struct {
	Topic     string          `json:"topic"`
	Partition *int32          `json:"partition"`
	Time      int64           `json:"ts"` // milliseconds
	Key       *string         `json:"key"`
	Payload   *string         `json:"payload"`
	Value     json.RawMessage `json:"value"`
	Headers   []string        `json:"headers"` // name, value, name, value …

	// What kcat adds is where the record was, which is not where it goes.
	Offset   int64  `json:"offset"`
	TimeType string `json:"tstype"`
	Broker   int32  `json:"broker"`
}

// maxLine bounds one record of a feed.
const maxLine = 16 << 20

// ReadFeed reads a file of records, one JSON object a line, in the order in which
// producers sent them. partitions says how many each topic has.
func ReadFeed(path string, partitions map[string]int32) ([]*kgo.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []*kgo.Record
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		r, err := record(lines.Bytes(), int32(n), partitions)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		out = append(out, r)
	}
	return out, lines.Err()
}

func record(text []byte, number int32, partitions map[string]int32) (*kgo.Record, error) {
	var l line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one record in a line")
	}
	count := partitions[l.Topic]
	if count == 0 {
		return nil, fmt.Errorf("the connection declares no topic '%s'", l.Topic)
	}
	r := &kgo.Record{Topic: l.Topic}
	switch {
	case l.Payload != nil && l.Value != nil:
		return nil, errors.New("a record has a value or a payload, not both")
	case l.Payload != nil:
		r.Value = []byte(*l.Payload)
	case l.Value != nil && string(l.Value) != "null":
		r.Value = l.Value
	}
	if l.Time > 0 {
		r.Timestamp = time.UnixMilli(l.Time)
	}
	if len(l.Headers)%2 != 0 {
		return nil, errors.New("headers must be names and values in turn")
	}
	for i := 0; i < len(l.Headers); i += 2 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: l.Headers[i], Value: []byte(l.Headers[i+1])})
	}
	// The same file always gives the same log: a record's place depends on its line alone.
	switch {
	case l.Key != nil:
		r.Key = []byte(*l.Key)
		h := fnv.New32a()
		_, _ = h.Write(r.Key)
		r.Partition = int32(h.Sum32() % uint32(count))
	default:
		r.Partition = number % count
	}
	if l.Partition != nil {
		if r.Partition = *l.Partition; r.Partition < 0 || r.Partition >= count {
			return nil, fmt.Errorf("the topic '%s' has %d partitions and no %d", l.Topic, count, r.Partition)
		}
	}
	return r, nil
}
