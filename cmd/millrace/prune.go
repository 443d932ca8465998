package main

import (
	"fmt"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/run"
)

// prune lists relations that no node owns, and drops them with --apply.
func (inv *invocation) prune() (int, error) {
	p, err := inv.load()
	if err != nil {
		return exitProject, err
	}
	s, closeEngine, err := inv.open(p, states{})
	if err != nil {
		return exitProject, err
	}
	defer closeEngine()
	found, err := run.Prune(inv.ctx, s, inv.flags.SelectSchemas, inv.flags.Apply)
	if err != nil {
		return exitProject, err
	}
	names := make([]string, len(found.Schemas))
	for i, schema := range found.Schemas {
		names[i] = schema.Schema
	}
	failed := 0
	inv.emit(event.PruneSchemas(names, found.Owned))
	for _, o := range found.Orphans {
		if o.Err != nil {
			failed++
		}
		inv.emit(orphanEvent(o, inv.flags.Apply))
	}
	dropped, kept := 0, 0
	for _, o := range found.Orphans {
		switch {
		case o.Kept != "":
			kept++
		case o.Dropped:
			dropped++
		}
	}
	inv.emit(event.PruneDone(len(found.Orphans), dropped, kept, failed, inv.flags.Apply))
	if failed > 0 {
		return exitFailed, nil
	}
	return exitOK, nil
}

func orphanEvent(o *run.Orphan, apply bool) event.Event {
	name, kind := o.Relation.Render(), string(o.Relation.Type)
	action, level, why := "would drop", event.Info, o.Why
	switch {
	case o.Kept != "":
		action, why = "kept", o.Why+", but "+o.Kept
	case o.Err != nil:
		action, level, why = "ERROR", event.Error, o.Err.Error()
	case apply:
		action = "dropped"
	}
	return event.PruneRelation(level, fmt.Sprintf("  %-10s  %-17s %s (%s)", action, kind, name, why), map[string]any{
		"relation_name": name, "database": o.Relation.Database, "schema": o.Relation.Schema, "name": o.Relation.Identifier,
		"type": kind, "reason": o.Why, "kept_because": o.Kept, "action": action})
}
