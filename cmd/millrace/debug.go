package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/project"
)

// debug checks what a first run needs, one step a line, and ends with 1 when a step fails.
func (inv *invocation) debug() (int, error) {
	say := func(format string, args ...any) {
		inv.emit(event.Event{Name: "DebugCmdOut", Code: "Z047", Level: event.Info, Msg: fmt.Sprintf(format, args...), Data: map[string]any{"msg": fmt.Sprintf(format, args...)}})
	}
	f := inv.flags
	p, notes := inv.readProject()
	profileErr, projectErr := split(notes)
	if err := inv.notes(notes); err != nil {
		return exitProject, err
	}
	if f.ConfigDir {
		say("To view your profiles.yml file, run:\n\nopen %s", inv.profilesDir())
		return exitOK, nil
	}
	say("millrace version: %s", programVersion())
	say("dbt version: %s", f.Version)
	say("os info: %s-%s", runtime.GOOS, runtime.GOARCH)
	say("Using profiles dir at %s", inv.profilesDir())
	say("Using profiles.yml file at %s", filepath.Join(inv.profilesDir(), project.ProfilesFile))
	say("Using dbt_project.yml file at %s", inv.underProject("dbt_project.yml", ""))
	failures := []string{}
	check := func(what string, err *diag.Diagnostic) string {
		if err == nil {
			return "[OK found and valid]"
		}
		if err == profileErr && !inv.hasProfiles() {
			failures = append(failures, inv.missingProfiles())
			return "[ERROR not found]"
		}
		failures = append(failures, what+":\n"+indent(err.Message()))
		if strings.Contains(err.Message(), "not find") || strings.Contains(err.Message(), "No dbt_project.yml") {
			return "[ERROR not found]"
		}
		return "[ERROR invalid]"
	}
	if f.Connection {
		say("Skipping steps before connection verification")
		if profileErr != nil {
			check("Profile loading failed for the following reason", profileErr)
		}
	} else {
		say("Configuration:")
		say("  profiles.yml file %s", check("Profile loading failed for the following reason", profileErr))
		say("  dbt_project.yml file %s", check("Project loading failed for the following reason", projectErr))
		say("Required dependencies:")
		if _, err := exec.LookPath("git"); err != nil {
			failures = append(failures, "git is needed for packages from git:\n"+indent(err.Error()))
			say(" - git [ERROR]")
		} else {
			say(" - git [OK found]")
		}
	}
	if profileErr == nil && p != nil && p.Profile != nil {
		if err := inv.tryConnection(p, say); err != nil {
			failures = append(failures, "millrace was unable to connect to the specified database.\nThe database returned the following error:\n\n  >"+err.Error()+
				"\n\nCheck your database credentials and try again.")
		}
	}
	if len(failures) == 0 {
		say("All checks passed!")
		return exitOK, nil
	}
	word := "checks"
	if len(failures) == 1 {
		word = "check"
	}
	say("%d %s failed:", len(failures), word)
	for _, text := range failures {
		say("%s", text)
	}
	for _, d := range []*diag.Diagnostic{profileErr, projectErr} {
		if d != nil {
			inv.detail(d)
		}
	}
	return exitFailed, nil
}

func (inv *invocation) tryConnection(p *project.Project, say func(string, ...any)) error {
	driver, ok := adapters.Lookup(p.Profile.Type)
	if !ok {
		return unknownDriver(p.Profile.Type)
	}
	c, ok := p.Profile.Checked.(adapters.Credentials)
	if !ok {
		return fmt.Errorf("the profile's output was not checked")
	}
	say("Connection:")
	for _, kv := range c.Describe() {
		say("  %s: %s", kv[0], kv[1])
	}
	engine, err := driver.Open(inv.ctx, c)
	if err == nil {
		defer func() { _ = engine.Close() }()
		var conn adapters.Conn
		if conn, err = engine.Conn(inv.ctx, "debug"); err == nil {
			_, _, err = conn.Execute(inv.ctx, "select 1 as id", true, -1)
			_ = conn.Close()
		}
	}
	if err != nil {
		say("  Connection test: [ERROR]")
		return err
	}
	say("  Connection test: [OK connection ok]")
	return nil
}

func (inv *invocation) hasProfiles() bool {
	_, err := os.Stat(filepath.Join(inv.profilesDir(), project.ProfilesFile))
	return err == nil
}

// missingProfiles is what dbt says, with the path as it was most likely typed.
func (inv *invocation) missingProfiles() string {
	path := filepath.Join(inv.profilesDir(), project.ProfilesFile)
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
			path = rel
		}
	}
	return "dbt looked for a profiles.yml file in " + path + ", but did\nnot find one. `millrace init` writes one that works."
}

// split gives the first error about the profile and the first about anything else.
func split(list diag.List) (profile, other *diag.Diagnostic) {
	for _, d := range list {
		switch {
		case d.Severity != diag.Error:
		case d.Code == diag.CodeProfile && profile == nil:
			profile = d
		case d.Code != diag.CodeProfile && other == nil:
			other = d
		}
	}
	return profile, other
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
