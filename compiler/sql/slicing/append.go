package slicing

import "github.com/millrace/millrace/compiler/sql/query"

// Appends proves that a query gives for all rows of its inputs what it gives for the slices
// of one of them, one after the other, put together. The error says why that is not so, or
// not to be seen.
func Appends(code string, inputs []Input) error {
	a, err := analyse(code, inputs)
	if err == nil {
		err = a.check()
	}
	if err == nil {
		err = a.appends(a.query, nil)
	}
	if err == nil {
		return nil
	}
	return a.mapped(err)
}

func (a *analysis) appends(q *query.Query, up *scope) *query.Error {
	s := open(q, up)
	if q.Limited != nil {
		return query.ErrorAt(*q.Limited, "'%s' would apply to each slice by itself", q.Limited.Text)
	}
	for _, op := range q.Ops {
		if op.Name != "union" || !op.All {
			name := op.Name
			if name == "union" {
				return query.ErrorAt(op.At, "a union that removes duplicates would compare the rows of one slice only; union all does not")
			}
			return query.ErrorAt(op.At, "'%s' would compare the rows of one slice only", name)
		}
	}
	for _, t := range q.Terms {
		err := (*query.Error)(nil)
		if t.Query != nil {
			err = a.appends(t.Query, s)
		} else {
			err = a.appendsBlock(block{t.Block}, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *analysis) appendsBlock(b block, s *scope) *query.Error {
	switch {
	case b.Distinct != nil:
		return keyed(query.ErrorAt(*b.Distinct, "distinct would compare the rows of one slice only"))
	case b.GroupAt != nil:
		return keyed(query.ErrorAt(*b.GroupAt, "groups would hold the rows of one slice only"))
	case b.Having != nil:
		return keyed(query.ErrorAt(b.Having[0], "having asks about groups, which would hold the rows of one slice only"))
	}
	for _, tokens := range b.Expressions() {
		for _, c := range query.OwnCalls(tokens) {
			if c.Over || c.Class == query.WindowOnly {
				return keyed(query.ErrorAt(c.At, "the window of %s() would hold the rows of one slice only", c.Name))
			}
			if c.Class == query.Aggregate {
				return keyed(query.ErrorAt(c.At, "%s() would be computed over the rows of one slice only", c.Name))
			}
		}
	}
	at := -1
	for i := range b.Factors {
		src := a.source(&b.Factors[i], s)
		if src.input == nil && (src.query == nil || !a.streamed(src.query, src.scope)) {
			continue
		}
		if at >= 0 {
			return keyed(query.ErrorAt(b.Factors[i].At, "two streamed relations are joined, and a row of one slice may belong to a row of another"))
		}
		at = i
		if src.query != nil {
			if err := a.appends(src.query, src.scope); err != nil {
				return err
			}
		}
	}
	if at < 0 {
		return query.ErrorAt(b.At, "this part reads no stream: its rows would come again with each slice")
	}
	return b.preserved(at)
}

func keyed(err *query.Error) *query.Error {
	err.Hint = "with a unique_key the model can compute the touched keys anew"
	return err
}

// preserved checks that no row of a factor can give different rows because rows of it are
// still to come: it must not be on the side of a join that is filled up with nulls.
func (b block) preserved(at int) *query.Error {
	for i, f := range b.Factors {
		lost := false
		switch f.Join {
		case "", "cross", "inner":
		case "left":
			lost = i == at
		case "right":
			lost = i > at
		case "full":
			lost = i >= at && i > 0
		case "semi", "anti":
			lost = i == at
		default:
			return query.ErrorAt(f.At, "a %s join is not understood", f.Join)
		}
		if lost {
			return query.ErrorAt(f.At, "a %s join fills up rows for which the stream has no match yet", f.Join)
		}
	}
	return nil
}
