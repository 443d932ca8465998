package check

import (
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/dag/run"
)

// find reports a fault of a query. The query that was bound is that of an empty target; it
// is reported only if the code that this invocation compiled has the faulty text as well.
func (w *walk) find(n *manifest.Node, out *compile.Output, fault *sql.BindError) {
	if compile.IsEphemeral(n) {
		w.failed[n.UniqueID] = true
	}
	r := w.compiled[n.UniqueID]
	if r == nil {
		return
	}
	span, found := out.Map.At(fault.Position)
	if r.Compiled.Code != out.Code && (!found || !r.Map.Shows(span)) {
		return
	}
	if n.Test != nil || !found {
		span = n.Span
	}
	summary, detail, _ := strings.Cut(fault.Message, "\n")
	d := diag.New(diag.CodeQuery, diag.Compilation, span, summary)
	d.Detail = strings.TrimSpace(detail)
	d.NodeID, d.Node = n.UniqueID, compile.Describe(n)
	if fault.Fault == sql.FaultColumn {
		d.Code = diag.CodeUnknownColumn
		d.Hint = diag.DidYouMean(fault.Column, fault.Candidates)
		if lost := run.WhereLost(w.m, n.UniqueID, fault.Column, func(id string) bool { return w.has(id, fault.Column) }); lost != "" {
			d.Related = append(d.Related, diag.Related{Message: lost})
		}
	}
	w.report.Findings = append(w.report.Findings, d)
}

func (w *walk) has(id, column string) bool {
	node := w.report.Nodes[id]
	if node == nil {
		return false
	}
	for _, c := range node.Columns {
		if strings.EqualFold(c.Name, column) {
			return true
		}
	}
	return false
}
