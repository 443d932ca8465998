package main

import "github.com/millrace/millrace/compiler"

// parse reads the project, checks the graph and writes the manifest. What was kept has been
// checked.
func (inv *invocation) parse() (int, error) {
	p, err := inv.loadWanted(compiler.Head)
	if err != nil {
		return exitProject, err
	}
	if p.Cached() {
		inv.keep(p)
	} else if _, err := inv.graph(p); err != nil {
		return exitProject, err
	}
	if err := inv.checkStreams(p); err != nil {
		return exitProject, err
	}
	return exitOK, inv.writeParsed(p)
}
