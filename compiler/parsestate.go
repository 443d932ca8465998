package compiler

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
)

// parseState is what dbt names when it cannot build upon the last parse. Whether a kept parse is
// good is not decided here: cacheHead.Facts knows of more.
type parseState struct {
	Program, Vars, Profile string
	Projects               []projectState
}

// projectState is the dbt_project.yml of a package.
type projectState struct{ Name, Digest string }

// project is the digest of a package's dbt_project.yml.
func (s *parseState) project(name string) (string, bool) {
	for i := range s.Projects {
		if s.Projects[i].Name == name {
			return s.Projects[i].Digest, true
		}
	}
	return "", false
}

// stateOf is the state of a project with its profile, without which Load does not come as far.
func stateOf(o *Options, p *project.Project) parseState {
	s := parseState{Program: o.Identity, Vars: strings.Join([]string{cliVars(p), p.Profile.Name, p.Profile.TargetName}, "\x00"), Profile: value.Repr(p.Profile.Target())}
	for _, pkg := range p.Packages {
		if src := pkg.ProjectYAML.Source(); src != nil {
			s.Projects = append(s.Projects, projectState{pkg.Name, digest(src.Text)})
		}
	}
	// What stands in profiles.yml may hold secrets.
	s.Vars, s.Profile = digest(s.Vars), digest(s.Profile)
	return s
}

// changes are dbt's reasons for a full parse after one of another state.
func (s *parseState) changes(was *parseState) []string {
	if s.Program != was.Program {
		return []string{"of a version mismatch"}
	}
	var out []string
	if s.Vars != was.Vars {
		out = append(out, "config vars, config profile, or config target have changed")
	}
	if s.Profile != was.Profile {
		out = append(out, "profile has changed")
	}
	for _, now := range s.Projects {
		if _, had := was.project(now.Name); !had {
			out = append(out, "a project dependency has been added")
			break
		}
	}
	for _, now := range s.Projects {
		if old, had := was.project(now.Name); had && old != now.Digest {
			out = append(out, "a project config has changed")
		}
	}
	return out
}

// tellFullParse says why the last parse is of no use; nothing when only files have changed.
func tellFullParse(to event.Sink, reasons ...string) {
	if to == nil {
		return
	}
	for _, reason := range reasons {
		to.Emit(event.Event{Name: "UnableToPartialParse", Code: "I024", Level: event.Info,
			Msg: "Unable to do partial parsing because " + reason, Data: map[string]any{"reason": reason}})
	}
}

// tellState tells what a parse depends on, besides files; without a cache, that it is not enabled.
func tellState(o *Options, p *project.Project) {
	if o.Events == nil {
		return
	}
	vars, profile, target, version := cliVars(p), p.Profile.Name, p.Profile.TargetName, o.Flags.Version
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join([]string{vars, profile, target, version}, "\x00"))))
	o.Events.Emit(event.Event{Name: "StateCheckVarsHash", Code: "I025", Level: event.Debug,
		Msg:  "checksum: " + sum + ", vars: " + vars + ", profile: " + profile + ", target: " + target + ", version: " + version,
		Data: map[string]any{"checksum": sum, "vars": vars, "profile": profile, "target": target, "version": version}})
	if o.CachePath == "" {
		o.Events.Emit(event.Event{Name: "PartialParsingNotEnabled", Code: "I028", Level: event.Debug, Msg: "Partial parsing not enabled"})
	}
}

// cliVars is --vars as Python prints it.
func cliVars(p *project.Project) string {
	if p.CLIVars == nil {
		return "{}"
	}
	return value.Repr(value.FromDict(p.CLIVars))
}
