//go:build !linux

package project

import "io/fs"

// ChangeOf is when a file's entry last changed; this system does not tell, so that contents
// are compared instead.
func ChangeOf(fs.FileInfo) (change int64, inode uint64) { return 0, 0 }
