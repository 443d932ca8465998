package packages

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// Lock is package-lock.yml: the packages that were resolved, with the hash of the list
// they were resolved from.
type Lock struct {
	Specs []Spec
	Hash  string
	Node  *yaml.Node
}

// ReadLock reads the lock file of a project folder; nil without one. r renders it, or nil
// to take texts as they are.
func ReadLock(root string, r yaml.Renderer) (*Lock, diag.List) {
	n, list := readFile(root, "", LockFile)
	if n == nil || list.Err() != nil {
		return nil, list
	}
	c := &Config{File: LockFile, Node: n}
	list = append(list, c.read(r)...)
	l := &Lock{Specs: c.Specs, Node: n}
	l.Hash, _ = n.Get("sha1_hash").String()
	return l, list
}
