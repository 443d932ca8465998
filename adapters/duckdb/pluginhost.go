package duckdb

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

//go:embed python/plugins.py
var pluginScript string

// pluginHost is the Python process that plugins live in, started for the first of them
// and ended with the engine. It answers one request at a time.
type pluginHost struct {
	mu      sync.Mutex
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
	printed *lineBuffer

	loading sync.Mutex
	loaded  map[string]bool // sources that are there
}

// answer is what the process says to a request.
type answer struct {
	Missing string // a package that is not installed
	Error   string
	Trace   string
}

// lineBuffer keeps what the process prints until somebody takes it.
type lineBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lineBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lineBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.buf.String()
	b.buf.Reset()
	return s
}

// encoded is a value as JSON; what JSON has no form for becomes its text.
func encoded(v value.Value) json.RawMessage {
	b, err := value.AppendJSON(nil, v, value.JSONOptions{Default: func(v value.Value) (value.Value, error) { return value.String(value.Str(v)), nil }})
	if err != nil {
		b, _ = json.Marshal(value.Str(v)) // a string always encodes
	}
	return b
}

// ask lets the process do something with a plugin.
func (h *pluginHost) ask(ctx context.Context, creds *credentials, p plugin, do string, with map[string]any, print func(string)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.start(creds); err != nil {
		return err
	}
	alias := any(nil)
	if p.alias != "" {
		alias = p.alias
	}
	err := h.send(map[string]any{"do": do, "plugin": map[string]any{"module": p.module, "alias": alias, "config": encoded(p.config)}, "with": with})
	if err != nil {
		return h.died(p, err)
	}
	line := make(chan error, 1)
	var a answer
	go func() {
		text, err := h.answers.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(text, &a)
		}
		line <- err
	}()
	select {
	case <-ctx.Done():
		_ = h.cmd.Process.Kill()
		<-line      //nolint:errcheck // the reader ends because the process does
		_ = h.end() // killed by us
		return ctx.Err()
	case err := <-line:
		if err != nil {
			return h.died(p, err)
		}
	}
	for text := range strings.Lines(h.printed.take()) {
		print(strings.TrimRight(text, "\r\n"))
	}
	switch {
	case a.Missing != "":
		d := pluginError("The plugin " + p.name() + " is Python code, which needs what is not installed: " + a.Missing)
		d.Hint = pluginHint
		return d
	case a.Error != "":
		d := pluginError("The plugin " + p.name() + " failed: " + a.Error)
		d.Detail = strings.TrimRight(a.Trace, "\n")
		return d
	}
	return nil
}

const pluginHint = "install dbt-duckdb and what the plugin imports for python3 on PATH, or name another Python in " + pythonVariable

// start starts the process unless it runs.
func (h *pluginHost) start(creds *credentials) error {
	if h.cmd != nil {
		return nil
	}
	program, err := findPython()
	if err != nil {
		d := pluginError("Plugins of dbt-duckdb are Python code: " + err.Error())
		d.Hint = pluginHint
		return d
	}
	cmd := exec.Command(program, "-c", pluginScript)
	h.printed = &lineBuffer{}
	cmd.Stderr = h.printed
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return pluginError("Python cannot be started: " + err.Error())
	}
	h.cmd, h.in, h.answers = cmd, in, bufio.NewReader(out)
	return h.send(map[string]any{"profile": encoded(value.FromDict(creds.output)), "module_paths": creds.modulePaths})
}

func (h *pluginHost) send(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = h.in.Write(append(text, '\n'))
	return err
}

// died is the error of a process that ended in the middle of its work.
func (h *pluginHost) died(p plugin, err error) error {
	said := h.printed.take()
	if end := h.end(); end != nil {
		err = end
	}
	d := diag.New(diag.CodePlugin, diag.Runtime, diag.Span{}, fmt.Sprintf("The plugin %s ended its process: %s", p.name(), err))
	d.Detail = strings.TrimRight(said, "\n")
	return d
}

// end lets the plugins close what they hold and waits for the process.
func (h *pluginHost) end() error {
	_ = h.in.Close()
	_, _ = io.Copy(io.Discard, h.answers)
	err := h.cmd.Wait()
	h.cmd = nil
	return err
}

// close ends the process, if there is one.
func (h *pluginHost) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd == nil {
		return nil
	}
	return h.end()
}
