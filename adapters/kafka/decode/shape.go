package decode

import (
	"slices"
	"strconv"
	"strings"
)

// Shape is what a writer's schema holds, in a form that does not depend on its kind.
type Shape []Member

// Member is one field of a schema.
type Member struct {
	Name string
	// Type is the data_type that holds its values, "" when none does (a null alone).
	Type string
	// Optional says that a value may be missing or null.
	Optional bool
	Members  Shape // of a record
}

// Find gives the member at a path.
func (s Shape) Find(path []string) (Member, bool) {
	for _, m := range s {
		if m.Name != path[0] {
			continue
		}
		if len(path) == 1 {
			return m, true
		}
		return m.Members.Find(path[1:])
	}
	return Member{}, false
}

// In gives the member of a shape that a column's values come from.
func (f *Field) In(s Shape) (Member, bool) {
	path := f.path()
	if m, ok := s.Find(path); ok {
		return m, true
	}
	for _, alias := range f.Aliases {
		if m, ok := s.Find(append(append([]string{}, path[:len(path)-1]...), alias)); ok {
			return m, true
		}
	}
	return Member{}, false
}

// Takes reports that a column's values come from a field or a part of it.
func (f *Field) Takes(name string) bool {
	path := f.path()
	return path[0] == name || len(path) == 1 && slices.Contains(f.Aliases, name)
}

// Fit says why values of a member cannot fill a column: "" when they can, also when only some do.
func (f *Field) Fit(m Member, d Dialect) string {
	if m.Type == "" {
		return ""
	}
	from, ok := ParseType(m.Type, d)
	if !ok {
		return ""
	}
	to := f.Type.class
	ok = from.class == to
	switch from.class {
	case classInteger:
		ok = ok || to == classFloat || to == classDecimal || f.Epoch != NoEpoch
	case classText: // text may stand for almost anything
		ok = to != classInteger && to != classFloat && to != classBoolean
	case classDecimal, classTime:
		ok = ok || to == classText
	case classTimestamp, classTimestampTZ:
		ok = ok || to == classTimestamp || to == classTimestampTZ || to == classInteger || to == classDate
	case classDate:
		ok = ok || to == classInteger
	}
	if ok || to == classJSON {
		return ""
	}
	return "it holds " + m.Type + ", and the column is " + f.Type.Name
}

// Wider gives the type that holds all values of two types, the first of which is a column's
// now: the type itself when nothing has to change, "" when there is none.
func Wider(now, then string, d Dialect) string {
	a, ok1 := ParseType(now, d)
	b, ok2 := ParseType(then, d)
	switch {
	case !ok1 || !ok2:
		return ""
	case a.class == classInteger && b.class == classInteger:
		if b.max > a.max || b.min < a.min {
			return then
		}
		return now
	case a.class == classInteger && b.class == classFloat:
		if a.max > 1<<53 {
			return "" // not every bigint is a double
		}
		return "double precision"
	case a.class == classFloat && (b.class == classFloat || b.class == classInteger && b.max <= 1<<53):
		if a.single && !b.single {
			return "double precision"
		}
		return now
	case a.class == classText && (b.class == classText || b.class == classTime || b.class == classUUID):
		if a.length > 0 && (b.length == 0 || b.length > a.length) {
			return then
		}
		return now
	case a.class == b.class && a.class != classDecimal, a.class == classJSON:
		return now
	case a.class == classDecimal && b.class == classDecimal:
		return widerDecimal(a, b)
	}
	return ""
}

func widerDecimal(a, b Type) string {
	if a.precision == 0 || b.precision > 0 && b.precision-b.scale <= a.precision-a.scale && b.scale <= a.scale {
		return a.Name
	}
	if b.precision == 0 {
		return ""
	}
	scale := max(a.scale, b.scale)
	whole := max(a.precision-a.scale, b.precision-b.scale)
	if whole+scale > 38 {
		return ""
	}
	return "numeric(" + strconv.Itoa(whole+scale) + "," + strconv.Itoa(scale) + ")"
}

// SameName compares names as databases do.
func SameName(a, b string) bool { return strings.EqualFold(a, b) }
