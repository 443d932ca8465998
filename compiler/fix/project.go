package fix

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

// renamedKeys are keys of dbt_project.yml with their new names.
var renamedKeys = map[string]string{"source-paths": "model-paths", "data-paths": "seed-paths", "tests": "data_tests"}

// settingKeys have become flags; their default value may stay.
var settingKeys = map[string]string{"target-path": "target", "log-path": "logs"}

// Project rewrites dbt_project.yml: renamed keys, and configs without '+'.
func Project(src *diag.Source) (*Result, diag.List) {
	return rewrite(src, func(f *file, root *yaml.Node) {
		for _, e := range root.Entries() {
			key := e.Key.Text()
			if now, ok := renamedKeys[key]; ok {
				f.rename(root, e, now)
			}
			if harmless, ok := settingKeys[key]; ok && e.Value.Text() != harmless {
				f.leave(e.Key, "`"+key+"` is deprecated, but without it files would go elsewhere: give --"+key+" or its environment variable, then remove the key")
			}
		}
		project.EachBareConfig(root, func(e yaml.Entry, lost bool) {
			switch {
			case lost:
				f.leave(e.Key, "`"+e.Key.Text()+"` has no '+' and so applies to nothing today; with '+' it would begin to")
			case e.Merged:
				f.leave(e.Key, "`"+e.Key.Text()+"` comes from a merge key and is not changed")
			default:
				at := e.Key.Content().Start
				f.replace(at, at, "+")
			}
		})
	})
}

// rename changes a key in place, unless the new one is there too.
func (f *file) rename(in *yaml.Node, e yaml.Entry, now string) {
	switch {
	case in.Has(now):
		f.leave(e.Key, "`"+e.Key.Text()+"` and `"+now+"` are both given; put them together by hand")
	case e.Merged:
		f.leave(e.Key, "`"+e.Key.Text()+"` comes from a merge key and is not changed")
	default:
		span := e.Key.Content()
		f.replace(span.Start, span.End, now)
	}
}
