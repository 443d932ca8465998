package duckdb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/adapters/duckdb/internal/wire"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// instance is one open database file of the process. A file can be opened only once, so
// engines over the same file share it. Where another process has the file and lends its
// sessions (db is nil), they are asked for there.
type instance struct {
	creds  *credentials
	key    string
	config string
	users  int

	mu     sync.Mutex
	db     *native.DB
	server *wire.Server // while this process lends its sessions
	shares int
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
	plugins  pluginHost
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
	config := fmt.Sprint(openSettings(creds))
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
	inst = &instance{creds: creds, key: key, config: config, users: 1}
	if err := inst.open(ctx); err != nil {
		return nil, false, err
	}
	if key != "" {
		if instances.open == nil {
			instances.open = map[string]*instance{}
		}
		instances.open[key] = inst
	}
	return inst, true, nil
}

// defaults are the settings of every database whose profile does not say otherwise. With
// DuckDB's own 16 MB of log between two checkpoints, every few batches of a stream write row
// groups anew that are hardly filled, and a commit waits for it.
var defaults = []native.Setting{{Name: "checkpoint_threshold", Value: "64MB"}}

// openSettings are what the profile says.
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

// open opens the file, or finds the process that has it and lends its sessions. It tries
// as often as the profile's retries say, waiting 1, 2, 4 … seconds.
func (i *instance) open(ctx context.Context) error {
	creds := i.creds
	for attempt := 0; ; attempt++ {
		db, err := native.Open(creds.path, append(slices.Clone(defaults), openSettings(creds)...))
		if err == nil {
			i.db = db
			return nil
		}
		wrapped := wrap(err, "")
		if wrapped.Fault == adapters.FaultLocked {
			lent, err := wire.Dial(ctx, creds.path, i.config)
			var no *wire.Refused
			switch {
			case err == nil:
				lent.Close() // others are opened as they are needed
				return nil
			case errors.As(err, &no):
				return &adapters.DatabaseError{Position: -1, Code: "Connection", Fault: adapters.FaultLocked, Message: "Connection Error: " + no.Reason, Cause: err}
			}
		}
		if creds.retries == nil || attempt+1 >= creds.retries.connectAttempts || !creds.retries.covers(wrapped) {
			return wrapped
		}
		if !sleep(ctx, time.Second<<attempt) {
			return wrapped
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
	c, err := e.inst.connect(ctx)
	if err != nil {
		return err
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
	n, err := e.inst.connect(ctx)
	if err != nil {
		return nil, err
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
	err := e.plugins.close()
	instances.Lock()
	defer instances.Unlock()
	if e.inst.users--; e.inst.users == 0 {
		e.inst.close()
		delete(instances.open, e.inst.key)
	}
	return err
}
