package event

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Formatting is a line that only structures the output, usually an empty one.
func Formatting(msg string) Event {
	return info("Formatting", "Z017", Info, msg, map[string]any{"msg": msg})
}

// Print is a line of what the user has asked for; it is shown under --quiet, too. There may
// be one for each node of a project, so that it has no data of its own.
func Print(line string) Event {
	return Event{Name: "PrintEvent", Code: "Z052", Level: Info, Msg: line}
}

// Note is a message without structure.
func Note(level Level, msg string) Event {
	return info("Note", "Z050", level, msg, map[string]any{"msg": msg})
}

// FoundStats counts what the project holds: "Found 5 models, 3 seeds".
func FoundStats(stats string) Event {
	return info("FoundStats", "W006", Info, "Found "+stats, map[string]any{"stat_line": stats})
}

// Concurrency says how many threads work on which target.
func Concurrency(threads int, target string, nodes int) Event {
	return info("ConcurrencyLine", "Q027", Info, fmt.Sprintf("Concurrency: %d threads (target='%s')", threads, target),
		map[string]any{"num_threads": threads, "target_name": target, "node_count": nodes})
}

// DefaultSelector says that selectors.yml decided what to run.
func DefaultSelector(name string) Event {
	return info("DefaultSelector", "Q023", Info, "Using default selector "+name, map[string]any{"name": name})
}

// NothingToDo warns that the selection is empty.
func NothingToDo() Event {
	return info("NothingToDo", "Q035", Warn,
		"[WARNING]: Nothing to do. Try checking your model configs and model specification args", map[string]any{})
}

// selectionCodes are the codes of what selecting nodes warns about.
var selectionCodes = map[string]string{
	"NoNodesForSelectionCriteria": "M030", "UnversionedBreakingChange": "I071",
	"SeedIncreased": "I052", "SeedExceedsLimitSamePath": "I053", "SeedExceedsLimitAndPathChanged": "I054",
}

// SelectionWarning is a warning of the selection: a criterion that matched nothing, or what state
// comparison found. hint may be empty.
func SelectionWarning(name, text, hint string) Event {
	msg := "[WARNING]: " + text
	if hint != "" {
		msg += "; " + hint
	}
	data := map[string]any{"text": text}
	switch name {
	case "UnversionedBreakingChange":
		data = map[string]any{"breaking_changes": []string{text}}
	case "NoNodesForSelectionCriteria":
		criterion := strings.TrimPrefix(text, "The selection criterion '")
		data = map[string]any{"spec_raw": strings.TrimSuffix(criterion, "' does not match any enabled nodes")}
	}
	return info(name, selectionCodes[name], Warn, msg, data)
}

// FinishedRunning is the line that closes the nodes of a run; stats may be empty.
func FinishedRunning(stats string, seconds float64) Event {
	minutes := math.Floor(seconds / 60)
	hours := math.Floor(minutes / 60)
	took := fmt.Sprintf(" in %d hours %d minutes and %.2f seconds", int(hours), int(minutes-60*hours), seconds-60*minutes)
	return info("FinishedRunningStats", "E047", Info, fmt.Sprintf("Finished running %s%s (%.2fs).", stats, took, seconds),
		map[string]any{"stat_line": stats, "execution": took, "execution_time": seconds})
}

// EndOfRun is the headline of the summary.
func EndOfRun(errors, warnings, partial int, interrupted bool) Event {
	partialText := fmt.Sprintf("%d partial successes", partial)
	if partial == 1 {
		partialText = "1 partial success"
	}
	msg := "Completed successfully"
	switch {
	case interrupted:
		msg = "Exited because of keyboard interrupt"
	case errors > 0:
		msg = fmt.Sprintf("Completed with %s, %s, and %s:", Count(errors, "error"), partialText, Count(warnings, "warning"))
	case partial > 0:
		msg = fmt.Sprintf("Completed with %s and %s", partialText, Count(warnings, "warning"))
	case warnings > 0:
		msg = fmt.Sprintf("Completed with %s:", Count(warnings, "warning"))
	}
	return info("EndOfRunSummary", "Z030", Info, msg, map[string]any{"num_errors": errors, "num_warnings": warnings,
		"num_partial_success": partial, "keyboard_interrupt": interrupted})
}

// NodeTime is how long a node took.
type NodeTime struct {
	UniqueID string  `json:"unique_id"`
	Name     string  `json:"name"`
	Seconds  float64 `json:"execution_time"`
}

// Slowest names the nodes that took longest.
func Slowest(nodes []NodeTime) Event {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = fmt.Sprintf("%s %.1fs", n.Name, n.Seconds)
	}
	return info("SlowestNodes", "M131", Info, "Slowest: "+strings.Join(parts, ", "), map[string]any{"nodes": nodes})
}

// NextStep says what to do after a failure.
func NextStep(msg string) Event {
	return info("NextStep", "M132", Info, msg, map[string]any{"msg": msg})
}

// Stats are the counts of the last line.
type Stats struct{ Error, Skip, Pass, Warn, NoOp, Reused, Total int }

// StatsLine is the last line: "Done. PASS=5 WARN=0 …".
func StatsLine(s Stats) Event {
	return info("StatsLine", "Z023", Info,
		fmt.Sprintf("Done. PASS=%d WARN=%d ERROR=%d SKIP=%d NO-OP=%d REUSED=%d TOTAL=%d", s.Pass, s.Warn, s.Error, s.Skip, s.NoOp, s.Reused, s.Total),
		map[string]any{"stats": map[string]int{"error": s.Error, "skip": s.Skip, "pass": s.Pass, "warn": s.Warn, "noop": s.NoOp,
			"reused": s.Reused, "total": s.Total}})
}

// Failure names a node that failed, above its message.
func Failure(n *NodeInfo, resourceType, name, path string, group map[string]any) Event {
	return info("RunResultFailure", "Z022", Error, fmt.Sprintf("[ERROR]: in %s %s (%s)", resourceType, name, path),
		map[string]any{"node_info": n, "resource_type": resourceType, "node_name": name, "path": path, "group": group})
}

// Warning names a node that warned, above its message.
func Warning(n *NodeInfo, resourceType, name, path string, group map[string]any) Event {
	return info("RunResultWarning", "Z021", Warn, fmt.Sprintf("[WARNING]: in %s %s (%s)", resourceType, name, path),
		map[string]any{"node_info": n, "resource_type": resourceType, "node_name": name, "path": path, "group": group})
}

// ResultError is the message of a failed or skipped node in the summary.
func ResultError(level Level, n *NodeInfo, msg string, group map[string]any) Event {
	return info("RunResultError", "Z024", level, "  "+msg, map[string]any{"msg": msg, "node_info": n, "group": group})
}

// ResultWarning is the message of a node that warned.
func ResultWarning(n *NodeInfo, msg string) Event {
	return info("RunResultWarningMessage", "Z046", Warn, "[WARNING]: "+msg, map[string]any{"msg": msg, "node_info": n})
}

// ResultErrorNoMessage stands for the message of a failed node that has none.
func ResultErrorNoMessage(n *NodeInfo, status string) Event {
	return info("RunResultErrorNoMessage", "Z025", Error, "  Status: "+status, map[string]any{"status": status, "node_info": n})
}

// FailingRows are some of the rows that a test found; table is how people see them.
func FailingRows(n *NodeInfo, failures int64, columns []string, rows [][]any, table string) Event {
	msg := "  Failing rows:"
	if int64(len(rows)) < failures {
		msg = fmt.Sprintf("  Failing rows (%d of %d):", len(rows), failures)
	}
	for _, line := range strings.Split(strings.TrimRight(table, "\n"), "\n") {
		msg += "\n  " + line
	}
	return info("FailingRows", "M130", Info, msg, map[string]any{"node_info": n, "failures": failures, "columns": columns, "rows": rows})
}

// CompiledPath says where the compiled code of a failed node lies.
func CompiledPath(n *NodeInfo, path string) Event {
	return info("SQLCompiledPath", "Z026", Info, "  compiled code at "+path, map[string]any{"path": path, "node_info": n})
}

// StoredFailures says how to see the rows that failed a test.
func StoredFailures(n *NodeInfo, relation string) Event {
	query := "select * from " + relation
	border := strings.Repeat("-", len(query))
	return info("CheckNodeTestFailure", "Z027", Info, "  See test failures:\n  "+border+"\n  "+query+"\n  "+border,
		map[string]any{"relation_name": relation, "node_info": n})
}

// MarkSkippedChildren says that nothing behind a node will run.
func MarkSkippedChildren(id, status, reason string, result any) Event {
	msg := "Marking all children of '" + id + "' to be skipped because of status '" + status + "'. "
	if reason != "" {
		msg += " Reason: " + reason + "."
	}
	return info("MarkSkippedChildren", "Z033", Debug, msg, map[string]any{"unique_id": id, "status": status, "run_result": result})
}

// Caught is an error of a node, at debug level: the summary shows it to people.
func Caught(n *NodeInfo, text string) Event {
	return info("CatchableExceptionOnRun", "W002", Debug, text, map[string]any{"exc": text, "exc_info": "", "node_info": n})
}

// Unhandled is an error in the program itself while it ran a node.
func Unhandled(n *NodeInfo, id, text string) Event {
	return info("GenericExceptionOnRun", "W004", Error, "[ERROR]: Unhandled error while executing "+id+"\n"+text,
		map[string]any{"build_path": "", "unique_id": id, "exc": text, "node_info": n})
}

// ReleaseError says that a connection could not be given back.
func ReleaseError(name, text string) Event {
	return info("NodeConnectionReleaseError", "W005", Debug, "Error releasing connection for node "+name+": "+text,
		map[string]any{"node_name": name, "exc": text, "exc_info": ""})
}

// OperationError is the failure of run-operation.
func OperationError(text string) Event {
	return info("RunningOperationCaughtError", "Q001", Error, "[ERROR]: Encountered an error while running operation: "+text,
		map[string]any{"exc": text})
}

// FreshnessDone closes `source freshness`.
func FreshnessDone() Event {
	return info("FreshnessCheckComplete", "Q003", Info, "Done.", map[string]any{})
}

// SeedHeader stands above the rows of `seed --show`.
func SeedHeader(header string) Event {
	return info("SeedHeader", "Q004", Info, header, map[string]any{"header": header})
}

// CatalogFailure says that parts of the catalog are missing.
func CatalogFailure(n int) Event {
	return info("WriteCatalogFailure", "E041", Error, "dbt encountered "+Count(n, "failure")+" while writing the catalog", map[string]any{"num_exceptions": n})
}

// Microbatch tells how a batch of a model is built.
func Microbatch(msg string) Event {
	return info("MicrobatchExecutionDebug", "Q044", Debug, msg, map[string]any{"msg": msg})
}

// EndRunResult carries all results of a run, as a list that JSON can write.
func EndRunResult(results any, elapsed float64, generatedAt string, success bool) Event {
	return info("EndRunResult", "Q037", Debug, "Command end result", map[string]any{"results": results,
		"elapsed_time": elapsed, "generated_at": generatedAt, "success": success})
}

// Preview is the answer of `show`: text is a printed table, or a JSON array for output "json".
func Preview(node, id, text, output string, inline, quiet bool) Event {
	msg := text
	switch {
	case output == "json":
		msg = nest(node, "show", json.RawMessage(text), inline)
	case quiet:
	case inline:
		msg = "Previewing inline node:\n" + text
	default:
		msg = "Previewing node '" + node + "':\n" + text
	}
	return info("ShowNode", "Q041", Info, msg, map[string]any{"node_name": node, "preview": text, "is_inline": inline,
		"output_format": output, "unique_id": id, "quiet": quiet})
}

// CompiledNode is the answer of `compile` for a single node.
func CompiledNode(node, id, code, output string, inline, quiet bool) Event {
	msg := code
	switch {
	case output == "json":
		text, err := json.Marshal(code)
		if err != nil {
			text = []byte(strconv.Quote(code))
		}
		msg = nest(node, "compiled", text, inline)
	case quiet:
	case inline:
		msg = "Compiled inline node is:\n" + code
	default:
		msg = "Compiled node '" + node + "' is:\n" + code
	}
	return info("CompiledNode", "Q042", Info, msg, map[string]any{"node_name": node, "compiled": code, "is_inline": inline,
		"output_format": output, "unique_id": id, "quiet": quiet})
}

func nest(node, key string, content json.RawMessage, inline bool) string {
	type member struct {
		key   string
		value json.RawMessage
	}
	members := []member{{key, content}}
	if !inline {
		name, err := json.Marshal(node)
		if err == nil {
			members = append([]member{{"node", name}}, members...)
		}
	}
	var b strings.Builder
	b.WriteString("{")
	for i, m := range members {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  \"" + m.key + "\": ")
		var indented strings.Builder
		if !indentJSON(&indented, m.value) {
			indented.Write(m.value)
		}
		b.WriteString(indented.String())
	}
	b.WriteString("\n}")
	return b.String()
}
