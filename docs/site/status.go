package site

// status is what the last run says, as one byte of the data format; higher is worse.
type status uint8

const (
	statusNone status = iota
	statusPass
	statusSkipped
	statusWarn
	statusError
)

// statusOf reads the status of a run_results.json.
func statusOf(s string) status {
	switch s {
	case "success", "pass", "no-op", "reused":
		return statusPass
	case "warn":
		return statusWarn
	case "skipped":
		return statusSkipped
	case "error", "fail", "runtime error", "partial success":
		return statusError
	}
	return statusNone
}

func (n *node) status() status {
	if n.result == nil {
		return statusNone
	}
	return statusOf(n.result.status)
}

// testStatus is the worst status among the tests of a node.
func (n *node) testStatus() status {
	worst := statusNone
	for _, t := range n.tests {
		worst = max(worst, t.status())
	}
	return worst
}
