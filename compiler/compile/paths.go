package compile

import (
	"path"
	"strings"

	"github.com/millrace/millrace/compiler/manifest"
)

// writePath is where dbt writes a node's code: below the file it was declared in when a
// file declares several, as a file of snapshots may.
func (c *Compiler) writePath(folder string, n *manifest.Node, suffix string) string {
	file := n.OriginalFilePath
	switch {
	case n.ResourceType == manifest.Snapshot:
		file = path.Join(file, n.Name+".sql")
	case path.Base(n.Path) != path.Base(file):
		file = path.Join(file, n.Path)
	}
	if suffix != "" {
		ext := path.Ext(file)
		stem := strings.TrimSuffix(path.Base(file), ext)
		file = path.Join(path.Dir(file), stem, stem+"_"+suffix+ext)
	}
	target := c.TargetPath
	if target == "" {
		target = "target"
	}
	below := path.Join(target, folder)
	out := path.Join(below, n.PackageName, file)
	if !strings.HasPrefix(out, below+"/") {
		// A file from far outside the project ("../../../x.sql") must not lead out of the target.
		for strings.HasPrefix(file, "../") {
			file = file[len("../"):]
		}
		out = path.Join(below, n.PackageName, file)
	}
	return out
}

// RunPath is where the statements that build a node are written.
func (c *Compiler) RunPath(n *manifest.Node) string { return c.writePath("run", n, "") }

// BatchPaths are the paths of one microbatch of a model.
func (c *Compiler) BatchPaths(n *manifest.Node, batch string) (compiled, run string) {
	return c.writePath("compiled", n, batch), c.writePath("run", n, batch)
}
