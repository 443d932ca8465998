package main

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/project"
)

// copyAssets puts the folders of asset-paths beside the documentation, where the images that
// descriptions show are looked for. What an earlier run copied goes away first.
func (inv *invocation) copyAssets(p *project.Project) error {
	for _, path := range p.AssetPaths {
		if !filepath.IsLocal(path) || filepath.Clean(path) == "." {
			return &diag.Diagnostic{Code: diag.CodeProject, Kind: diag.Runtime, Summary: "asset-paths names '" + path + "', which is not a folder below the project"}
		}
		to := filepath.Join(inv.targetDir(), path)
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		from := filepath.Join(p.Root, path)
		if _, err := os.Stat(from); err != nil {
			if os.IsNotExist(err) {
				continue
			}
			return err
		}
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return err
		}
	}
	return nil
}
