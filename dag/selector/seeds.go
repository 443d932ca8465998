package selector

import (
	"fmt"
	"strconv"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// largeSeed warns about a seed whose content is not compared because of its size: it counts as
// changed only when that shows from outside.
func (c *comparison) largeSeed(n, o *manifest.Node) {
	if n.Checksum.Name != "path" {
		return
	}
	limit := strconv.FormatFloat(c.sel.opts.SeedLimit, 'g', -1, 64) + "MiB"
	event, why := "SeedExceedsLimitAndPathChanged", " in size. The previous file was in a different location, assuming it has changed"
	switch {
	case o.Checksum.Name != "path":
		event, why = "SeedIncreased", " in size. The previous file was <="+limit+", so it has changed"
	case n.Checksum == o.Checksum:
		event, why = "SeedExceedsLimitSamePath", " in size at the same path, dbt cannot tell if it has changed: assuming they are the same"
	}
	d := diag.New(diag.CodeSelection, diag.Compilation, n.Span, fmt.Sprintf("Found a seed (%s.%s) >%s%s", n.PackageName, n.Name, limit, why)).Named(event)
	d.Severity, d.NodeID = diag.Warning, n.UniqueID
	c.breaking = append(c.breaking, d)
}
