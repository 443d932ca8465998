package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// cachePath is where parses are kept; "" with --no-partial-parse.
func (inv *invocation) cachePath() string {
	switch f := inv.flags; {
	case !f.PartialParse:
		return ""
	case f.PartialParseFilePath != "":
		return inv.underProject(f.PartialParseFilePath, "")
	}
	return filepath.Join(inv.targetDir(), "partial_parse.millrace")
}

// identity tells this build of the program from all others, "" when it cannot be told.
func identity() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	change, inode := project.ChangeOf(info)
	return fmt.Sprint(programVersion(), info.Size(), info.ModTime().UnixNano(), change, inode)
}

// keep keeps the parse for the next command.
func (inv *invocation) keep(p *compiler.Program) {
	inv.kept(p.Keep())
}

func (inv *invocation) kept(err error) {
	if err != nil {
		inv.emit(event.Note(event.Debug, "The parse cannot be kept for the next command: "+err.Error()))
	}
}

// writeParsed writes the artifacts of a project as parsed. When the parse was kept and its
// manifest.json is still the one we wrote, only its metadata is written anew, in place:
// all else in it is the same.
func (inv *invocation) writeParsed(p *compiler.Program) error {
	if !inv.flags.WriteJSON {
		return nil
	}
	head, err := manifest.Head(p.Manifest, inv.metadata())
	if err != nil {
		return err
	}
	path := filepath.Join(inv.targetDir(), "manifest.json")
	if was := p.Written(); was.Head != int64(len(head)) || !unchanged(path, was) || !overwrite(path, head) {
		return inv.writeAnew(p, path, int64(len(head)))
	}
	inv.written("manifest.json")
	inv.stamp(p, path, int64(len(head)))
	return inv.writeArtifact("semantic_manifest.json", func(w io.Writer) error {
		_, err := w.Write(p.Semantic())
		return err
	})
}

func (inv *invocation) writeAnew(p *compiler.Program, path string, head int64) error {
	p, err := inv.complete(p)
	if err != nil {
		return err
	}
	if err := inv.writeManifest(p, nil); err != nil {
		return err
	}
	inv.stamp(p, path, head)
	return nil
}

func (inv *invocation) writeSemantic(p *compiler.Program) error {
	return inv.writeArtifact("semantic_manifest.json", func(w io.Writer) error { return manifest.WriteSemantic(w, p.Manifest) })
}

func (inv *invocation) stamp(p *compiler.Program, path string, head int64) {
	info, err := os.Lstat(path)
	if err == nil {
		change, inode := project.ChangeOf(info)
		err = p.Stamp(compiler.Artifact{Size: info.Size(), ModTime: info.ModTime().UnixNano(), Change: change, Inode: inode, Head: head})
	}
	inv.kept(err)
}

// complete is the project with all of its manifest, parsed again when what was kept is damaged.
func (inv *invocation) complete(p *compiler.Program) (*compiler.Program, error) {
	if p.Complete() != nil {
		return inv.load()
	}
	return p, nil
}

// unchanged reports whether a file is the very one that is known.
func unchanged(path string, was compiler.Artifact) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	change, inode := project.ChangeOf(info)
	return change != 0 && change == was.Change && inode == was.Inode && info.Size() == was.Size && info.ModTime().UnixNano() == was.ModTime
}

// overwrite replaces the beginning of a file by as many other bytes.
func overwrite(path string, head []byte) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	_, err = f.WriteAt(head, 0)
	return f.Close() == nil && err == nil
}
