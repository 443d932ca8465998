package event

import (
	"fmt"
	"strings"
)

// PruneSchemas says where prune looked, and how much there belongs to the project.
func PruneSchemas(schemas []string, owned int) Event {
	return info("PruneSchemas", "M133", Info, fmt.Sprintf("Schemas that nodes write to: %s (%s of nodes, tests and sources)",
		strings.Join(schemas, ", "), Count(owned, "relation")), map[string]any{"schemas": schemas, "owned": owned})
}

// PruneRelation is one relation that no node owns.
func PruneRelation(level Level, msg string, data map[string]any) Event {
	return info("PruneRelation", "M134", level, msg, data)
}

// PruneDone closes a prune.
func PruneDone(found, dropped, kept, failed int, apply bool) Event {
	msg := "Nothing to prune."
	switch {
	case found == 0:
	case !apply && found == kept:
		msg = "Nothing to drop."
	case !apply:
		msg = fmt.Sprintf("Nothing was dropped: --apply drops %s.", Count(found-kept, "relation"))
	default:
		msg = fmt.Sprintf("Dropped %s, kept %d, failed %d.", Count(dropped, "relation"), kept, failed)
	}
	return info("PruneDone", "M135", Info, msg, map[string]any{"found": found, "dropped": dropped, "kept": kept, "failed": failed, "apply": apply})
}
