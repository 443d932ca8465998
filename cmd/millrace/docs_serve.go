package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/docs/site"
)

// docsServe serves the documentation of the artifacts in the target folder until it is
// interrupted, and follows them: a page reloads when they change.
func (inv *invocation) docsServe() (int, error) {
	dir := inv.targetDir()
	in, err := inv.siteInput()
	if err != nil {
		return exitProject, err
	}
	if _, err := os.Stat(in.Manifest); errors.Is(err, fs.ErrNotExist) {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "There is no manifest.json in " + dir, Hint: "Run `millrace docs generate` first."}
	}
	server, err := site.NewServer(in, site.Options{Version: programVersion()}, dir)
	if err != nil {
		return exitProject, err
	}
	listener, err := (&net.ListenConfig{}).Listen(inv.ctx, "tcp", net.JoinHostPort(inv.flags.Host, strconv.Itoa(inv.flags.Port)))
	if err != nil {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: err.Error(), Cause: err, Hint: "Choose another address with --host or --port; port 0 takes a free one."}
	}
	url := "http://" + browserAddress(listener.Addr()) + "/"
	inv.emit(event.Event{Name: "ServingDocsPort", Code: "Z018", Level: event.Info, Msg: "Serving docs of " + filepath.Base(dir) + " at " + url,
		Data: map[string]any{"address": inv.flags.Host, "port": inv.flags.Port}})
	inv.emit(event.Event{Name: "ServingDocsExitInfo", Code: "Z020", Level: event.Info, Msg: "Press Ctrl+C to exit.", Data: map[string]any{}})
	if inv.flags.Browser {
		if err := openBrowser(url); err != nil {
			inv.emit(event.Event{Name: "ServingDocsNoBrowser", Code: "M090", Level: event.Debug, Msg: "No browser could be opened: " + err.Error(), Data: map[string]any{}})
		}
	}
	go server.Watch(inv.ctx, 500*time.Millisecond, func(err error) {
		e := event.Event{Name: "ServingDocsRebuilt", Code: "M091", Level: event.Info, Msg: "The artifacts changed; open pages reload.", Data: map[string]any{}}
		if err != nil {
			e.Level, e.Msg = event.Warn, "The artifacts changed but cannot be read, so the old pages stay: "+err.Error()
		}
		inv.emit(e)
	})
	return inv.serve(listener, server)
}

// serve answers until the context ends. Pages that listen for changes never finish by
// themselves, so an interrupt closes their connections.
func (inv *invocation) serve(listener net.Listener, handler http.Handler) (int, error) {
	h := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- h.Serve(listener) }()
	select {
	case err := <-done:
		return exitProject, err
	case <-inv.ctx.Done():
		if err := h.Close(); err != nil {
			return exitProject, fmt.Errorf("stop serving: %w", err)
		}
		return exitOK, nil
	}
}

// browserAddress is an address that a browser on this machine can open.
func browserAddress(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func openBrowser(url string) error {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	c := exec.Command(name, args...)
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }() // how the browser ends is its own affair
	return nil
}
