package plan

import (
	"fmt"

	"github.com/millrace/millrace/compiler/sql"
)

// join gives the columns of both sides, or what its type leaves of them.
func (w *walker) join(o *operator) ([]column, error) {
	if len(o.Children) != 2 {
		return nil, fmt.Errorf("%s over %d inputs", o.Type, len(o.Children))
	}
	left, right, err := w.sides(o)
	if err != nil {
		return nil, err
	}
	l, err := pick(left, o.Left)
	if err != nil {
		return nil, err
	}
	r, err := pick(right, o.Right)
	if err != nil {
		return nil, err
	}
	on, err := condition(o, left, right)
	if err != nil {
		return nil, err
	}
	w.rows.choose(on, sql.Join)
	switch o.JoinType {
	case "", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "SINGLE":
		return append(l[:len(l):len(l)], r...), nil
	case "SEMI", "ANTI":
		return l, nil
	case "RIGHT_SEMI", "RIGHT_ANTI":
		return r, nil
	case "MARK":
		return append(l[:len(l):len(l)], on), nil
	}
	return nil, fmt.Errorf("a join of type %s", o.JoinType)
}

// sides walks both inputs. In a delim join one side reads, in LOGICAL_DELIM_GET, distinct
// rows of columns of the other: that is how a correlated subquery is planned.
func (w *walker) sides(o *operator) (left, right []column, err error) {
	outer, inner := 0, 1
	if o.Type == "LOGICAL_DELIM_JOIN" && o.DelimFlipped {
		outer, inner = 1, 0
	}
	side := [2][]column{}
	if side[outer], err = w.child(o, outer); err != nil {
		return nil, nil, err
	}
	if o.Type == "LOGICAL_DELIM_JOIN" {
		handed, err := expressions(o.Eliminated, side[outer], &o.Children[outer])
		if err != nil {
			return nil, nil, err
		}
		w.delim = append(w.delim, handed)
		defer func() { w.delim = w.delim[:len(w.delim)-1] }()
	}
	side[inner], err = w.child(o, inner)
	return side[0], side[1], err
}

// condition is what the pairs of rows that belong together depend on, and the answer of an IN or EXISTS.
func condition(o *operator, left, right []column) (column, error) {
	out := column{}
	for _, c := range o.Conditions {
		m, _ := c.(map[string]any)
		l, err := expression(m["left"], left, &o.Children[0])
		if err != nil {
			return nil, err
		}
		r, err := expression(m["right"], right, &o.Children[1])
		if err != nil {
			return nil, err
		}
		out.add(l, sql.Transform)
		out.add(r, sql.Transform)
	}
	if o.Condition == nil {
		return out, nil
	}
	both := append(left[:len(left):len(left)], right...)
	c, err := expression(o.Condition, both, nil)
	out.add(c, sql.Transform)
	return out, err
}
