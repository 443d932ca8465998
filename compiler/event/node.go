package event

import "strings"

// Progress places a node's line among those of a run, counted from 1.
type Progress struct{ Index, Total int }

func info(name, code string, level Level, msg string, data map[string]any) Event {
	return Event{Name: name, Code: code, Level: level, Msg: msg, Data: data}
}

// NodeStart says that a worker took a node.
func NodeStart(n *NodeInfo) Event {
	return info("NodeStart", "Q024", Debug, "Began running node "+n.UniqueID, map[string]any{"node_info": n})
}

// NodeCompiling says that a node's template is rendered now.
func NodeCompiling(n *NodeInfo) Event {
	return info("NodeCompiling", "Q030", Debug, "Began compiling node "+n.UniqueID, map[string]any{"node_info": n})
}

// NodeExecuting says that a node's statements run now.
func NodeExecuting(n *NodeInfo) Event {
	return info("NodeExecuting", "Q031", Debug, "Began executing node "+n.UniqueID, map[string]any{"node_info": n})
}

// NodeFinished carries a node's result, as something that JSON can write.
func NodeFinished(n *NodeInfo, result any) Event {
	return info("NodeFinished", "Q025", Debug, "Finished running node "+n.UniqueID,
		map[string]any{"node_info": n, "run_result": result})
}

// WritingInjectedSQL says that compiled code is written.
func WritingInjectedSQL(n *NodeInfo) Event {
	return info("WritingInjectedSQLForNode", "Q029", Debug, "Writing injected SQL for node \""+n.UniqueID+"\"",
		map[string]any{"node_info": n})
}

// Start is the line of a node that begins: "START sql table model main.orders".
func (l Lines) Start(n *NodeInfo, description string, p Progress) Event {
	return info("LogStartLine", "Q011", Info, l.fancy("START "+description, "RUN", p.Index, p.Total, noTime, false),
		map[string]any{"node_info": n, "description": description, "index": p.Index, "total": p.Total})
}

// Model is the line of a finished model; state is the message on success, "error" otherwise.
func (l Lines) Model(n *NodeInfo, description, state string, p Progress, seconds float64, group map[string]any) Event {
	verb, shown, level := "OK created", state, Info
	if state == "error" {
		verb, shown, level = "ERROR creating", "ERROR", Error
	} else if strings.Contains(state, "PARTIAL SUCCESS") {
		verb, shown = "PARTIALLY created", strings.ToUpper(state)
	}
	return info("LogModelResult", "Q012", level, l.fancy(verb+" "+description, shown, p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "description": description, "status": state, "index": p.Index, "total": p.Total,
			"execution_time": seconds, "group": group})
}

// Seed is the line of a finished seed.
func (l Lines) Seed(n *NodeInfo, status, message, schema, relation string, p Progress, seconds float64, group map[string]any) Event {
	verb, shown, level := "OK loaded", message, Info
	if status == "error" {
		verb, shown, level = "ERROR loading", "ERROR", Error
	}
	return info("LogSeedResult", "Q016", level,
		l.fancy(verb+" seed file "+schema+"."+relation, shown, p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "status": status, "result_message": message, "schema": schema, "relation": relation,
			"index": p.Index, "total": p.Total, "execution_time": seconds, "group": group})
}

// Snapshot is the line of a finished snapshot.
func (l Lines) Snapshot(n *NodeInfo, description, status, message string, cfg map[string]string, p Progress, seconds float64, group map[string]any) Event {
	verb, shown, level := "OK snapshotted", message, Info
	if status == "error" {
		verb, shown, level = "ERROR snapshotting", "ERROR", Error
	}
	return info("LogSnapshotResult", "Q015", level, l.fancy(verb+" "+description, shown, p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "description": description, "status": status, "result_message": message, "cfg": cfg,
			"index": p.Index, "total": p.Total, "execution_time": seconds, "group": group})
}

// Function is the line of a finished function.
func (l Lines) Function(n *NodeInfo, description, status string, p Progress, seconds float64, group map[string]any) Event {
	verb, level := "OK created", Info
	switch status {
	case "error":
		verb, level = "ERROR creating", Error
	case "skipped":
		verb = "SKIP"
	}
	shown := strings.ToUpper(status)
	return info("LogFunctionResult", "Q047", level, l.fancy(verb+" "+description, shown, p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "description": description, "status": status, "index": p.Index, "total": p.Total,
			"execution_time": seconds, "group": group})
}

// Test is the line of a finished test of any kind.
func (l Lines) Test(n *NodeInfo, name, status string, failures int64, attached string, p Progress, seconds float64, group map[string]any) Event {
	shown, level := "PASS", Info
	switch status {
	case "error":
		shown, level = "ERROR", Error
	case "warn":
		shown, level = "WARN "+itoa(failures), Warn
	case "pass":
	default:
		shown, level = "FAIL "+itoa(failures), Error
	}
	data := map[string]any{"node_info": n, "name": name, "status": status, "index": p.Index, "num_models": p.Total,
		"execution_time": seconds, "num_failures": failures, "group": group}
	if attached != "" {
		data["attached_node"] = attached
	}
	return info("LogTestResult", "Q007", level, l.fancy(shown+" "+name, shown, p.Index, p.Total, seconds, false), data)
}

// Freshness is the line of a source whose age was measured.
func (l Lines) Freshness(n *NodeInfo, source, table, status string, p Progress, seconds float64) Event {
	verb, shown, level := "PASS", "PASS", Info
	switch status {
	case "runtime error":
		verb, shown, level = "ERROR", "ERROR", Error
	case "error":
		verb, shown, level = "ERROR STALE", "ERROR STALE", Error
	case "warn":
		verb, shown, level = "WARN", "WARN", Warn
	}
	return info("LogFreshnessResult", "Q018", level,
		l.fancy(verb+" freshness of "+source+"."+table, shown, p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "status": status, "source_name": source, "table_name": table, "index": p.Index,
			"total": p.Total, "execution_time": seconds})
}

// NoOp is the line of a resource that nothing is done for.
func (l Lines) NoOp(n *NodeInfo, description string, p Progress) Event {
	return info("LogNodeNoOpResult", "Q019", Info, l.fancy("NO-OP "+description, "NO-OP", p.Index, p.Total, 0, false),
		map[string]any{"node_info": n, "description": description, "index": p.Index, "total": p.Total, "execution_time": 0.0})
}

// Reused is the line of a node that stays as it is, with the reason why it may.
func (l Lines) Reused(n *NodeInfo, description, why string, p Progress, seconds float64, group map[string]any) Event {
	return info("LogNodeReused", "M136", Info, l.fancy("REUSED "+description, "REUSED", p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "description": description, "status": "reused", "reason": why, "index": p.Index, "total": p.Total,
			"execution_time": seconds, "group": group})
}

// NotReused says why a node is built although unchanged ones are skipped.
func NotReused(n *NodeInfo, name, why string) Event {
	return info("NodeNotReused", "M137", Info, "Not reused: "+name+", "+why, map[string]any{"node_info": n, "node_name": name, "reason": why})
}

// Skip is the line of a node that does not run because of something upstream.
func (l Lines) Skip(n *NodeInfo, resourceType, schema, name string, p Progress, group map[string]any) Event {
	msg := "SKIP " + resourceType + " " + name
	switch resourceType {
	case "model", "seed", "snapshot":
		msg = "SKIP relation " + schema + "." + name
	}
	return info("SkippingDetails", "Q034", Info, l.fancy(msg, "SKIP", p.Index, p.Total, noTime, false),
		map[string]any{"node_info": n, "resource_type": resourceType, "schema": schema, "node_name": name, "index": p.Index,
			"total": p.Total, "group": group})
}

// SkipBecauseError is the line of a node whose ephemeral parent failed.
func (l Lines) SkipBecauseError(schema, relation, status string, p Progress, group map[string]any) Event {
	msg := "SKIP relation " + schema + "." + relation + " due to ephemeral model status '" + status + "'"
	return info("LogSkipBecauseError", "Z034", Error, l.fancy(msg, "ERROR SKIP", p.Index, p.Total, noTime, false),
		map[string]any{"schema": schema, "relation": relation, "index": p.Index, "total": p.Total, "status": status,
			"group": group})
}

// Cancel is the line of a query that was cancelled on the server.
func (l Lines) Cancel(connection string) Event {
	return info("LogCancelLine", "Q022", Error, l.fancy("CANCEL query "+connection, "CANCEL", noIndex, 0, noTime, false),
		map[string]any{"conn_name": connection})
}

// HookStart is the line of a project hook that begins.
func (l Lines) HookStart(n *NodeInfo, statement string, p Progress) Event {
	return info("LogHookStartLine", "Q032", Info, l.fancy("START hook: "+statement, "RUN", p.Index, p.Total, noTime, true),
		map[string]any{"node_info": n, "statement": statement, "index": p.Index, "total": p.Total})
}

// HookEnd is the line of a project hook that ended or was skipped.
func (l Lines) HookEnd(n *NodeInfo, statement, status string, p Progress, seconds float64) Event {
	shown := "ERROR"
	switch status {
	case "success":
		shown = "OK"
	case "skipped":
		shown = "SKIP"
	}
	return info("LogHookEndLine", "Q033", Info, l.fancy(shown+" hook: "+statement, shown, p.Index, p.Total, seconds, true),
		map[string]any{"node_info": n, "statement": statement, "status": status, "index": p.Index, "total": p.Total,
			"execution_time": seconds})
}

// BatchStart is the line of a microbatch that begins.
func (l Lines) BatchStart(n *NodeInfo, description string, p Progress) Event {
	return info("LogStartBatch", "Q045", Info, "Batch "+l.fancy("START "+description, "RUN", p.Index, p.Total, noTime, false),
		map[string]any{"node_info": n, "description": description, "batch_index": p.Index, "total_batches": p.Total})
}

// BatchEnd is the line of a microbatch that ended; state is the message on success, else "error" or "skipped".
func (l Lines) BatchEnd(n *NodeInfo, description, state string, p Progress, seconds float64, group map[string]any) Event {
	verb, shown, level := "OK created", state, Info
	switch state {
	case "error":
		verb, shown, level = "ERROR creating", "ERROR", Error
	case "skipped":
		verb, shown = "SKIP", "SKIPPED"
	}
	return info("LogBatchResult", "Q046", level, "Batch "+l.fancy(verb+" "+description, shown, p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "description": description, "status": state, "batch_index": p.Index,
			"total_batches": p.Total, "execution_time": seconds, "group": group})
}

// OverloadStart is the line of a function's further signature that begins.
func (l Lines) OverloadStart(n *NodeInfo, description string, p Progress) Event {
	return info("LogStartOverload", "Q048", Info, "Overload "+l.fancy("START "+description, "RUN", p.Index, p.Total, noTime, false),
		map[string]any{"node_info": n, "description": description, "overload_index": p.Index, "total_overloads": p.Total})
}

// OverloadEnd is the line of a function's further signature that was created or not.
func (l Lines) OverloadEnd(n *NodeInfo, description, status string, p Progress, seconds float64, group map[string]any) Event {
	verb, level := "OK created", Info
	if status == "error" {
		verb, level = "ERROR creating", Error
	}
	return info("LogOverloadResult", "Q049", level,
		"Overload "+l.fancy(verb+" "+description, strings.ToUpper(status), p.Index, p.Total, seconds, false),
		map[string]any{"node_info": n, "description": description, "status": status, "overload_index": p.Index,
			"total_overloads": p.Total, "execution_time": seconds, "group": group})
}

// Operation is a line of run-operation --sql; a negative seconds means no time.
func (l Lines) Operation(verb, state string, seconds float64) Event {
	msg := verb + " executed inline_query"
	level := Info
	switch verb {
	case "START", "ERROR":
		msg = verb + " executing inline_query"
	}
	if verb == "ERROR" {
		level = Error
	}
	return Note(level, l.fancy(msg, state, 1, 1, seconds, false))
}
