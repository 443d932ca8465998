package jinja

// The names caller, kwargs and varargs change a macro's signature when its body reads them,
// and a loop only needs a loop object when its body reads loop. The parser notes such uses
// while it goes, which saves a walk over every body.

type use uint8

const (
	unused use = iota
	useLoad
	useStored // assigned before any use: then it is an ordinary variable
)

// specialUse says how an open body uses the special names.
type specialUse struct{ caller, kwargs, varargs, loop use }

func (u *specialUse) of(name string) *use {
	switch name {
	case "caller":
		return &u.caller
	case "kwargs":
		return &u.kwargs
	case "varargs":
		return &u.varargs
	case "loop":
		return &u.loop
	}
	return nil
}

func (p *parser) openSpecial() int {
	p.special = append(p.special, specialUse{})
	return len(p.special) - 1
}

func (p *parser) closeSpecial(mark int) specialUse {
	u := p.special[mark]
	p.special = p.special[:mark]
	return u
}

func isSpecial(name string) bool {
	switch len(name) {
	case 4, 6, 7:
		return name == "loop" || name == "caller" || name == "kwargs" || name == "varargs"
	}
	return false
}

func (p *parser) noteLoad(name string) { p.note(name, useLoad) }

func (p *parser) note(name string, as use) {
	if len(p.special) == 0 || !isSpecial(name) {
		return
	}
	for i := range p.special {
		if u := p.special[i].of(name); *u == unused {
			*u = as
		}
	}
}

func (p *parser) noteStore(t target) {
	switch t := t.(type) {
	case *nameExpr:
		p.note(t.name, useStored)
	case *tupleExpr:
		for _, item := range t.items {
			p.noteStore(item)
		}
	}
}
