package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Server is a PostgreSQL server for tests.
type Server struct {
	Host, User, Password, Database string
	Port                           int

	cmd    *exec.Cmd
	dir    string
	launch func() error // starts the process anew
}

// PostgresEnv names the environment variable with the DSN of a server to use instead of
// starting one.
const PostgresEnv = "MILLRACE_TEST_POSTGRES"

// ErrNoPostgres says that there is no server to test with.
var ErrNoPostgres = errors.New("no PostgreSQL server: install one (initdb and postgres are looked for in PATH and /usr/lib/postgresql) or set " + PostgresEnv + " to a DSN")

// Postgres gives a server that lives as long as the test. Without any server binary the
// test is skipped.
func Postgres(t testing.TB) *Server {
	t.Helper()
	s, err := StartPostgres()
	if errors.Is(err, ErrNoPostgres) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Profile is the server as a profile output.
func (s *Server) Profile(schema string) *value.Dict {
	d := value.NewDict(7)
	d.SetString("type", value.String("postgres"))
	d.SetString("host", value.String(s.Host))
	d.SetString("port", value.Int(int64(s.Port)))
	d.SetString("user", value.String(s.User))
	d.SetString("password", value.String(s.Password))
	d.SetString("dbname", value.String(s.Database))
	d.SetString("schema", value.String(schema))
	return d
}

// StartPostgres starts a server on a free port of this machine, in a folder of its own and
// without care for durability.
func StartPostgres() (*Server, error) {
	if dsn := os.Getenv(PostgresEnv); dsn != "" {
		return fromDSN(dsn)
	}
	bin, err := serverBin()
	if err != nil {
		return nil, err
	}
	run, uid, gid, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "millrace-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{Host: "127.0.0.1", User: "millrace", Password: "millrace", Database: "postgres", dir: dir}
	if err := s.start(bin, run, uid, gid); err != nil {
		_ = s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(bin string, run func(*exec.Cmd), uid, gid int) error {
	if uid >= 0 {
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return err
		}
	}
	data := filepath.Join(s.dir, "data")
	init := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", s.User, "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	init.Dir = s.dir
	run(init)
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	s.Port = port
	s.launch = func() error {
		log, err := os.OpenFile(filepath.Join(s.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port),
			"-c", "listen_addresses="+s.Host, "-c", "unix_socket_directories=", "-c", "fsync=off",
			"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=40", "-c", "shared_buffers=16MB")
		s.cmd.Dir = s.dir
		s.cmd.Stdout, s.cmd.Stderr = log, log
		run(s.cmd)
		err = s.cmd.Start()
		if cerr := log.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
		return s.ready()
	}
	return s.launch()
}

// Foreign reports whether the server is one that PostgresEnv names.
func (s *Server) Foreign() bool { return s.launch == nil }

// Restart ends the server at once, as a crash does, and starts it again on the same port and data.
func (s *Server) Restart() error {
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown
	_ = s.cmd.Wait()                          // it ends by a signal, which is what we want
	return s.launch()
}

func (s *Server) ready() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		c, err := pgconn.Connect(ctx, s.DSN())
		if err == nil {
			err = c.Close(ctx)
		}
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			out, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
			return fmt.Errorf("the PostgreSQL server did not start: %w\n%s", err, out)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// DSN is the address in libpq's form.
func (s *Server) DSN() string {
	return fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=disable", s.Host, s.Port, s.User, s.Password, s.Database)
}

// Stop ends the server and removes its folder. A server from the environment stays.
func (s *Server) Stop() error {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(os.Interrupt) // fast shutdown
		done := make(chan struct{})
		go func() {
			_ = s.cmd.Wait() // it ends by a signal, which is what we want
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = s.cmd.Process.Kill()
			<-done
		}
	}
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}

func fromDSN(dsn string) (*Server, error) {
	c, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", PostgresEnv, err)
	}
	s := &Server{Host: c.Host, Port: int(c.Port), User: c.User, Password: c.Password, Database: c.Database}
	if s.Password == "" {
		s.Password = "-" // a profile must have one, a trusting server ignores it
	}
	return s, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// serverBin finds the folder with initdb and postgres, the newest one first.
func serverBin() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			p = real
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(p), "postgres")); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrNoPostgres
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(strings.Split(filepath.ToSlash(p), "/")[4])
		return n
	}
	sort.Slice(found, func(i, j int) bool { return version(found[i]) > version(found[j]) })
	return filepath.Dir(found[0]), nil
}
