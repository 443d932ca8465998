//go:build unix

package adaptertest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// unprivileged gives a function that makes a command run as somebody who is not root,
// because the server refuses to. Ids are -1 when we are not root anyway.
func unprivileged() (run func(*exec.Cmd), uid, gid int, err error) {
	if os.Getuid() != 0 {
		return func(*exec.Cmd) {}, -1, -1, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 != nil || err2 != nil {
			continue
		}
		return func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.Dir, "LC_ALL=C"}
		}, uid, gid, nil
	}
	return nil, 0, 0, errors.New("a PostgreSQL server does not run as root, and there is neither a user postgres nor nobody")
}
