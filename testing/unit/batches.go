package unit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/follow"
)

// batchColumn tells which rows of a fixture come together.
const batchColumn = "_stream_batch"

// knobs are meta.stream of a unit test.
type knobs struct {
	batches  bool // run batch by batch at all
	shuffles int  // how many other orders of the batches are tried
	seed     uint64
}

func knobsOf(u *manifest.UnitTestDef) (knobs, error) {
	k := knobs{batches: true, shuffles: 3, seed: 1}
	meta := u.Config.Dict("meta")
	if meta == nil {
		return k, nil
	}
	v, ok := meta.GetString("stream")
	if !ok {
		return k, nil
	}
	bad := func(text string) (knobs, error) {
		return k, diag.New(diag.CodeConfigValue, diag.Parsing, u.Span, "unit test "+u.Name+": "+text)
	}
	d, ok := v.AsDict()
	if !ok {
		return bad("config.meta.stream must be a mapping with 'batches', 'shuffles' or 'seed'")
	}
	for key, v := range d.All() {
		n, isInt := v.AsInt()
		on, isBool := v.AsBool()
		switch name := value.Str(key); {
		case name == "batches" && isBool:
			k.batches = on
		case name == "shuffles" && isInt && n >= 0 && n <= 1000:
			k.shuffles = int(n)
		case name == "seed" && isInt && n >= 0:
			k.seed = uint64(n)
		case name == "batches" || name == "shuffles" || name == "seed":
			return bad("config.meta.stream." + name + " cannot be " + value.Repr(v))
		default:
			return bad("'" + name + "' is no key of config.meta.stream; batches, shuffles and seed are")
		}
	}
	return k, nil
}

// batched are the inputs whose rows say with which batch they come, where the tested model
// follows streams. A test of the incremental form by itself is none of batches.
func (b *builder) batched() ([]string, error) {
	if b.endState || !follow.Wants(b.tested) {
		return nil, nil
	}
	if b.incremental() {
		return nil, nil
	}
	var out []string
	for i := range b.unit.Given {
		g := &b.unit.Given[i]
		in, err := b.input(g)
		if err != nil {
			return nil, err
		}
		if in.id == b.tested.UniqueID {
			return nil, nil
		}
		if text, ok := g.Rows.AsString(); ok {
			if strings.Contains(strings.ToLower(text), batchColumn) {
				out = append(out, in.id)
			}
			continue
		}
		for _, row := range g.Rows.Items() {
			if d, ok := row.AsDict(); ok {
				if _, ok := d.GetString(batchColumn); ok {
					out = append(out, in.id)
					break
				}
			}
		}
	}
	return out, nil
}

// play runs a model's query over its inputs as a stream would bring them.
type play struct {
	b        *builder
	ctx      context.Context
	fixtures *compile.Fixtures
	ids      []string
	how      *follow.Rehearsal
	tables   map[string]string // of the inputs
}

const (
	stateTable = "_stream_unit_state"
	keysOf     = "_stream_unit_keys"
)

// batches runs the model batch by batch, with every row for itself, in other orders, and with
// batches that come again; the result must always be the one that all rows at once give.
// The message says where it is not.
func (b *builder) batches(ctx context.Context, fixtures *compile.Fixtures, ids []string, k knobs) (string, error) {
	p := &play{b: b, ctx: ctx, fixtures: fixtures, ids: ids, tables: map[string]string{}}
	conditions := map[string]string{}
	for i, id := range ids {
		conditions[id] = "1 = 1"
		p.tables[id] = fmt.Sprintf("_stream_unit_input_%d", i)
	}
	h := b.t.Host()
	h.Fixtures, h.Slices = fixtures, compile.NewSlices(conditions)
	out, err := b.t.Compiler().Compile(ctx, b.node, h)
	if err != nil {
		return "", err
	}
	if p.how, err = follow.Rehearse(b.tested, out.Code, h.Slices.Inputs()); err != nil {
		return "", err
	}
	random := rand.New(rand.NewPCG(k.seed, 0))
	type schedule struct {
		name           string
		alone, shuffle bool
		again          bool
	}
	list := []schedule{{name: "batch by batch"}, {name: "every row for itself", alone: true}, {name: "with every batch delivered twice", again: true}}
	for i := range k.shuffles {
		list = append(list, schedule{name: fmt.Sprintf("with batches in another order (seed %d, shuffle %d)", k.seed, i+1), shuffle: true, alone: i%2 == 1})
	}
	for _, s := range list {
		numbers, err := p.inputs(s.alone)
		if err != nil {
			return "", err
		}
		if s.shuffle {
			random.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
		}
		difference, err := p.run(numbers, s.again)
		if err != nil || difference != "" {
			return "\n\nrun " + s.name + ", the model differs from its query over all rows at once:\n\n" + difference + "\n", err
		}
	}
	return "", nil
}

// inputs makes a table of each input, and lists its batches in order. alone gives every row a
// batch of its own.
func (p *play) inputs(alone bool) ([]int64, error) {
	var numbers []int64
	base := int64(0)
	for _, id := range p.ids {
		sql := p.fixtures.SQL(id)
		columns, err := p.b.t.Describe(p.ctx, sql)
		if err != nil {
			return nil, err
		}
		list := make([]string, len(columns))
		for i, c := range columns {
			list[i] = c.Quoted()
			if alone && strings.EqualFold(c.Name, batchColumn) {
				list[i] = fmt.Sprintf("cast(%d + row_number() over (order by %s) as bigint) as %s", base, c.Quoted(), c.Quoted())
			}
		}
		for _, text := range []string{"drop table if exists " + p.tables[id],
			"create temporary table " + p.tables[id] + " as select " + strings.Join(list, ", ") + " from (\n" + sql + "\n) as _stream_fixture"} {
			if _, err := p.b.t.Query(text); err != nil {
				return nil, err
			}
		}
		t, err := p.b.t.Query("select distinct " + batchColumn + " from " + p.tables[id] + " where " + batchColumn + " is not null")
		if err != nil {
			return nil, err
		}
		for _, r := range t.Rows {
			n, ok := r[0].AsInt()
			if !ok {
				return nil, diag.New(diag.CodeConfigValue, diag.Parsing, p.b.unit.Span, "unit test "+p.b.unit.Name+": "+batchColumn+" must be a whole number, not "+value.Repr(r[0]))
			}
			if !slices.Contains(numbers, n) {
				numbers = append(numbers, n)
			}
			base = max(base, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// code is the model's query over rows of its inputs that meet conditions.
func (p *play) code(conditions map[string]string) (*compile.Output, error) {
	sql := map[string]string{}
	for _, id := range p.ids {
		sql[id] = "select * from " + p.tables[id]
		if c := conditions[id]; c != "" {
			sql[id] += " where " + c
		}
	}
	h := p.b.t.Host()
	h.Fixtures = p.fixtures.With(sql)
	return p.b.t.Compiler().Compile(p.ctx, p.b.node, h)
}

// run advances the model through the batches, and pictures how the result differs from the
// query over everything; "" when it does not.
func (p *play) run(numbers []int64, again bool) (string, error) {
	full, err := p.code(nil)
	if err != nil {
		return "", err
	}
	whole := strings.TrimRight(full.Code, "; \t\r\n")
	for _, text := range []string{"drop table if exists " + stateTable, "create temporary table " + stateTable + " as select * from (\n" + whole + "\n) as _stream_model where false"} {
		if _, err := p.b.t.Query(text); err != nil {
			return "", err
		}
	}
	var taken []string
	for _, n := range numbers {
		taken = append(taken, fmt.Sprint(n))
		times := 1
		if again && p.how.Keyed {
			times = 2 // what comes again to a model without a key has offsets that have landed
		}
		for range times {
			if err := p.advance(fmt.Sprint(n), strings.Join(taken, ", ")); err != nil {
				return "", err
			}
		}
	}
	t, err := p.b.t.Query("select * from (select 'missing' as difference, * from (select * from (\n" + whole + "\n) as a except all select * from " + stateTable + ") as b union all " +
		"select 'too many', * from (select * from " + stateTable + " except all select * from (\n" + whole + "\n) as c) as d) as e limit 20")
	if err != nil || len(t.Rows) == 0 {
		return "", err
	}
	return t.PrintTable(-1, -1, 40), nil
}

// advance takes one batch in.
func (p *play) advance(batch, taken string) error {
	slice, all := map[string]string{}, map[string]string{}
	for _, id := range p.ids {
		slice[id] = batchColumn + " in (" + batch + ")"
		all[id] = batchColumn + " in (" + taken + ")"
	}
	conditions, touched := p.how.Conditions(slice, all, p.tables, keysOf)
	out, err := p.code(conditions)
	if err != nil {
		return err
	}
	var statements []string
	if p.how.Keyed {
		out.Wrap("select * from (\n", "\n) as _stream_model where "+p.how.Touched(keysOf))
		statements = []string{"drop table if exists " + keysOf, "create temporary table " + keysOf + " as " + touched, "delete from " + stateTable + " where " + p.how.Touched(keysOf)}
	}
	for _, text := range append(statements, "insert into "+stateTable+"\n"+out.Code) {
		if _, err := p.b.t.Query(text); err != nil {
			return err
		}
	}
	return nil
}
