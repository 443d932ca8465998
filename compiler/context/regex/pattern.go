package regex

import (
	"sync"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// matchLimit ends a pattern that backtracks without end.
const matchLimit = 10 * time.Second

// mode is how a pattern is held to the text.
type mode uint8

const (
	search  mode = iota
	prefix       // at the given position
	full         // at the given position and up to the end
	advance      // anywhere, but not empty at the given position
	modes
)

// Pattern is a compiled pattern.
type Pattern struct {
	pattern string
	flags   int // as Python reports them
	t       *translation

	once [modes]sync.Once
	re   [modes]*regexp2.Regexp
	err  [modes]error
}

type patternKey struct {
	text  string
	flags int
}

var compiled sync.Map // patternKey → *Pattern

// maxCached bounds the cache: patterns made of data would otherwise fill the memory.
const maxCached = 4096

var cached struct {
	sync.Mutex
	n int
}

// Compile compiles a pattern; the same pattern is compiled once.
func Compile(text string, flags int) (*Pattern, error) {
	key := patternKey{text, flags}
	if p, ok := compiled.Load(key); ok {
		return p.(*Pattern), nil
	}
	t, err := translate(text, flags)
	if err != nil {
		return nil, err
	}
	p := &Pattern{pattern: text, t: t, flags: t.flags}
	if p.flags&flagA == 0 {
		p.flags |= flagU
	}
	if _, err := p.engine(search); err != nil {
		return nil, err
	}
	cached.Lock()
	defer cached.Unlock()
	if cached.n < maxCached {
		if _, known := compiled.LoadOrStore(key, p); !known {
			cached.n++
		}
	}
	return p, nil
}

func (p *Pattern) engine(m mode) (*regexp2.Regexp, error) {
	p.once[m].Do(func() {
		end := ""
		if p.t.flags&flagX != 0 {
			end = "\n"
		}
		text := p.t.text
		switch m {
		case prefix:
			text = `\G(?:` + text + end + `)`
		case full:
			text = `\G(?:` + text + end + `)\z`
		case advance:
			text = `(?:` + text + end + `)(?!\G)`
		}
		var opts regexp2.RegexOptions
		for flag, opt := range map[int]regexp2.RegexOptions{
			flagI: regexp2.IgnoreCase, flagM: regexp2.Multiline, flagS: regexp2.Singleline, flagX: regexp2.IgnorePatternWhitespace,
		} {
			if p.t.flags&flag != 0 {
				opts |= opt
			}
		}
		re, err := regexp2.Compile(text, opts)
		if err != nil {
			p.err[m] = value.Errorf("error", "cannot compile the regular expression %s: %s", value.Repr(value.String(p.pattern)), err)
			return
		}
		re.MatchTimeout = matchLimit
		p.re[m] = re
	})
	return p.re[m], p.err[m]
}

// find matches once, from rune position at on.
func (p *Pattern) find(m mode, text []rune, at int) (*regexp2.Match, error) {
	re, err := p.engine(m)
	if err != nil {
		return nil, err
	}
	match, err := re.FindRunesMatchStartingAt(text, at)
	if err != nil {
		return nil, value.Errorf("RuntimeError", "matching %s took longer than %s", value.Repr(value.String(p.pattern)), matchLimit)
	}
	return match, nil
}

// each yields all matches by Python's rule: an empty match may touch the one before it, but
// not be at the place of an empty one.
func (p *Pattern) each(th *value.Thread, s *subject, yield func(*Match) (bool, error)) error {
	at, m := s.pos, search
	for at <= s.end {
		if err := th.Step(1); err != nil {
			return err
		}
		found, err := p.find(m, s.runes[:s.end], at)
		if err != nil || found == nil {
			return err
		}
		more, err := yield(&Match{p: p, s: s, m: found})
		if err != nil || !more {
			return err
		}
		at, m = found.Index+found.Length, search
		if found.Length == 0 {
			m = advance
		}
	}
	return nil
}

// subject is the text that is searched; pos and end limit the search.
type subject struct {
	v        value.Value
	runes    []rune
	pos, end int
}

func newSubject(v value.Value) (*subject, error) {
	text, ok := value.Text(v)
	if !ok {
		return nil, value.Errorf("TypeError", "expected string or bytes-like object, got '%s'", value.TypeName(v))
	}
	s := &subject{v: value.String(text), runes: []rune(text)}
	s.end = len(s.runes)
	return s, nil
}

// limited applies the pos and endpos arguments of a pattern's methods.
func (s *subject) limited(pos, end value.Value) (*subject, error) {
	clamp := func(v value.Value, def int) (int, error) {
		if v.IsUndefined() {
			return def, nil
		}
		n, ok := v.AsInt()
		if !ok {
			return 0, value.Errorf("TypeError", "'%s' object cannot be interpreted as an integer", value.TypeName(v))
		}
		return int(max(0, min(n, int64(len(s.runes))))), nil
	}
	var err error
	if s.pos, err = clamp(pos, 0); err != nil {
		return nil, err
	}
	if s.end, err = clamp(end, len(s.runes)); err != nil {
		return nil, err
	}
	return s, nil
}
