package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// longestPath is what every system can take as the path of a socket.
const longestPath = 100

// SocketPath is where the process that holds a database file lends its sessions: beside
// the file, or in a folder of the user's own when that path is too long for a socket.
func SocketPath(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	path := abs + ".sock"
	if len(path) <= longestPath {
		return path, nil
	}
	dir := ownFolder()
	if info, err := os.Lstat(dir); err == nil && (!info.IsDir() || info.Mode().Perm()&0o077 != 0) {
		return "", fmt.Errorf("%s is not a folder of this user alone", dir)
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(dir, hex.EncodeToString(sum[:8])+".sock"), nil
}

func ownFolder() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("millrace-%d", os.Getuid()))
}

// listen makes the socket in a folder that only this user can enter and moves it to its
// place when its mode is set: nobody else can connect at any moment.
func listen(file string) (net.Listener, string, error) {
	path, err := SocketPath(file)
	if err != nil {
		return nil, "", err
	}
	dir := filepath.Dir(path)
	if dir == ownFolder() {
		if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
			return nil, "", err
		}
	}
	private, err := os.MkdirTemp(dir, ".s")
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = os.RemoveAll(private) }()
	made := filepath.Join(private, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, "", err
	}
	l.SetUnlinkOnClose(false) // it would look for the socket where it was made
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		_ = l.Close()
		return nil, "", err
	}
	return l, path, nil
}
