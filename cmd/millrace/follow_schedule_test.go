package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// scheduled is a project whose models follow streams, and what comes to it.
type scheduled struct {
	feed   feed
	files  map[string]string // seeds and properties
	models map[string]string // by their names
	// refused are models that cannot follow as they are declared, by their names.
	refused map[string]refusal
}

// refusal is a model and what must be said of it.
type refusal struct{ sql, why string }

// appending is a model that takes new rows in and keeps what it has.
func appending(sql string) string {
	return "{{ config(materialized='incremental', meta={'stream': true}) }}\n" + sql
}

// keyed is a model that keeps the rows of its keys right. Names of columns are parted by commas.
func keyed(key, sql string) string {
	return "{{ config(materialized='incremental', unique_key=['" + strings.ReplaceAll(key, ", ", "', '") + "'], meta={'stream': true}) }}\n" + sql
}

// materialized is a model that does not ask for slices.
func materialized(as, sql string) string {
	return "{{ config(materialized='" + as + "') }}\n" + sql
}

// project is all files of it: it has the settings of followProject.
func (s scheduled) project() map[string]string {
	files := maps.Clone(s.files)
	for _, name := range []string{"dbt_project.yml", "profiles.yml", "streams.yml"} {
		files[name] = followProject[name]
	}
	for name, sql := range s.models {
		files["models/"+name+".sql"] = sql
	}
	return files
}

// tables are the models that keep rows, those that follow streams and those that are built
// as a whole below them.
func (s scheduled) tables() []string {
	var out []string
	for name, sql := range s.models {
		if !strings.Contains(sql, "materialized='view'") && !strings.Contains(sql, "materialized='ephemeral'") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// isBatch lets records come in random portions and models advance at random moments, some of
// them together and some alone, and compares all of them with a full build.
func (s scheduled) isBatch(t *testing.T) {
	files, tables := s.project(), s.tables()
	for seed := range followSeeds(1) {
		fedOnEngines(t, files, s.feed, uint64(seed), func(t *testing.T, f *shopFloor) {
			f.send(250)
			f.run("build")
			f.advanceAtRandom(tables)
			if t.Failed() {
				t.Fatalf("seed %d failed", seed)
			}
		})
	}
}

// advanceAtRandom lets records come in random portions and models advance at random moments,
// and compares the models with their slices and with a full build.
func (f *shopFloor) advanceAtRandom(models []string) {
	f.t.Helper()
	for range 4 {
		f.send(f.random.IntN(120))
		switch f.random.IntN(6) {
		case 0:
			f.run("stream", "catch-up")
		case 1:
			f.run("build")
		case 2:
			f.run("build", "--select", models[f.random.IntN(len(models))])
		default:
			f.run("build", "--tick")
		}
	}
	f.run("build", "--tick")
	if out := f.run("stream", "verify"); strings.Contains(out, "not compared") {
		f.t.Error(out)
	}
	f.same(models)
}

// isExplained looks at models that cannot follow as they are declared: both what explains
// them and a build that fails say why.
func (s scheduled) isExplained(t *testing.T) {
	files := s.project()
	for name, r := range s.refused {
		files["models/"+name+".sql"] = r.sql
	}
	fedOnEngines(t, files, s.feed, 0, func(t *testing.T, f *shopFloor) {
		f.send(50)
		f.run("build", "--exclude", strings.Join(slices.Collect(maps.Keys(s.refused)), " "))
		_, out := f.try("stream", "explain")
		for name, r := range s.refused {
			_, after, _ := strings.Cut(out, "refused  "+name+": model "+name+" cannot follow its stream: ")
			if line, _, _ := strings.Cut(after, "\n"); !strings.Contains(line, r.why) {
				t.Errorf("%s is explained as: %s", name, line)
			}
			if code, said := f.try("build", "--select", name); code == exitOK || !strings.Contains(said, r.why) {
				t.Errorf("a build of %s: exit %d\n%s", name, code, said)
			}
		}
		for name, sql := range s.models {
			if strings.Contains(sql, "meta={'stream'") && strings.Contains(out, "refused  "+name+":") {
				t.Errorf("%s does not follow:\n%s", name, out)
			}
		}
	})
}
