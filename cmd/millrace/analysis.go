package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/dag/run"
)

// analysisFile keeps what binding the project's queries gave, beside the kept parse.
const analysisFile = "sql_analysis.millrace"

// analysisMemory is what earlier commands have found out about queries: good for this very
// program and profile. It is empty with --no-partial-parse.
func (inv *invocation) analysisMemory(s *run.Session) *sql.Memory {
	profile := ""
	if p := s.Project.Profile; p != nil && p.Credentials != nil {
		profile = value.Repr(value.FromDict(p.Credentials))
	}
	m := sql.NewMemory(fmt.Sprintf("%s %s %x", identity(), s.Driver.Name(), sha256.Sum256([]byte(profile))))
	if !inv.flags.PartialParse || identity() == "" {
		return m
	}
	f, err := os.Open(filepath.Join(inv.targetDir(), analysisFile))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			inv.emit(event.Note(event.Debug, "The kept analysis cannot be read: "+err.Error()))
		}
		return m
	}
	defer func() { _ = f.Close() }() // only read from
	if err := m.Read(f); err != nil {
		inv.emit(event.Note(event.Debug, "The kept analysis is made anew: "+err.Error()))
	}
	return m
}

// keepAnalysis keeps it for the next command; that it cannot is no error of this one.
func (inv *invocation) keepAnalysis(m *sql.Memory) error {
	if !inv.flags.PartialParse || !m.Changed() {
		return nil
	}
	if err := inv.writeFile(analysisFile, func(w io.Writer) error { return m.Write(w) }); err != nil {
		inv.emit(event.Note(event.Debug, "The analysis cannot be kept for the next command: "+err.Error()))
	}
	return nil
}
