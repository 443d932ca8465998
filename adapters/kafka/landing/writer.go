package landing

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/eventtime"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
)

// Step names a moment of a commit, in order. Tests stop the writer there.
type Step string

// The steps of a commit.
const (
	StepBegin      Step = "begin"
	StepAdvance    Step = "advance"
	StepRows       Step = "rows"
	StepQuarantine Step = "quarantine"
	StepCurrent    Step = "current"   // the current rows are kept
	StepCommit     Step = "commit"    // before COMMIT is sent
	StepAck        Step = "ack"       // COMMIT was carried out; the answer is lost
	StepCommitted  Step = "committed" // the answer has arrived
)

// Steps are all steps.
var Steps = []Step{StepBegin, StepAdvance, StepRows, StepQuarantine, StepCurrent, StepCommit, StepAck, StepCommitted}

// Writer lands batches of one stream. One goroutine uses it.
type Writer struct {
	Table  *Table
	Ledger *ledger.Ledger
	Owner  *ledger.Owner
	Engine adapters.Engine
	Now    func() time.Time
	RunID  string
	Clock  eventtime.Clock // of streams with a watermark: after the last batch
	// SQL renders the statements that keep current rows; Partitions counts a topic's.
	SQL        Statements
	Partitions func(ctx context.Context, topic string) (int, error)
	Governor   Governor // nil when nothing is decided about schemas
	// Fail, if set, is asked at every step; an error stands for a crash there.
	Fail func(Step) error

	conn    adapters.Conn
	decided int // verdicts in the transaction that was tried last

	roomFor   time.Time // the day for which there is a partition
	partition string    // of that day; "" in a table without
	ranges    ranges
}

// Landed says what a batch brought.
type Landed struct {
	Batch                      int64
	Rows, Quarantined, Skipped int64
	Bytes                      int64
	Took                       time.Duration
}

func (w *Writer) at(s Step) error {
	if w.Fail == nil {
		return nil
	}
	return w.Fail(s)
}

// Close gives the connections back.
func (w *Writer) Close() error {
	w.ranges.abandon()
	if w.conn == nil {
		return nil
	}
	err := w.conn.Close()
	w.conn = nil
	return err
}

func (w *Writer) connection(ctx context.Context) (adapters.Conn, error) {
	if w.conn != nil {
		return w.conn, nil
	}
	c, err := w.Engine.Conn(ctx, "stream "+w.Table.Source.Name)
	if err != nil {
		return nil, err
	}
	if w.Table.engine == "postgres" {
		// A process that hangs in the middle of a commit must not hold its rows for ever,
		// least of all where others want to go on.
		patience := "60s"
		if w.Owner != nil && w.Owner.Shares != nil {
			patience = "10s"
		}
		if _, _, err := c.Execute(ctx, "set idle_in_transaction_session_timeout = '"+patience+"'; commit", false, -1); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	w.conn = c
	return c, nil
}

// maxTries bounds how often a commit is tried that fails for passing reasons.
const maxTries = 6

// Write commits chunks, which must follow on from the ledger partition by partition in
// their order. On success the rows, the bad records, the offsets and the batch's own row
// are all there; on an error none of them is, unless the error says that the outcome is unknown.
func (w *Writer) Write(ctx context.Context, chunks []*decode.Chunk, ends Ends) (Landed, error) {
	start := w.Now()
	if err := w.refuseTruncate(ctx, chunks); err != nil {
		return Landed{}, err
	}
	b := &ledger.Batch{Token: token(), RunID: w.RunID}
	wait := 10 * time.Millisecond
	for try := 1; ; try++ {
		w.summarize(b, chunks, ends.High)
		b.EventTime = nil
		if ends.Logs == nil {
			b.EventTime = w.eventTime(w.Clock, chunks, ends.Behind, w.Now())
		}
		if err := w.refuse(chunks); err != nil {
			return Landed{}, err
		}
		err := w.attempt(ctx, b, chunks, ends)
		if err == nil {
			break
		}
		var stop *crash
		if errors.As(err, &stop) {
			return Landed{}, stop.cause
		}
		if done, settled := w.settle(ctx, b, err); settled != nil || done {
			if settled != nil {
				return Landed{}, settled
			}
			break
		}
		var found *failing
		if errors.As(err, &found) {
			if err := w.setAside(chunks, found); err != nil {
				return Landed{}, err
			}
			continue
		}
		if dataError(err) {
			if err := w.isolate(ctx, chunks, err); err != nil {
				return Landed{}, err
			}
			continue
		}
		if b.Number == 0 && errors.Is(err, ledger.ErrFenced) {
			continue // under the next number
		}
		if !passing(err) || try == maxTries || ctx.Err() != nil {
			return Landed{}, err
		}
		select {
		case <-ctx.Done():
			return Landed{}, ctx.Err()
		case <-time.After(wait):
			wait *= 3
		}
	}
	w.Owner.LastBatch = b.Number
	if b.EventTime != nil {
		w.Clock = b.EventTime.After
	}
	w.settled()
	w.cover(ctx, b.Rows)
	out := Landed{Batch: b.Number, Rows: b.Rows, Quarantined: b.Quarantined, Skipped: b.Skipped, Bytes: b.Bytes, Took: w.Now().Sub(start)}
	if err := w.at(StepCommitted); err != nil {
		return out, err
	}
	return out, w.budget(b)
}

// crash carries an error of Fail past everything that would repair it.
type crash struct{ cause error }

func (c *crash) Error() string { return c.cause.Error() }

// ErrLostAck is what Fail returns at StepAck to play a connection that broke after the
// server carried out the COMMIT.
var ErrLostAck = errors.New("the connection was lost")

func token() string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Partition names one partition.
type Partition struct {
	Topic string
	ID    int32
}

// summarize fills in what the ledger is told about a batch.
func (w *Writer) summarize(b *ledger.Batch, chunks []*decode.Chunk, high map[Partition]int64) {
	b.Moves, b.Rows, b.Quarantined, b.Skipped, b.Bytes, b.Decode = b.Moves[:0], 0, 0, 0, 0, 0
	b.Oldest, b.Newest = time.Time{}, time.Time{}
	at := map[Partition]int{}
	for _, c := range chunks {
		p := Partition{c.Topic, c.Partition}
		i, ok := at[p]
		if !ok {
			i = len(b.Moves)
			at[p] = i
			b.Moves = append(b.Moves, ledger.Move{Topic: c.Topic, Partition: c.Partition, From: c.First, High: high[p]})
		}
		m := &b.Moves[i]
		m.To, m.LeaderEpoch = c.Next, c.Epoch
		if c.Newest.After(m.LastRecord) {
			m.LastRecord = c.Newest
		}
		b.Rows += int64(c.Batch.Rows)
		b.Quarantined += int64(len(c.Bad))
		b.Skipped += int64(c.Skipped)
		b.Bytes += c.Bytes
		b.Decode += c.Took
		if !c.Oldest.IsZero() && (b.Oldest.IsZero() || c.Oldest.Before(b.Oldest)) {
			b.Oldest = c.Oldest
		}
		if c.Newest.After(b.Newest) {
			b.Newest = c.Newest
		}
	}
}

// refuse stops before anything is written when no bad record is allowed.
func (w *Writer) refuse(chunks []*decode.Chunk) error {
	if w.Table.Source.OnBad != declare.Fail {
		return nil
	}
	for _, c := range chunks {
		if len(c.Bad) > 0 {
			bad := c.Bad[0]
			return w.bad(fmt.Sprintf("record %s/%d at offset %d: %s", c.Topic, c.Partition, bad.Record.Offset, bad.Err),
				"on_bad_record: quarantine lands the others and keeps this one's bytes")
		}
	}
	return nil
}

// budget stops the stream after a batch with too many bad records.
func (w *Writer) budget(b *ledger.Batch) error {
	bad := b.Quarantined + b.Skipped
	src := w.Table.Source
	if src.BudgetBatch > 0 && bad > int64(src.BudgetBatch) {
		return w.bad(fmt.Sprintf("%d bad records in batch %d, more than budget.per_batch allows (%d)", bad, b.Number, src.BudgetBatch), "millrace stream quarantine shows them")
	}
	if all := bad + b.Rows; src.BudgetRate > 0 && all > 0 && float64(bad) > src.BudgetRate*float64(all) {
		return w.bad(fmt.Sprintf("%d of %d records in batch %d are bad, more than budget.rate allows (%g%%)", bad, all, b.Number, 100*src.BudgetRate), "millrace stream quarantine shows them")
	}
	return nil
}

func (w *Writer) bad(summary, hint string) error {
	d := diag.New(diag.CodeBadRecord, diag.Runtime, w.Table.Source.Span, "stream "+w.Table.Source.Name+": "+summary)
	d.Hint, d.NodeID = hint, w.Table.Source.ID
	return d
}

// attempt tries the transaction once.
func (w *Writer) attempt(ctx context.Context, b *ledger.Batch, chunks []*decode.Chunk, ends Ends) error {
	c, err := w.connection(ctx)
	if err != nil {
		return err
	}
	if b.Number == 0 {
		if b.Number, err = w.Ledger.Number(ctx, c, w.Owner); err != nil {
			if passing(err) {
				w.drop()
			}
			return err
		}
	}
	now := w.Now()
	if err := w.makeRoom(ctx, c, now); err != nil {
		return err
	}
	step := func(s Step) error {
		if err := w.at(s); err != nil {
			return &crash{err}
		}
		return nil
	}
	roll := func(err error) error {
		var stop *crash
		if errors.As(err, &stop) {
			return err // a crash leaves everything as it is
		}
		// A passing error may be a connection that is gone; the next try gets a fresh one.
		if e := c.Rollback(ctx); e != nil || passing(err) {
			w.drop()
		}
		return err
	}
	if err := step(StepBegin); err != nil {
		return err
	}
	if err := ledger.Begin(ctx, c); err != nil {
		return roll(err)
	}
	if err := w.Ledger.Advance(ctx, c, w.Owner, b, now); err != nil {
		return roll(err)
	}
	if err := step(StepAdvance); err != nil {
		return err
	}
	if err := w.decide(ctx, c, b.Number, now); err != nil {
		return roll(err)
	}
	err = w.rows(ctx, c, b.Number, chunks, now)
	if err == nil {
		err = w.check(ctx, c, b.Number)
	}
	if err != nil {
		return roll(err)
	}
	if err := step(StepRows); err != nil {
		return err
	}
	if err := w.quarantine(ctx, c, b.Number, chunks, now); err != nil {
		return roll(err)
	}
	if err := step(StepQuarantine); err != nil {
		return err
	}
	if err := w.keep(ctx, c, b.Number, chunks, false); err != nil {
		return roll(err)
	}
	if ends.Logs != nil {
		if b.EventTime, err = w.sharedTime(ctx, c, b, chunks, ends, now); err != nil {
			return roll(err)
		}
	}
	for _, s := range []Step{StepCurrent, StepCommit} {
		if err := step(s); err != nil {
			return err
		}
	}
	if err := c.Commit(ctx); err != nil {
		return &unknown{err}
	}
	if err := w.at(StepAck); errors.Is(err, ErrLostAck) {
		w.drop()
		return &unknown{err}
	} else if err != nil {
		return &crash{err}
	}
	return nil
}

// unknown is an error of COMMIT: it may have been carried out or not.
type unknown struct{ cause error }

func (u *unknown) Error() string { return u.cause.Error() }
func (u *unknown) Unwrap() error { return u.cause }

// drop forgets a connection that may be broken.
func (w *Writer) drop() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}

// settle finds out whether the batch is in the ledger after all. done: it is. An error is
// final; neither means that the transaction may be tried again.
func (w *Writer) settle(ctx context.Context, b *ledger.Batch, err error) (done bool, final error) {
	var u *unknown
	fenced := errors.Is(err, ledger.ErrFenced) || errors.Is(err, ledger.ErrMoved)
	if !errors.As(err, &u) && !fenced {
		return false, nil
	}
	if u != nil {
		w.drop()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	wait := 20 * time.Millisecond
	for {
		c, connErr := w.connection(ctx)
		if connErr == nil {
			var ok bool
			if ok, connErr = w.Ledger.Committed(ctx, c, w.Owner.Pipeline, b); connErr == nil {
				if !ok && fenced {
					if on, err := w.Ledger.Overtaken(ctx, c, w.Owner); err == nil && on {
						b.Number = 0
						return false, nil
					}
					return false, w.Fenced(err)
				}
				return ok, nil
			}
			w.drop()
		}
		select {
		case <-ctx.Done():
			d := diag.New(diag.CodeLedger, diag.Database, w.Table.Source.Span, fmt.Sprintf("stream %s: whether batch %d was committed is unknown, and the database does not answer: %v",
				w.Table.Source.Name, b.Number, connErr))
			d.Hint, d.Cause = "nothing is lost: the next start asks the ledger", err
			return false, d
		case <-time.After(wait):
			wait = min(2*wait, 5*time.Second)
		}
	}
}

// Fenced is the error of a process that has lost the stream to another.
func (w *Writer) Fenced(cause error) error {
	d := diag.New(diag.CodeFenced, diag.Runtime, w.Table.Source.Span, "stream "+w.Table.Source.Name+": "+cause.Error())
	d.Cause, d.NodeID = cause, w.Table.Source.ID
	d.Hint = "one process runs a stream at a time; the one that claimed it last goes on"
	return d
}

// rows loads the good rows, topic by topic.
func (w *Writer) rows(ctx context.Context, c adapters.Conn, number int64, chunks []*decode.Chunk, now time.Time) error {
	// Chunks with other columns come from before or after the table grew.
	type part struct {
		topic string
		shape string
	}
	var parts []part
	batches := map[part][]*columnar.Batch{}
	for _, ch := range chunks {
		if ch.Batch.Rows == 0 {
			continue
		}
		at := part{ch.Topic, shapeOf(ch.Batch)}
		if batches[at] == nil {
			parts = append(parts, at)
		}
		batches[at] = append(batches[at], ch.Batch)
	}
	for _, at := range parts {
		if err := w.load(ctx, c, batches[at], at.topic, number, now); err != nil {
			return err
		}
	}
	return nil
}

// shapeOf tells batches apart whose columns are not the same.
func shapeOf(b *columnar.Batch) string {
	out := make([]byte, 0, 16)
	out = strconv.AppendInt(out, int64(len(b.Columns)), 10)
	for _, c := range b.Columns {
		out = append(out, byte('a'+c.Kind))
	}
	return string(out)
}

// Governor decides about the schemas of a stream.
type Governor interface {
	Pending() ([]ledger.Verdict, []decode.Field)
	Recorded(n int)
}

// decide carries out and writes down what was decided about schemas since the last commit.
func (w *Writer) decide(ctx context.Context, c adapters.Conn, number int64, now time.Time) error {
	if w.Governor == nil {
		return nil
	}
	verdicts, fields := w.Governor.Pending()
	w.Table.fields, w.decided = fields, len(verdicts)
	return w.Ledger.Record(ctx, c, w.Owner.Pipeline, verdicts, number, now)
}

// settled says that what the last transaction decided is in the ledger.
func (w *Writer) settled() {
	if w.decided > 0 {
		w.Governor.Recorded(w.decided)
		w.decided = 0
	}
}

// Stamp adds the columns of a landing table that are the same for all rows of a batch.
func Stamp(b *columnar.Batch, topic string, number int64, now time.Time) *columnar.Batch {
	return b.With([]string{columnTopic, columnBatch, columnIngested},
		constText(topic), constInt(columnar.Integer, number), constInt(columnar.TimestampTZ, now.UnixMicro()))
}

func (w *Writer) load(ctx context.Context, c adapters.Conn, batches []*columnar.Batch, topic string, number int64, now time.Time) error {
	loader, ok := c.(columnar.Loader)
	if !ok {
		return fmt.Errorf("the adapter %s cannot receive streams", w.Table.engine)
	}
	full := make([]*columnar.Batch, len(batches))
	for i, b := range batches {
		full[i] = Stamp(b, topic, number, now)
	}
	n, err := loader.LoadColumns(ctx, w.Table.Relation, full...)
	if rows := columnar.Rows(batches); err == nil && n != int64(rows) {
		return fmt.Errorf("%d of %d rows were loaded", n, rows)
	}
	return err
}
