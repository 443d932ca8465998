package compiler_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
)

// toldEvents are the names and texts of a load's events, in order.
type toldEvents []string

func (t *toldEvents) Emit(e event.Event) { *t = append(*t, e.Name+": "+e.Msg) }

func (p *cacheProject) told(cachePath string) (events toldEvents, out string) {
	out, _ = p.parse(cachePath, func(o *compiler.Options) { o.Events = &events })
	return events, out
}

// The checksum is the one that dbt-core 1.12.6 tells for the same variables, profile and target.
func TestParseStateIsTold(t *testing.T) {
	p := newCacheProject(t)
	want := "StateCheckVarsHash: checksum: 1b8c4c4762408e1122cf8b59cc24fb92e04e9e5fd74c0b48cbc707aba45870ee, vars: {}, profile: shop, target: dev, version: 1.12.6" +
		"\nPartialParsingNotEnabled: Partial parsing not enabled"
	if events, _ := p.told(""); strings.Join(events, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(events, "\n"), want)
	}
}

func TestFullParseIsExplained(t *testing.T) {
	p := newCacheProject(t)
	cache := filepath.Join(p.dir, "target", "partial_parse.millrace")
	profile := "shop:\n  target: dev\n  outputs:\n    dev: {type: test, database: db, schema: sch, threads: 1}\n"
	for _, step := range []struct {
		name string
		edit func()
		want []string
	}{
		{"first parse", func() {}, []string{"saved manifest not found. Starting full parse."}},
		{"nothing changed", func() {}, nil},
		{"a model changed", func() { p.model(2, 7) }, nil},
		{"other variables", func() { p.vars = "{depth: 2}" }, []string{"config vars, config profile, or config target have changed"}},
		{"another schema", func() { p.write("profiles.yml", strings.Replace(profile, "sch,", "other,", 1)) }, []string{"profile has changed"}},
		{"another dbt_project.yml", func() { p.write("dbt_project.yml", "name: shop\nprofile: shop\nvars: {depth: 3}\n") }, []string{"a project config has changed"}},
	} {
		step.edit()
		events, _ := p.told(cache)
		var got []string
		for _, e := range events {
			if reason, ok := strings.CutPrefix(e, "UnableToPartialParse: Unable to do partial parsing because "); ok {
				got = append(got, reason)
			}
		}
		if strings.Join(got, "; ") != strings.Join(step.want, "; ") {
			t.Errorf("%s: told %q, want %q", step.name, got, step.want)
		}
	}
}

// Without a profile there is a diagnostic in the place of a state.
func TestNoStateWithoutProfile(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"no profiles.yml":    {"profiles.yml", "", "Could not find profile named 'shop'"},
		"empty profiles.yml": {"profiles.yml", "# later\n", "is empty"},
		"none is named":      {"dbt_project.yml", "name: shop\n", "no profile was specified"},
		"no such target":     {"profiles.yml", "shop: {target: prod, outputs: {dev: {type: test}}}\n", "does not have a target named 'prod'"},
		"a list":             {"profiles.yml", "- shop\n", "must be a dictionary of profiles"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCacheProject(t)
			if c.text == "" {
				p.remove(c.file)
			} else {
				p.write(c.file, c.text)
			}
			events, out := p.told(filepath.Join(p.dir, "target", "partial_parse.millrace"))
			if len(events) > 0 || !strings.Contains(out, c.want) {
				t.Errorf("told %q and reported %q", events, out)
			}
		})
	}
}
