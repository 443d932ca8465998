package datatest

import (
	"context"
	"strings"
	"sync"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// folds are the folded tests of one run.
type folds struct {
	members map[foldKey][]*manifest.Node

	mu     sync.Mutex
	groups map[foldKey]*group
}

// group is the tests of one relation. The first of them that runs asks for all; its scan can only
// clear a test, never fail one.
type group struct {
	once     sync.Once
	relation string            // as it stands in the tests' queries
	cleared  map[string]bool   // by unique_id
	response adapters.Response // of the scan, which like a test's query gives one row
}

type foldsKey struct{}

func foldsOf(t *run.Task) *folds {
	return t.Shared(foldsKey{}, func() any {
		return &folds{members: foldable(t.Session()), groups: map[foldKey]*group{}}
	}).(*folds)
}

// cleared is the answer of a test's query when one scan of the relation has proven that no row
// fails it, else nil. The proof needs the test's compiled query to be, to the letter, what the
// built-in macro writes for the relation that was scanned.
func cleared(ctx context.Context, t *run.Task) *adapters.Answer {
	f := foldsOf(t)
	key := foldKey{t.Node.AttachedNode, t.Node.Config.String("where")}
	members := f.members[key]
	if len(members) < 2 || t.Out == nil {
		return nil
	}
	before, after, ok := shape(ctx, t)
	if !ok {
		return nil
	}
	f.mu.Lock()
	g := f.groups[key]
	if g == nil {
		g = &group{}
		f.groups[key] = g
	}
	f.mu.Unlock()
	code := strings.TrimSpace(t.Out.Code)
	g.once.Do(func() { g.scan(ctx, t, members, between(code, before, after)) })
	if !g.cleared[t.ID] || code != before+g.relation+after {
		return nil
	}
	return &adapters.Answer{Response: g.response, Table: agate.New([]string{"failures", "should_warn", "should_error"},
		[][]value.Value{{value.Int(0), value.False, value.False}})}
}

// marker stands for the relation in the query that the test macro is asked for.
const marker = "__millrace_relation__"

// shape is what the test's macro writes around the one place where the relation stands.
func shape(ctx context.Context, t *run.Task) (before, after string, ok bool) {
	args := []value.Kwarg{{Name: "model", Value: value.String(marker)}}
	for key, v := range t.Node.Test.Kwargs.All() {
		if name, _ := key.AsString(); name != "model" {
			args = append(args, value.Kwarg{Name: name, Value: v})
		}
	}
	sql, err := t.CallMacro(ctx, "test_"+t.Node.Test.Name, args...)
	if err != nil {
		return "", "", false
	}
	before, after, ok = strings.Cut(strings.TrimSpace(sql), marker)
	return before, after, ok && !strings.Contains(after, marker)
}

// between is what stands between two ends of a text, "" when it has not these ends.
func between(text, before, after string) string {
	rest, ok := strings.CutPrefix(text, before)
	if !ok {
		return ""
	}
	if rest, ok = strings.CutSuffix(rest, after); !ok {
		return ""
	}
	return rest
}

// scan clears the members that no row of the relation fails. An error clears none: each test then
// runs on its own and reports its own.
func (g *group) scan(ctx context.Context, t *run.Task, members []*manifest.Node, relation string) {
	if relation == "" {
		return
	}
	checks := make([]value.Value, len(members))
	for i, n := range members {
		check := value.NewDict(4)
		check.SetString("name", value.String(n.Test.Name))
		check.SetString("quote", value.True)
		for key, v := range n.Test.Kwargs.All() {
			if name, _ := key.AsString(); name != "model" {
				check.SetString(name, v)
			}
		}
		checks[i] = value.FromDict(check)
	}
	a, err := t.Ask(ctx, "get_folded_tests_sql", -1,
		value.Kwarg{Name: "relation", Value: value.String(relation)}, value.Kwarg{Name: "checks", Value: value.NewList(checks...)})
	if err != nil || a.Table == nil || len(a.Table.Rows) != 1 || len(a.Table.Rows[0]) != len(members) {
		return
	}
	g.relation, g.response, g.cleared = relation, a.Response, map[string]bool{}
	for i, v := range a.Table.Rows[0] {
		n, ok := v.AsInt()
		g.cleared[members[i].UniqueID] = ok && n == 0
	}
}
