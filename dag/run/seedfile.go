package run

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// ReadSeed reads the CSV of a seed, with types inferred as dbt does. With limit >= 0 only the
// whole lines of its first bytes are read, which is enough to know the columns.
func ReadSeed(n *manifest.Node, limit int64) (*agate.Table, error) {
	delimiter, set := n.Config.Get("delimiter").AsString()
	if set && utf8.RuneCountInString(delimiter) != 1 {
		return nil, diag.New(diag.CodeConfigValue, diag.Compilation, n.BodySpan, "\"delimiter\" must be a 1-character string")
	}
	f, err := os.Open(filepath.Join(n.RootPath, filepath.FromSlash(n.OriginalFilePath)))
	if err != nil {
		return nil, diag.New(diag.CodeProject, diag.Runtime, diag.Span{}, "cannot read the seed "+n.OriginalFilePath+": "+err.Error())
	}
	defer func() { _ = f.Close() }() // only read from
	opts := agate.CSVOptions{Delimiter: delimiter, Path: n.OriginalFilePath}
	if types := n.Config.Dict("column_types"); types != nil {
		for _, k := range types.Keys() {
			opts.TextColumns = append(opts.TextColumns, value.Str(k))
		}
	}
	if limit < 0 {
		return agate.ReadCSV(f, opts)
	}
	text, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) == limit {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	return agate.ReadCSV(bytes.NewReader(text), opts)
}
