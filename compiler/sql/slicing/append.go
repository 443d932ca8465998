package slicing

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

func (a *analysis) appends(q *query, up *scope) *Error {
	s := q.open(up)
	if q.limited != nil {
		return errorAt(*q.limited, "'%s' would apply to each slice by itself", q.limited.text)
	}
	for _, op := range q.ops {
		if op.name != "union" || !op.all {
			name := op.name
			if name == "union" {
				return errorAt(op.at, "a union that removes duplicates would compare the rows of one slice only; union all does not")
			}
			return errorAt(op.at, "'%s' would compare the rows of one slice only", name)
		}
	}
	for _, t := range q.terms {
		err := (*Error)(nil)
		if t.query != nil {
			err = a.appends(t.query, s)
		} else {
			err = a.appendsBlock(t.block, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *analysis) appendsBlock(b *block, s *scope) *Error {
	switch {
	case b.distinct != nil:
		return keyed(errorAt(*b.distinct, "distinct would compare the rows of one slice only"))
	case b.groupAt != nil:
		return keyed(errorAt(*b.groupAt, "groups would hold the rows of one slice only"))
	case b.having != nil:
		return keyed(errorAt(b.having[0], "having asks about groups, which would hold the rows of one slice only"))
	}
	for _, tokens := range b.expressions() {
		for _, c := range outside(tokens) {
			if c.over || c.class == windowOnly {
				return keyed(errorAt(c.at, "the window of %s() would hold the rows of one slice only", c.name))
			}
			if c.class == aggregate {
				return keyed(errorAt(c.at, "%s() would be computed over the rows of one slice only", c.name))
			}
		}
	}
	at := -1
	for i := range b.factors {
		src := a.source(&b.factors[i], s)
		if src.input == nil && (src.query == nil || !a.streamed(src.query, src.scope)) {
			continue
		}
		if at >= 0 {
			return keyed(errorAt(b.factors[i].at, "two streamed relations are joined, and a row of one slice may belong to a row of another"))
		}
		at = i
		if src.query != nil {
			if err := a.appends(src.query, src.scope); err != nil {
				return err
			}
		}
	}
	if at < 0 {
		return errorAt(b.at, "this part reads no stream: its rows would come again with each slice")
	}
	return b.preserved(at)
}

func keyed(err *Error) *Error {
	err.Hint = "with a unique_key the model can compute the touched keys anew"
	return err
}

// preserved checks that no row of a factor can give different rows because rows of it are
// still to come: it must not be on the side of a join that is filled up with nulls.
func (b *block) preserved(at int) *Error {
	for i, f := range b.factors {
		lost := false
		switch f.join {
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
			return errorAt(f.at, "a %s join is not understood", f.join)
		}
		if lost {
			return errorAt(f.at, "a %s join fills up rows for which the stream has no match yet", f.join)
		}
	}
	return nil
}
