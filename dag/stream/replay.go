package stream

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
)

// Released says what became of quarantined records that were decoded again.
type Released struct {
	Source       *declare.Source
	Landed, Kept int64
	Reasons      map[string]int64 // why records were kept, by code
}

// ReleaseQuarantine decodes the stored bytes of quarantined records with today's
// declaration and lands those that are good now. It takes the streams over: a process that
// runs them stops.
func (s *Streams) ReleaseQuarantine(ctx context.Context) ([]Released, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out []Released
	for _, src := range s.Sources {
		r, err := s.release(ctx, src)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *Streams) release(ctx context.Context, src *declare.Source) (Released, error) {
	out := Released{Source: src, Reasons: map[string]int64{}}
	p := s.pump(src, false)
	defer p.close()
	if err := s.claim(ctx, p); err != nil {
		return out, p.explain(err)
	}
	if err := p.govern(ctx); err != nil {
		return out, err
	}
	dec := &decoding{p: p, keepBad: true}
	records, batches, err := s.quarantined(ctx, src)
	if err != nil {
		return out, p.explain(err)
	}
	var chunks []*decode.Chunk
	for len(records) > 0 {
		n := 1
		for n < len(records) && n < chunkRecords && records[n].Topic == records[0].Topic && records[n].Partition == records[0].Partition {
			n++
		}
		c, err := dec.decode(ctx, records[:n])
		if err != nil {
			return out, p.undecided(err)
		}
		for _, bad := range c.Bad {
			out.Kept++
			out.Reasons[bad.Err.Code]++
		}
		c.Bad = nil
		chunks = append(chunks, c)
		records = records[n:]
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	landed, err := p.writer.Release(ctx, chunks, batches)
	out.Landed = landed.Rows
	for _, c := range chunks {
		for _, bad := range c.Bad { // tests still find them
			out.Kept++
			out.Reasons[bad.Err.Code]++
		}
	}
	return out, p.explain(err)
}

// claim makes the table and takes the stream over, without asking any broker.
func (s *Streams) claim(ctx context.Context, p *pump) error {
	c, err := s.engine.Conn(ctx, "stream "+p.src.Name)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := p.table.Ensure(ctx, c); err != nil {
		return err
	}
	p.writer.Owner, err = s.Ledger.Claim(ctx, c, p.src.ID, s.owner, s.now())
	return err
}

// quarantined reads the records that are in quarantine, and the batch each came with.
func (s *Streams) quarantined(ctx context.Context, src *declare.Source) ([]*kgo.Record, map[string]int64, error) {
	c, err := s.engine.Conn(ctx, "stream quarantine")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = c.Close() }()
	t, err := s.badRecords(ctx, c, src, "status = 'quarantined'", "")
	if err != nil {
		return nil, nil, err
	}
	batches := map[string]int64{}
	var out []*kgo.Record
	for _, row := range t.Rows {
		r, err := recordOf(row)
		if err != nil {
			return nil, nil, err
		}
		batches[landing.Key(r.Topic, r.Partition, r.Offset)] = ledger.Int(row[7])
		out = append(out, r)
	}
	return out, batches, nil
}

func headersOf(text string) ([]kgo.RecordHeader, error) {
	var list []struct {
		Key, Value string
		Base64     *string
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("the headers in quarantine are damaged: %w", err)
	}
	out := make([]kgo.RecordHeader, len(list))
	for i, h := range list {
		out[i] = kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)}
		if h.Base64 != nil {
			data, err := base64.StdEncoding.DecodeString(*h.Base64)
			if err != nil {
				return nil, fmt.Errorf("the headers in quarantine are damaged: %w", err)
			}
			out[i].Value = data
		}
	}
	return out, nil
}

// Rewound says what Rewind took back.
type Rewound struct {
	Source *declare.Source
	Rows   int64
}

// Rewind takes back what has landed since a point ("earliest", a moment, or
// "topic/partition=offset" separated by commas), so that the next catch-up lands it again. What the
// topic no longer holds cannot come back, so a point before the log's start is refused.
func (s *Streams) Rewind(ctx context.Context, from string) ([]Rewound, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out []Rewound
	for _, src := range s.Sources {
		n, err := s.rewind(ctx, src, from)
		if err != nil {
			return out, err
		}
		out = append(out, Rewound{src, n})
	}
	return out, nil
}

func (s *Streams) rewind(ctx context.Context, src *declare.Source, from string) (int64, error) {
	p := s.pump(src, false)
	defer p.close()
	if err := p.connect(ctx); err != nil {
		return 0, err
	}
	logs, err := p.survey(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.claim(ctx, p); err != nil {
		return 0, p.explain(err)
	}
	known, err := s.positions(ctx, src)
	if err != nil {
		return 0, p.explain(err)
	}
	to, err := p.point(ctx, from, logs)
	if err != nil {
		return 0, err
	}
	var moves []ledger.Position
	for _, pos := range known {
		part := landing.Partition{Topic: pos.Topic, ID: pos.Partition}
		next, ok := to[part]
		if !ok || next >= pos.Next {
			continue
		}
		l := logs[part]
		if next < l.start {
			return 0, p.refused(fmt.Sprintf("%s/%d cannot go back to %d: the log begins at %d, and what was before it could not land again", pos.Topic, pos.Partition, next, l.start))
		}
		moves = append(moves, ledger.Position{Topic: pos.Topic, Partition: pos.Partition, TopicID: l.topicID, Next: next})
	}
	if len(moves) == 0 {
		return 0, nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	n, err := p.writer.Rewind(ctx, moves)
	return n, p.explain(err)
}

func (p *pump) refused(summary string) error {
	d := diag.New(diag.CodeUsage, diag.Usage, p.src.Span, "stream "+p.src.Name+": "+summary)
	d.NodeID = p.src.ID
	return d
}

// point says which offsets a point in a stream means.
func (p *pump) point(ctx context.Context, from string, logs map[landing.Partition]log) (map[landing.Partition]int64, error) {
	out := map[landing.Partition]int64{}
	if from == "earliest" {
		// Rows from before the log's start stay: only what can land again is taken back.
		for part, l := range logs {
			out[part] = l.start
		}
		return out, nil
	}
	if t, ok := moment(from); ok {
		for _, topic := range topicsOf(logs) {
			listed, err := p.admin.ListOffsetsAfterMilli(ctx, t.UnixMilli(), topic)
			if err = errors.Join(err, listed.Error()); err != nil {
				return nil, p.broker(err)
			}
			for part, l := range logs {
				if part.Topic != topic {
					continue
				}
				out[part] = l.end
				if o, ok := listed.Lookup(part.Topic, part.ID); ok && o.Offset >= 0 {
					out[part] = o.Offset
				}
			}
		}
		return out, nil
	}
	for _, item := range strings.Split(from, ",") {
		name, at, ok := strings.Cut(strings.TrimSpace(item), "=")
		topic, id := "", name
		if len(p.src.Topics) > 0 {
			topic = p.src.Topics[0]
		}
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			topic, id = name[:i], name[i+1:]
		}
		n, err1 := strconv.ParseInt(id, 10, 32)
		offset, err2 := strconv.ParseInt(at, 10, 64)
		if !ok || err1 != nil || err2 != nil || offset < 0 {
			return nil, p.refused("'" + from + "' is no point: give earliest, a moment such as 2026-01-31T00:00:00Z, or topic/partition=offset")
		}
		part := landing.Partition{Topic: topic, ID: int32(n)}
		if _, ok := logs[part]; !ok {
			return nil, p.refused(fmt.Sprintf("there is no partition %s/%d", topic, n))
		}
		out[part] = offset
	}
	return out, nil
}

func moment(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (s *Streams) positions(ctx context.Context, src *declare.Source) ([]ledger.Position, error) {
	c, err := s.engine.Conn(ctx, "stream ledger")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	return s.Ledger.Positions(ctx, c, src.ID)
}
