package project

import "github.com/millrace/millrace/compiler/jinja/value"

// Profile is the chosen target of the chosen profile.
type Profile struct {
	Name, TargetName, Type string
	Database, Schema       string
	Threads                int
	// Credentials is the rendered output without type and threads. It may hold secrets:
	// hand it to the engine and nowhere else.
	Credentials *value.Dict
	// Checked is what Options.Check made of it, nil without Check.
	Checked Credentials
	// Path is the profiles.yml it was read from.
	Path string

	target value.Value
}

// Target is the template variable `target`: the engine's keys and dbt's own, no secrets.
func (p *Profile) Target() value.Value { return p.target }
