package duckdb

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// instance is one open database file of the process. A file can be opened only once, so
// engines over the same file share it.
type instance struct {
	db     *native.DB
	key    string
	config string
	users  int
}

var instances struct {
	sync.Mutex
	open map[string]*instance
}

type engine struct {
	creds    *credentials
	inst     *instance
	mu       sync.Mutex
	nextConn int
	closed   bool
}

func open(ctx context.Context, creds *credentials) (*engine, error) {
	inst, fresh, err := acquire(ctx, creds)
	if err != nil {
		return nil, err
	}
	e := &engine{creds: creds, inst: inst}
	if err := e.setup(ctx, fresh); err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

// acquire opens the database or joins the instance that is open already.
func acquire(ctx context.Context, creds *credentials) (inst *instance, fresh bool, err error) {
	instances.Lock()
	defer instances.Unlock()
	settings := openSettings(creds)
	config := fmt.Sprint(settings)
	key := ""
	if creds.path != memory && creds.path != "" { // every memory database is its own
		key = creds.path
		if scheme, _ := splitScheme(key); scheme == "" {
			if abs, err := filepath.Abs(key); err == nil {
				key = abs
			}
			if real, err := filepath.EvalSymlinks(key); err == nil {
				key = real
			}
		}
		if inst, ok := instances.open[key]; ok {
			if inst.config != config {
				return nil, false, &adapters.DatabaseError{Position: -1, Code: "Connection",
					Message: "Connection Error: " + creds.path + " is open in this process with other config_options"}
			}
			inst.users++
			return inst, false, nil
		}
	}
	db, err := openFile(ctx, creds, settings)
	if err != nil {
		return nil, false, err
	}
	inst = &instance{db: db, key: key, config: config, users: 1}
	if key != "" {
		if instances.open == nil {
			instances.open = map[string]*instance{}
		}
		instances.open[key] = inst
	}
	return inst, true, nil
}

func openSettings(creds *credentials) []native.Setting {
	var out []native.Setting
	if creds.configOptions != nil {
		for k, v := range creds.configOptions.All() {
			out = append(out, native.Setting{Name: value.Str(k), Value: settingText(v)})
		}
	}
	if token, ok := creds.settings.GetString("motherduck_token"); ok && creds.motherduck() {
		out = append(out, native.Setting{Name: "motherduck_token", Value: value.Str(token)})
	}
	return out
}

// settingText writes booleans as DuckDB's settings spell them.
func settingText(v value.Value) string {
	if b, ok := v.AsBool(); ok {
		return fmt.Sprint(b)
	}
	return value.Str(v)
}

// openFile tries as often as the profile's retries say, waiting 1, 2, 4 … seconds.
func openFile(ctx context.Context, creds *credentials, settings []native.Setting) (*native.DB, error) {
	for attempt := 0; ; attempt++ {
		db, err := native.Open(creds.path, settings)
		if err == nil {
			return db, nil
		}
		wrapped := wrap(err, "")
		if creds.retries == nil || attempt+1 >= creds.retries.connectAttempts || !creds.retries.covers(wrapped) {
			return nil, wrapped
		}
		if !sleep(ctx, time.Second<<attempt) {
			return nil, wrapped
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// covers reports that the profile lists the error's class, by its Python name: "IOException".
func (r *retries) covers(err *adapters.DatabaseError) bool {
	class := strings.ReplaceAll(err.Code, " ", "")
	return slices.ContainsFunc(r.exceptions, func(name string) bool {
		name = strings.TrimSuffix(strings.TrimSuffix(name, "Exception"), "Error")
		return name != "" && strings.EqualFold(name, class) ||
			strings.EqualFold(name, "Transaction") && strings.EqualFold(class, "TransactionContext")
	})
}

// setup prepares a fresh instance. Secrets and attachments are the process's as well, but
// another profile may bring its own, and repeating them does no harm.
func (e *engine) setup(ctx context.Context, fresh bool) error {
	nothing := len(e.creds.extensions) == 0 && len(e.creds.secrets) == 0 && len(e.creds.attach) == 0 && !e.creds.motherduck()
	if nothing {
		return nil
	}
	c, err := e.inst.db.Connect()
	if err != nil {
		return wrap(err, "")
	}
	defer c.Close()
	run := func(sql string) error {
		if _, err := c.Run(ctx, sql, false, 0); err != nil {
			return wrap(err, sql)
		}
		return nil
	}
	if fresh {
		for _, ext := range e.creds.extensions {
			if err := load(ext, run); err != nil {
				return err
			}
		}
	}
	for _, s := range e.creds.secrets {
		if err := run(s.sql); err != nil {
			// The statement holds the secret; the message must not.
			err.(*adapters.DatabaseError).SQL = ""
			return err
		}
	}
	for _, a := range e.creds.attach {
		if err := run(a.sql); err != nil {
			return err
		}
	}
	if e.creds.motherduck() {
		return run("CREATE SCHEMA IF NOT EXISTS dbt_temp")
	}
	return nil
}

// load loads an extension by path or by name. A name that is not installed yet is
// installed first, which needs the network.
func load(ext extension, run func(string) error) error {
	if strings.ContainsAny(ext.name, `/\`) || strings.HasSuffix(ext.name, ".duckdb_extension") {
		return run("LOAD " + literal(ext.name))
	}
	if ext.repo == "" && run("LOAD "+ext.name) == nil {
		return nil
	}
	install := "INSTALL " + ext.name
	if ext.repo != "" {
		install += " FROM " + ext.repo
	}
	if err := run(install); err != nil {
		e := err.(*adapters.DatabaseError)
		e.Hint = fmt.Sprintf("without a network, put %s.duckdb_extension for DuckDB %s (%s/%s) on this machine and give its path under `extensions`",
			ext.name, native.Version(), runtime.GOOS, runtime.GOARCH)
		return e
	}
	return run("LOAD " + ext.name)
}

// Conn implements adapters.Engine.
func (e *engine) Conn(ctx context.Context, name string) (adapters.Conn, error) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, &adapters.DatabaseError{Message: "Connection Error: the database was closed", Position: -1, Code: "Connection"}
	}
	e.nextConn++
	id := e.nextConn
	e.mu.Unlock()
	n, err := e.inst.db.Connect()
	if err != nil {
		return nil, wrap(err, "")
	}
	c := &conn{native: n, creds: e.creds, id: fmt.Sprintf("%s#%d", name, id)}
	if err := c.configure(ctx); err != nil {
		n.Close()
		return nil, err
	}
	return c, nil
}

// Close implements adapters.Engine. The last engine of a file closes it, which writes a checkpoint.
func (e *engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	e.mu.Unlock()
	instances.Lock()
	defer instances.Unlock()
	if e.inst.users--; e.inst.users == 0 {
		e.inst.db.Close()
		delete(instances.open, e.inst.key)
	}
	return nil
}
