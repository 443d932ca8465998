package value

import (
	"math"
	"math/big"
	"strings"
)

// Equal is Python's a == b.
func Equal(a, b Value) bool {
	var e equality
	return e.equal(a, b, 0)
}

// equality is one comparison in progress. Containers that hold others several times make
// graphs with exponentially many paths, so that beyond a number of steps pairs that are
// known to be equal are remembered.
type equality struct {
	steps int
	known map[[2]any]struct{}
}

const equalSteps = 1 << 14

func (e *equality) equal(a, b Value, depth int) bool {
	ka, kb := a.Kind(), b.Kind()
	if ka == KindString && kb == KindString {
		return a.rawString() == b.rawString()
	}
	if ka == KindObject || kb == KindObject {
		return e.objects(a, b, depth)
	}
	if isNumber(ka) && isNumber(kb) {
		c, ordered := compareNumbers(a, b)
		return ordered && c == 0
	}
	if ka != kb {
		return false
	}
	if depth > maxNesting {
		return false
	}
	switch ka {
	case KindUndefined, KindNone:
		return true
	case KindList:
		x, y := a.rawList(), b.rawList()
		return x == y || e.once(x, y, func() bool { return e.items(x.Items, y.Items, depth) })
	case KindTuple:
		x, y := a.rawTuple(), b.rawTuple()
		return x == y || e.once(x, y, func() bool { return e.items(x.Items, y.Items, depth) })
	case KindDict:
		x, y := a.rawDict(), b.rawDict()
		return x == y || e.once(x, y, func() bool { return e.dicts(x, y, depth) })
	case KindSet:
		x, y := a.rawSet(), b.rawSet()
		return x.Len() == y.Len() && x.SubsetOf(y)
	}
	return false
}

// once compares two containers unless they are known to be equal.
func (e *equality) once(a, b any, compare func() bool) bool {
	if e.steps++; e.steps < equalSteps {
		return compare()
	}
	pair := [2]any{a, b}
	if _, ok := e.known[pair]; ok {
		return true
	}
	if !compare() {
		return false
	}
	if e.known == nil {
		e.known = map[[2]any]struct{}{}
	}
	e.known[pair] = struct{}{}
	return true
}

func (e *equality) items(a, b []Value, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !e.equal(a[i], b[i], depth+1) {
			return false
		}
	}
	return true
}

func (e *equality) dicts(a, b *Dict, depth int) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.entries {
		entry := &a.entries[i]
		if entry.deleted() {
			continue
		}
		other, ok := b.Get(entry.key)
		if !ok || !e.equal(entry.value, other, depth+1) {
			return false
		}
	}
	return true
}

func (e *equality) objects(a, b Value, depth int) bool {
	if m, ok := markerOf(a); ok {
		return e.equal(String(m.Text), b, depth)
	}
	if m, ok := markerOf(b); ok {
		return e.equal(a, String(m.Text), depth)
	}
	if o, ok := a.AsObject(); ok {
		if c, ok := o.(Comparer); ok {
			if eq, ok := c.Equal(b); ok {
				return eq
			}
		}
	}
	if o, ok := b.AsObject(); ok {
		if c, ok := o.(Comparer); ok {
			if eq, ok := c.Equal(a); ok {
				return eq
			}
		}
	}
	return Identical(a, b)
}

func markerOf(v Value) (*Marker, bool) {
	if v.Kind() != KindObject {
		return nil, false
	}
	m, ok := v.rawObject().(*Marker)
	return m, ok
}

func isNumber(k Kind) bool { return k >= KindBool && k <= KindFloat }

// compareNumbers orders two numbers exactly, as Python does; ordered is false for NaN.
func compareNumbers(a, b Value) (c int, ordered bool) {
	fa, aFloat := a.AsFloat()
	fb, bFloat := b.AsFloat()
	switch {
	case aFloat && bFloat:
		return cmpFloat(fa, fb)
	case aFloat:
		c, ordered = cmpFloatInt(fa, b)
		return c, ordered
	case bFloat:
		c, ordered = cmpFloatInt(fb, a)
		return -c, ordered
	case a.Kind() != KindBig && b.Kind() != KindBig:
		x, y := a.rawInt(), b.rawInt()
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	return bigOf(a).Cmp(bigOf(b)), true
}

func cmpFloat(a, b float64) (int, bool) {
	switch {
	case a < b:
		return -1, true
	case a > b:
		return 1, true
	case a == b:
		return 0, true
	}
	return 0, false
}

func cmpFloatInt(f float64, i Value) (int, bool) {
	if math.IsNaN(f) {
		return 0, false
	}
	if math.IsInf(f, 0) {
		return int(math.Copysign(1, f)), true
	}
	if n, ok := i.AsInt(); ok && n > -1<<53 && n < 1<<53 {
		return cmpFloat(f, float64(n))
	}
	return new(big.Float).SetFloat64(f).Cmp(new(big.Float).SetInt(bigOf(i))), true
}

// bigOf is the integer value of a bool, int or big int.
func bigOf(v Value) *big.Int {
	if v.Kind() == KindBig {
		return v.rawBig()
	}
	return big.NewInt(v.rawInt())
}

// Compare orders a and b; what Python cannot order is a TypeError in its words for "<".
func Compare(a, b Value) (int, error) {
	c, _, err := order("<", a, b, 0)
	return c, err
}

// CompareOp answers a == b, a < b … for the operator's text.
func CompareOp(op string, a, b Value) (bool, error) {
	switch op {
	case "==":
		return Equal(a, b), nil
	case "!=":
		return !Equal(a, b), nil
	}
	if a.Kind() == KindSet && b.Kind() == KindSet {
		return compareSets(op, a.rawSet(), b.rawSet()), nil
	}
	c, ordered, err := order(op, a, b, 0)
	if err != nil || !ordered {
		return false, err
	}
	switch op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	case ">=":
		return c >= 0, nil
	}
	return false, Errorf("SyntaxError", "unknown comparison operator %s", op)
}

func compareSets(op string, a, b *Set) bool {
	switch op {
	case "<":
		return a.Len() < b.Len() && a.SubsetOf(b)
	case "<=":
		return a.SubsetOf(b)
	case ">":
		return b.Len() < a.Len() && b.SubsetOf(a)
	}
	return b.SubsetOf(a)
}

// order compares for op; ordered is false where every ordering is false (NaN, sets).
func order(op string, a, b Value, depth int) (c int, ordered bool, err error) {
	a, b = markerText(a), markerText(b)
	ka, kb := a.Kind(), b.Kind()
	switch {
	case ka == KindString && kb == KindString:
		return strings.Compare(a.rawString(), b.rawString()), true, nil
	case isNumber(ka) && isNumber(kb):
		c, ordered = compareNumbers(a, b)
		return c, ordered, nil
	case ka == KindUndefined || kb == KindUndefined:
		return 0, false, undefinedIn(a, b)
	case ka == KindObject || kb == KindObject:
		if c, ok := orderObjects(a, b); ok {
			return c, true, nil
		}
		if err := orderError(a, b); err != nil {
			return 0, false, err
		}
	case ka == kb && (ka == KindList || ka == KindTuple):
		if depth > maxNesting {
			return 0, false, Errorf("RecursionError", "maximum recursion depth exceeded in comparison")
		}
		return orderItems(op, a.Items(), b.Items(), depth)
	case ka == KindSet && kb == KindSet:
		x, y := a.rawSet(), b.rawSet()
		switch {
		case compareSets("<", x, y):
			return -1, true, nil
		case compareSets(">", x, y):
			return 1, true, nil
		}
		return 0, x.Len() == y.Len() && x.SubsetOf(y), nil
	}
	return 0, false, typeError("'%s' not supported between instances of '%s' and '%s'", op, TypeName(a), TypeName(b))
}

// orderError asks the types that have words of their own for what they cannot order.
func orderError(a, b Value) error {
	if d, ok := as[*DateTime](a); ok {
		return d.orderError(b)
	}
	if d, ok := as[*Decimal](a); ok {
		return d.orderError(b)
	}
	if d, ok := as[*Decimal](b); ok {
		return d.orderError(a)
	}
	return nil
}

func orderObjects(a, b Value) (int, bool) {
	if o, ok := a.AsObject(); ok {
		if cmp, ok := o.(Comparer); ok {
			if c, ok := cmp.Compare(b); ok {
				return c, true
			}
		}
	}
	if o, ok := b.AsObject(); ok {
		if cmp, ok := o.(Comparer); ok {
			if c, ok := cmp.Compare(a); ok {
				return -c, true
			}
		}
	}
	return 0, false
}

func orderItems(op string, a, b []Value, depth int) (int, bool, error) {
	var e equality
	for i := 0; i < len(a) && i < len(b); i++ {
		if !e.equal(a[i], b[i], depth+1) {
			return order(op, a[i], b[i], depth+1)
		}
	}
	switch {
	case len(a) < len(b):
		return -1, true, nil
	case len(a) > len(b):
		return 1, true, nil
	}
	return 0, true, nil
}

// Identical is Python's `a is b`, as far as values without identity (numbers, strings) allow.
func Identical(a, b Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case KindNone, KindUndefined:
		return true
	case KindBool, KindInt, KindFloat:
		return a.rawInt() == b.rawInt()
	case KindBig:
		return a.rawBig() == b.rawBig()
	case KindString:
		return a.rawString() == b.rawString()
	case KindList:
		return a.rawList() == b.rawList()
	case KindTuple:
		return a.rawTuple() == b.rawTuple()
	case KindDict:
		return a.rawDict() == b.rawDict()
	case KindSet:
		return a.rawSet() == b.rawSet()
	}
	return sameObject(a.rawObject(), b.rawObject())
}

// Contains is Python's `item in container`.
func Contains(container, item Value) (bool, error) {
	container = markerText(container)
	switch container.Kind() {
	case KindUndefined:
		return false, nil
	case KindString:
		s, ok := markerText(item).AsString()
		if !ok {
			return false, typeError("'in <string>' requires string as left operand, not %s", TypeName(item))
		}
		return strings.Contains(container.rawString(), s), nil
	case KindList, KindTuple:
		for _, v := range container.Items() {
			if Equal(v, item) {
				return true, nil
			}
		}
		return false, nil
	case KindDict:
		_, ok, err := container.rawDict().Lookup(item)
		return ok, err
	case KindSet:
		_, ok, err := container.rawSet().items.Lookup(item)
		return ok, err
	case KindObject:
		if c, ok := container.rawObject().(Container); ok {
			return c.Contains(item)
		}
		if _, ok := container.rawObject().(Iterable); ok {
			found := false
			err := Iterate(nil, container, func(v Value) bool {
				found = Equal(v, item)
				return !found
			})
			return found, err
		}
	}
	return false, typeError("argument of type '%s' is not iterable", TypeName(container))
}
