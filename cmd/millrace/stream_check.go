package main

import (
	declared "github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler"
)

// checkStreams reads all that the project says about streams, so that what is wrong with it
// shows before anything connects. Whether streams.yml has what they name is checked where it is there.
func (inv *invocation) checkStreams(p *compiler.Program) error {
	sources, list := declared.Streams(p.Manifest, p.Project.Profile.Type)
	if len(sources) == 0 {
		return list.Err()
	}
	connections, problems := declared.ReadConnections(p.Project.Root, inv.renderers().Secret(p.Project.CLIVars))
	if list = append(list, problems...); problems.Err() == nil {
		list = append(list, connections.Check(sources)...)
	}
	return list.Err()
}
