package selector

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
	"github.com/millrace/millrace/dag"
)

// testdata/answers.json holds what dbt-core selects (testdata/generate.py).

type answer struct {
	Args []string
	IDs  []string
}

func loadProject(t testing.TB) (*manifest.Manifest, *dag.Graph, Options) {
	t.Helper()
	now, err := manifest.ReadState("testdata")
	if err != nil {
		t.Fatal(err)
	}
	before, err := manifest.ReadState("testdata/state")
	if err != nil {
		t.Fatal(err)
	}
	g, d := dag.New(now.Manifest)
	if d != nil {
		t.Fatal(d)
	}
	return now.Manifest, g, Options{State: before, IncludeEmpty: true}
}

func selectorsFile(t testing.TB, mode Indirect) *Selectors {
	t.Helper()
	text, err := os.ReadFile("testdata/project/selectors.yml")
	if err != nil {
		t.Fatal(err)
	}
	root, problems := yaml.Parse(diag.NewSource("selectors.yml", string(text)))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	all, d := ParseSelectors(root.Value(), mode)
	if d != nil {
		t.Fatal(d)
	}
	return all
}

var listed = []manifest.ResourceType{
	manifest.Model, manifest.Snapshot, manifest.Seed, manifest.Test, manifest.SourceType, manifest.ExposureType,
	manifest.MetricType, manifest.SavedQuery, manifest.SemanticModel, manifest.UnitTest, manifest.FunctionType,
}

type arguments struct {
	selected, excluded []string
	selector           string
	mode               Indirect
	types              []manifest.ResourceType
}

func parseArgs(t testing.TB, args []string) arguments {
	t.Helper()
	var a arguments
	for i := 0; i < len(args); {
		flag := args[i]
		for i++; i < len(args) && !strings.HasPrefix(args[i], "--"); i++ {
			switch flag {
			case "--select":
				a.selected = append(a.selected, args[i])
			case "--exclude":
				a.excluded = append(a.excluded, args[i])
			case "--selector":
				a.selector = args[i]
			case "--indirect-selection":
				mode, ok := ParseIndirect(args[i])
				if !ok {
					t.Fatalf("bad mode %q", args[i])
				}
				a.mode = mode
			case "--resource-type":
				if args[i] == "default" {
					a.types = append(a.types, listed...)
				} else {
					a.types = append(a.types, manifest.ResourceType(args[i]))
				}
			default:
				t.Fatalf("unknown flag %q", flag)
			}
		}
	}
	return a
}

func TestSelectsAsDbt(t *testing.T) {
	m, g, opts := loadProject(t)
	text, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) < 200 {
		t.Fatalf("only %d answers", len(answers))
	}
	for _, want := range answers {
		t.Run(strings.Join(want.Args, " "), func(t *testing.T) {
			a := parseArgs(t, want.Args)
			o := opts
			o.Selectors = selectorsFile(t, a.mode)
			o.Types = a.types
			if o.Types == nil {
				o.Types = append(slices.Clone(listed), manifest.Analysis)
			}
			got, d := selectIDs(New(g, m, o), a, o.Selectors)
			if want.IDs == nil {
				if d == nil {
					t.Fatalf("dbt refuses this; selected %v", got)
				}
				return
			}
			if d != nil {
				t.Fatal(d)
			}
			if !slices.Equal(got, want.IDs) {
				t.Errorf("missing %v\nsurplus %v", minus(want.IDs, got), minus(got, want.IDs))
			}
		})
	}
}

func selectIDs(s *Selector, a arguments, selectors *Selectors) ([]string, *diag.Diagnostic) {
	var spec *Spec
	var d *diag.Diagnostic
	if a.selector != "" {
		spec, d = selectors.Get(a.selector)
	} else {
		spec, d = Parse(a.selected, a.excluded, a.mode)
	}
	if d != nil {
		return nil, d
	}
	set, _, d := s.Select(spec)
	if d != nil {
		return nil, d
	}
	return s.graph.IDs(set), nil
}

func minus(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

func TestWarnings(t *testing.T) {
	m, g, opts := loadProject(t)
	for criterion, hint := range map[string]string{
		"stg_order":        "did you mean 'stg_orders'?",
		"tag:nightli":      "did you mean 'nightly'?",
		"source:rwa":       "did you mean 'raw'?",
		"zzzzzzzzzzzzzzzz": "",
		"stg_orders,tag:x": "",
	} {
		spec, d := Parse([]string{criterion}, nil, Eager)
		if d != nil {
			t.Fatal(d)
		}
		set, warnings, d := New(g, m, opts).Select(spec)
		if d != nil {
			t.Fatal(d)
		}
		if !set.Empty() || len(warnings) != 1 {
			t.Errorf("%s: %d nodes, %d warnings", criterion, set.Len(), len(warnings))
			continue
		}
		if want := fmt.Sprintf("The selection criterion '%s' does not match any enabled nodes", criterion); warnings[0].Summary != want {
			t.Errorf("%s: %q", criterion, warnings[0].Summary)
		}
		if warnings[0].Hint != hint {
			t.Errorf("%s: hint %q, want %q", criterion, warnings[0].Hint, hint)
		}
	}
}

func TestRefusals(t *testing.T) {
	m, g, opts := loadProject(t)
	opts.Selectors = selectorsFile(t, Eager)
	for text, want := range map[string]string{
		"@a+":                "Invalid node spec @a+ - \"@\" prefix and \"+\" suffix are incompatible",
		"tags:x":             "'tags' is not a valid method name",
		"source:a.b.c.d":     "Invalid source selector value",
		"test_type:odd":      "Invalid test type selector odd",
		"resource_type:tabl": "Invalid resource_type selector \"tabl\"",
		"version:newest":     "Invalid version type selector newest",
		"state:changed":      "Got an invalid selector \"changed\"",
		"selector:nope":      "Selector 'nope' did not match any selector in selectors.yml",
		"path:/abs":          "Non-relative patterns are unsupported",
	} {
		spec, d := Parse([]string{text}, nil, Eager)
		if d == nil {
			_, _, d = New(g, m, opts).Select(spec)
		}
		if d == nil || !strings.Contains(d.Summary, want) {
			t.Errorf("%s: %v, want %q", text, d, want)
		}
	}
}

func TestCircularSelectors(t *testing.T) {
	m, g, opts := loadProject(t)
	a, b := value.NewDict(2), value.NewDict(2)
	a.SetString("name", value.String("a"))
	a.SetString("definition", value.String("selector:b"))
	b.SetString("name", value.String("b"))
	b.SetString("definition", value.String("selector:a"))
	root := value.NewDict(1)
	root.SetString("selectors", value.NewList(value.FromDict(a), value.FromDict(b)))
	all, d := ParseSelectors(value.FromDict(root), Eager)
	if d != nil {
		t.Fatal(d)
	}
	opts.Selectors = all
	spec, _ := all.Get("a")
	if _, _, d = New(g, m, opts).Select(spec); d == nil || !strings.Contains(d.Summary, "Circular dependency") {
		t.Errorf("got %v", d)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"stg_orders", "@a", "+a+", "2+a+3", "tag:x,config.meta.y:z+", "a b,c", "state:modified+", "++", ":", "@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec, d := Parse([]string{text}, nil, Eager)
		if d == nil && spec == nil {
			t.Fatal("neither a spec nor an error")
		}
	})
}
