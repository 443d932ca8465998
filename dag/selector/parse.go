package selector

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// defaults is what a command works on when nothing is selected.
var defaults = []string{"fqn:*", "source:*", "exposure:*", "metric:*", "semantic_model:*"}

// Parse reads --select and --exclude. Each element may hold several criteria separated by
// spaces (union); a comma inside a criterion is an intersection. With no select at all the
// whole project is meant.
func Parse(selected, excluded []string, mode Indirect) (*Spec, *diag.Diagnostic) {
	include, d := parseUnion(selected, defaults, mode)
	if d != nil {
		return nil, d
	}
	exclude, d := parseUnion(excluded, nil, mode)
	if d != nil {
		return nil, d
	}
	return &Spec{Op: Difference, Parts: []*Spec{include, exclude}}, nil
}

func parseUnion(given, otherwise []string, mode Indirect) (*Spec, *diag.Diagnostic) {
	expect := len(given) > 0
	if !expect {
		given = otherwise
	}
	union := &Spec{Op: Union, Indirect: mode}
	for _, text := range given {
		for _, raw := range strings.Split(text, " ") {
			if raw == "" {
				continue
			}
			both := &Spec{Op: Intersection, Indirect: mode, Raw: raw, Expect: expect}
			for _, part := range strings.Split(raw, ",") {
				c, d := parseCriterion(part, mode)
				if d != nil {
					return nil, d
				}
				both.Parts = append(both.Parts, &Spec{Criterion: *c, Raw: part})
			}
			union.Parts = append(union.Parts, both)
		}
	}
	return union, nil
}

// parseCriterion reads [@][N+][method:]value[+N].
func parseCriterion(raw string, mode Indirect) (*Criterion, *diag.Diagnostic) {
	p, ok := split(raw)
	if !ok {
		return nil, failure("Invalid selector spec \"" + raw + "\"")
	}
	c := &Criterion{Raw: raw, Value: value.String(p.value), Indirect: mode,
		ChildrensParents: p.at, Parents: p.parents, Children: p.children, ParentsDepth: -1, ChildrenDepth: -1}
	if d := c.setMethod(p.method, p.hasMethod, p.value); d != nil {
		return nil, d
	}
	var d *diag.Diagnostic
	if c.ParentsDepth, d = depth(p.parentsDepth); d != nil {
		return nil, d
	}
	if c.ChildrenDepth, d = depth(p.childrenDepth); d != nil {
		return nil, d
	}
	return c, c.check()
}

func (c *Criterion) check() *diag.Diagnostic {
	if c.Children && c.ChildrensParents {
		return failure("Invalid node spec " + c.Raw + " - \"@\" prefix and \"+\" suffix are incompatible")
	}
	return nil
}

func (c *Criterion) setMethod(method string, given bool, text string) *diag.Diagnostic {
	if !given {
		c.Method = manifest.DefaultMethod(text)
		return nil
	}
	parts := strings.Split(method, ".")
	if !knownMethod(parts[0]) {
		d := failure("'" + parts[0] + "' is not a valid method name")
		if near := diag.Suggest(parts[0], Methods); near != "" {
			d.Hint = "did you mean '" + near + ":'?"
		}
		return d
	}
	c.Method, c.Args = parts[0], parts[1:]
	return nil
}

func depth(digits string) (int, *diag.Diagnostic) {
	if digits == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0, failure("Invalid node spec - could not handle parent depth " + digits)
	}
	return n, nil
}

type parts struct {
	at            bool
	parents       bool
	parentsDepth  string
	hasMethod     bool
	method        string
	value         string
	children      bool
	childrenDepth string
}

// split takes a criterion apart; only a line break makes it malformed.
func split(s string) (p parts, ok bool) {
	if strings.ContainsRune(s, '\n') {
		return p, false
	}
	if rest, found := strings.CutPrefix(s, "@"); found {
		p.at, s = true, rest
	}
	if n := digits(s); n < len(s) && s[n] == '+' {
		p.parents, p.parentsDepth, s = true, s[:n], s[n+1:]
	}
	n := 0
	for _, r := range s {
		if r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			break
		}
		n += len(string(r))
	}
	if n > 0 && n < len(s) && s[n] == ':' {
		p.hasMethod, p.method, s = true, s[:n], s[n+1:]
	}
	if n := strings.LastIndexByte(s, '+'); n >= 0 && digits(s[n+1:]) == len(s)-n-1 {
		p.children, p.childrenDepth, s = true, s[n+1:], s[:n]
	}
	p.value = s
	return p, true
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func failure(text string) *diag.Diagnostic {
	return diag.New(diag.CodeSelection, diag.Runtime, diag.Span{}, text)
}
