package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// ErrPositionMoved says that another run has taken the model further meanwhile.
var ErrPositionMoved = errors.New("another run has moved this model's position")

// Frontier is up to where a model has taken one of its inputs in: every batch up to Batch
// except those in Missing. A batch and its offset ranges are written in one transaction, so
// that a set of batches is an exact set of records; records that leave quarantine long
// after their neighbours have a batch of their own, which offsets alone would pass over.
type Frontier struct {
	Batch int64 `json:"batch"`
	// Missing are numbers below Batch that no transaction had committed when the frontier
	// was taken: writers that run side by side may commit in another order than they began.
	Missing []int64 `json:"missing,omitempty"`
	// Offsets is where that is in the log: topic → partition → next offset.
	Offsets map[string]map[int32]int64 `json:"offsets,omitempty"`
}

// ModelPosition is a model's frontier in one input, and the plan it was reached with.
type ModelPosition struct {
	Model       string // the relation that the model builds, without its database
	Input       string // likewise
	Frontier    Frontier
	Fingerprint string
}

// ModelPositions reads the positions of a model, by input.
func (l *Ledger) ModelPositions(ctx context.Context, c adapters.Conn, model string) (map[string]ModelPosition, error) {
	rows, err := query(ctx, c, l.expand("select input_relation, frontier, plan_fingerprint from {positions} where consumer_model = "+text(model)))
	if err != nil {
		return nil, err
	}
	out := map[string]ModelPosition{}
	for _, r := range rows {
		p := ModelPosition{Model: model, Input: value.Str(r[0]), Fingerprint: value.Str(r[2])}
		if err := json.Unmarshal([]byte(value.Str(r[1])), &p.Frontier); err != nil {
			return nil, fmt.Errorf("the position of %s in %s is damaged: %w", model, p.Input, err)
		}
		out[p.Input] = p
	}
	return out, nil
}

// PlaceModel moves a model's position from what was read to what it has come to, inside the
// transaction that writes the model's rows. from is nil for a model without a position.
func (l *Ledger) PlaceModel(ctx context.Context, c adapters.Conn, from *ModelPosition, to ModelPosition, now time.Time) error {
	frontier, err := json.Marshal(to.Frontier)
	if err != nil {
		return err
	}
	where := " where consumer_model = " + text(to.Model) + " and input_relation = " + text(to.Input)
	if from == nil {
		there, err := query(ctx, c, "select count(*) from "+l.name("positions")+where)
		if err != nil {
			return err
		}
		if Int(there[0][0]) != 0 {
			return ErrPositionMoved
		}
		_, err = affected(ctx, c, "insert into "+l.name("positions")+" (consumer_model, input_relation, frontier, plan_fingerprint, batch, updated_at) values ("+
			strings.Join([]string{text(to.Model), text(to.Input), text(string(frontier)), text(to.Fingerprint), num(to.Frontier.Batch), moment(now)}, ", ")+")")
		return err
	}
	old, err := json.Marshal(from.Frontier)
	if err != nil {
		return err
	}
	n, err := affected(ctx, c, "update "+l.name("positions")+" set frontier = "+text(string(frontier))+", plan_fingerprint = "+text(to.Fingerprint)+
		", batch = "+num(to.Frontier.Batch)+", updated_at = "+moment(now)+where+" and frontier = "+text(string(old))+" and plan_fingerprint = "+text(from.Fingerprint))
	if err == nil && n != 1 {
		err = ErrPositionMoved
	}
	return err
}

// ForgetModel removes a model's position in an input that it no longer reads.
func (l *Ledger) ForgetModel(ctx context.Context, c adapters.Conn, model, input string) error {
	_, err := affected(ctx, c, "delete from "+l.name("positions")+" where consumer_model = "+text(model)+" and input_relation = "+text(input))
	return err
}

// Upper is how far a stream has come in this transaction's view, seen from a model that
// stands at from: from's own missing batches may be there by now.
func (l *Ledger) Upper(ctx context.Context, c adapters.Conn, pipeline string, from Frontier) (Frontier, error) {
	rows, err := query(ctx, c, l.expand("select batch from {batches} where pipeline = "+text(pipeline)+" and "+from.behind()))
	if err != nil {
		return Frontier{}, err
	}
	committed := make([]int64, len(rows))
	for i, r := range rows {
		committed[i] = Int(r[0])
	}
	up := from.advance(committed)
	rows, err = query(ctx, c, l.expand(`select topic, "partition", next_offset from {offsets} where pipeline = `+text(pipeline)))
	if err != nil {
		return Frontier{}, err
	}
	for _, r := range rows {
		topic := value.Str(r[0])
		if up.Offsets == nil {
			up.Offsets = map[string]map[int32]int64{}
		}
		if up.Offsets[topic] == nil {
			up.Offsets[topic] = map[int32]int64{}
		}
		up.Offsets[topic][int32(Int(r[1]))] = Int(r[2])
	}
	return up, nil
}

// advance is the frontier after everything in committed.
func (f Frontier) advance(committed []int64) Frontier {
	up := Frontier{Batch: f.Batch}
	there := map[int64]bool{}
	for _, n := range committed {
		there[n] = true
		up.Batch = max(up.Batch, n)
	}
	for _, n := range f.Missing {
		if !there[n] {
			up.Missing = append(up.Missing, n)
		}
	}
	begin := f.Batch
	if len(committed) > 0 {
		// Old batches may have been pruned from the ledger; they are not on their way.
		begin = max(begin, slices.Min(committed)-writers)
	}
	for n := begin + 1; n < up.Batch; n++ {
		if !there[n] {
			up.Missing = append(up.Missing, n)
		}
	}
	slices.Sort(up.Missing)
	return up
}

// behind is the condition of the ledger's batches that a frontier does not hold.
func (f Frontier) behind() string {
	list := make([]string, len(f.Missing))
	for i, n := range f.Missing {
		list[i] = num(n)
	}
	if len(list) == 0 {
		return "batch > " + num(f.Batch)
	}
	return "(batch > " + num(f.Batch) + " or batch in (" + strings.Join(list, ", ") + "))"
}

// writers bounds how many transactions of a stream can be open at a time.
const writers = 64

// Rewound reports that rows which a model at this frontier may have taken in were taken
// back since, or that the stream has fewer batches than the model knows.
func (l *Ledger) Rewound(ctx context.Context, c adapters.Conn, pipeline string, from Frontier) (bool, error) {
	rows, err := query(ctx, c, l.expand("select (select count(*) from {batches} where pipeline = "+text(pipeline)+" and "+from.behind()+" and ranges = 'null' and row_count <= 0), "+
		"(select coalesce(max(last_batch), 0) from {owner} where pipeline = "+text(pipeline)+")"))
	if err != nil {
		return false, err
	}
	return Int(rows[0][0]) > 0 || Int(rows[0][1]) < from.Batch, nil
}

// Slice is the condition that keeps the rows of the batches behind from and not behind to;
// column is the name of the rows' batch.
func Slice(column string, from, to Frontier) string {
	var parts []string
	if to.Batch > from.Batch {
		parts = append(parts, column+" > "+num(from.Batch)+" and "+column+" <= "+num(to.Batch)+exclusion(column, after(to.Missing, from.Batch)))
	}
	var arrived []string
	for _, n := range from.Missing {
		if !slices.Contains(to.Missing, n) {
			arrived = append(arrived, num(n))
		}
	}
	if len(arrived) > 0 {
		parts = append(parts, column+" in ("+strings.Join(arrived, ", ")+")")
	}
	switch len(parts) {
	case 0:
		return "false"
	case 1:
		return parts[0]
	}
	return "(" + parts[0] + " or " + parts[1] + ")"
}

// UpTo is the condition that keeps everything up to a frontier.
func (f Frontier) UpTo(column string) string {
	return column + " <= " + num(f.Batch) + exclusion(column, f.Missing)
}

// Empty reports that nothing lies between two frontiers.
func Empty(from, to Frontier) bool { return Slice("b", from, to) == "false" }

func after(list []int64, n int64) []int64 {
	var out []int64
	for _, x := range list {
		if x > n {
			out = append(out, x)
		}
	}
	return out
}

func exclusion(column string, list []int64) string {
	if len(list) == 0 {
		return ""
	}
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = num(n)
	}
	return " and " + column + " not in (" + strings.Join(out, ", ") + ")"
}
