package jinja

// Names are resolved to slots of the frame before anything runs. The rules are Jinja's, and
// they are subtle: a name that a scope stores is a variable of that scope which starts as a
// copy of the outer variable, or as the context's value if the scope reads it first or
// stores it only on some branches, or else as undefined.

type refKind uint8

const (
	refGlobal refKind = iota // the context's value, cached in a slot
	refLocal                 // a variable; empty means undefined
	refShadow                // a variable; empty means the context's value
)

// ref says where a name's value is: slot of the frame that is up functions further out.
type ref struct {
	kind refKind
	up   int16
	slot int32
}

// slotInit prepares a variable when its scope is entered: emptied, or a copy of an outer one.
type slotInit struct {
	slot int
	from *ref // nil: emptied
}

type symKind uint8

const (
	symResolve symKind = iota // starts as the context's value
	symUndefined
	symAlias // starts as a copy of an outer variable
	symParam
)

// symbol is what one scope knows of a name.
type symbol struct {
	name     string
	kind     symKind
	stored   bool
	fallback bool // an empty slot means the context's value
	slot     int  // -1 until a slot is needed
	outer    *symbol
	outerFn  *function
}

// scope is one level of names. Several scopes share a function's frame.
type scope struct {
	parent *scope
	fn     *function
	syms   []*symbol
	loads  []*nameExpr // to resolve
	stores []*nameExpr
	inner  []stmt // statements with scopes of their own
	slab   *symbolSlab
	loops  int // enclosing loops within the function, for break and continue
}

// symbolSlab hands out symbols from larger pieces of memory, of which each is twice the one
// before: most templates know few names.
type symbolSlab struct {
	free []symbol
	size int
}

func (s *symbolSlab) next() *symbol {
	if len(s.free) == 0 {
		s.size = max(4, 2*s.size)
		s.free = make([]symbol, s.size)
	}
	sym := &s.free[0]
	s.free = s.free[1:]
	return sym
}

func newScope(parent *scope, fn *function) *scope {
	s := &scope{parent: parent, fn: fn}
	if parent == nil {
		s.slab = &symbolSlab{}
		return s
	}
	s.slab = parent.slab
	if parent.fn == fn {
		s.loops = parent.loops
	}
	return s
}

func (s *scope) own(name string) *symbol {
	for _, sym := range s.syms {
		if sym.name == name {
			return sym
		}
	}
	return nil
}

func (s *scope) find(name string) (*symbol, *scope) {
	for ; s != nil; s = s.parent {
		if sym := s.own(name); sym != nil {
			return sym, s
		}
	}
	return nil, nil
}

func (s *scope) add(name string, kind symKind) *symbol {
	sym := s.slab.next()
	*sym = symbol{name: name, kind: kind, slot: -1, fallback: kind == symResolve}
	s.syms = append(s.syms, sym)
	return sym
}

func (s *scope) load(name string) {
	if sym, _ := s.find(name); sym == nil {
		s.add(name, symResolve)
	}
}

func (s *scope) store(name string) {
	sym := s.own(name)
	if sym == nil {
		sym = s.add(name, symUndefined)
		s.aliasOuter(sym)
	}
	sym.stored = true
}

// aliasOuter makes sym start as a copy of the variable of that name further out, if any.
func (s *scope) aliasOuter(sym *symbol) bool {
	if s.parent == nil {
		return false
	}
	outer, at := s.parent.find(sym.name)
	if outer == nil {
		return false
	}
	sym.kind, sym.outer, sym.outerFn, sym.fallback = symAlias, outer, at.fn, outer.fallback
	return true
}

func (s *scope) param(name string) *symbol {
	sym := s.own(name)
	if sym == nil {
		sym = s.add(name, symParam)
	}
	sym.kind, sym.stored, sym.fallback = symParam, true, false
	if sym.slot < 0 {
		sym.slot = s.fn.newSlot(name)
	}
	return sym
}

func (fn *function) newSlot(name string) int {
	fn.slots++
	fn.locals = append(fn.locals, name)
	return fn.slots - 1
}

// branches analyses alternatives, each of which starts with the names known before all of
// them, and merges what they learned: a variable that only some of them store starts as
// what the name meant before.
func (s *scope) branches(parts ...func()) {
	known := len(s.syms)
	type found struct {
		sym    *symbol
		stores int
	}
	var merged []found
	for _, part := range parts {
		part()
	next:
		for _, sym := range s.syms[known:] {
			stores := 0
			if sym.stored {
				stores = 1
			}
			for i := range merged {
				if f := &merged[i]; f.sym.name == sym.name {
					sym.stored = sym.stored || f.sym.stored
					f.sym = sym
					f.stores += stores
					continue next
				}
			}
			merged = append(merged, found{sym, stores})
		}
		s.syms = s.syms[:known]
	}
	for _, f := range merged {
		if f.sym.stored && f.stores < len(parts) && !s.aliasOuter(f.sym) {
			f.sym.kind, f.sym.fallback = symResolve, true
		}
		s.syms = append(s.syms, f.sym)
	}
}
