// Package macros holds the built-in macro project, named dbt: every statement that is
// not a user's own comes from one of its macros, under dbt's public name and arguments,
// so that projects, packages and engines override any of them. It is neutral as to the
// SQL dialect; the macro project of each engine lies with its adapter and goes before it.
package macros

import (
	"embed"
	"io/fs"
)

// Name is the name of the macro project, under which templates can call its macros.
const Name = "dbt"

//go:embed dbt_project.yml all:macros all:tests docs
var files embed.FS

// Files is the macro project: dbt_project.yml, the folders macros, tests/generic and docs.
func Files() fs.FS { return files }
