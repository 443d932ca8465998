package project

import (
	"io/fs"
	"syscall"
)

// ChangeOf is when a file's entry last changed, which no program can set, and its inode.
func ChangeOf(info fs.FileInfo) (change int64, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ctim.Nano(), s.Ino
	}
	return 0, 0
}
