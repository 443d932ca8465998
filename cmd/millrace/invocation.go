package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"github.com/millrace/millrace/cmd/internal/view"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
)

// compatibility is the dbt-core release whose behaviour and artifacts we follow; packages
// check it with require-dbt-version.
const compatibility = "1.12.6"

// invocation is one command in progress.
type invocation struct {
	*app
	env   project.Env // the process's variables over those of .env
	ctx   context.Context
	flags *flags.Flags
	view  *view.View
	name  string // dbt's name of the command
	// targetPath is the target folder as the project names it.
	targetPath string
	args       []string // positional arguments

	// hasManifest: manifest.json is this invocation's.
	hasManifest bool

	loaded func() // ends the memory policy of loading
	taps   *taps

	deprecations deprecations // what notes has shown
}

// body is what a command does; the exit code counts when the error is nil.
type body func(inv *invocation) (code int, err error)

// invoke opens the view, runs a command and reports how it ended. Errors become dbt's
// "Encountered an error:" block followed by the user's line.
func (a *app) invoke(ctx context.Context, f *flags.Flags, env project.Env, notes diag.List, args []string, do body) error {
	inv := &invocation{taps: new(taps), app: a, env: env, ctx: ctx, flags: f, name: f.Which, args: args}
	placed := error(nil)
	if f.Which != "init" {
		placed = enter(f)
	}
	if f.InvocationID == "" {
		f.InvocationID = uuid.NewString()
	}
	_, options := f.WarnErrors()
	notes = append(notes, options...)
	inv.view = view.New(inv.viewOptions())
	defer func() { _ = inv.view.Close() }()
	inv.emit(event.Event{Name: "MainReportVersion", Code: "A001", Level: event.Info,
		Msg: fmt.Sprintf("Running with millrace=%s (dbt=%s)", programVersion(), f.Version), Data: map[string]any{"version": "=" + f.Version, "log_version": 3}})
	if err := notes.Err(); err != nil {
		return inv.finish(exitProject, err)
	}
	if placed != nil {
		return inv.finish(exitProject, placed)
	}
	if err := inv.notes(notes); err != nil {
		return inv.finish(exitProject, err)
	}
	inv.loaded = whileLoading()
	code, err := do(inv)
	return inv.finish(code, err)
}

func (inv *invocation) finish(code int, err error) error {
	var exit exitError
	if err != nil && !errors.As(err, &exit) {
		code = exitProject
		inv.report(err)
	} else if err != nil {
		code = exit.code
	}
	inv.deprecations.summarize(inv)
	ok := "succeeded"
	if code != exitOK {
		ok = "failed"
	}
	took := inv.now().Sub(inv.started).Seconds()
	inv.reportResources(code == exitOK, took)
	inv.emit(event.Event{Name: "CommandCompleted", Code: "Q039", Level: event.Debug,
		Msg:  fmt.Sprintf("Command `millrace %s` %s at %s after %.2f seconds", inv.name, ok, inv.now().Format("15:04:05.000000"), took),
		Data: map[string]any{"command": "millrace " + inv.name, "success": code == exitOK, "elapsed": took, "completed_at": inv.now().UTC().Format(time.RFC3339Nano)}})
	if code != exitOK {
		return exitError{code}
	}
	return nil
}

// reportResources says what the command used: in the log file, or also to the user who asked.
func (inv *invocation) reportResources(ok bool, seconds float64) {
	used := resourceUse()
	if used == nil {
		return
	}
	level := event.Debug
	if inv.flags.ShowResourceReport {
		level = event.Info
	}
	used["command_name"], used["command_success"], used["command_wall_clock_time"] = inv.name, ok, seconds
	text, err := json.Marshal(used)
	if err != nil {
		return
	}
	inv.emit(event.Event{Name: "ResourceReport", Code: "Z051", Level: level, Msg: "Resource report: " + string(text), Data: used})
}

// report shows an error that ended the command. Several diagnostics are shown one by one.
func (inv *invocation) report(err error) {
	var list diag.List
	var one *diag.Diagnostic
	switch {
	case errors.As(err, &list):
		for _, d := range list {
			if d.Severity == diag.Error {
				inv.encountered(d)
			}
		}
	case errors.As(err, &one):
		inv.encountered(one)
	default:
		inv.encountered(&diag.Diagnostic{Kind: diag.Runtime, Summary: err.Error()})
	}
}

func (inv *invocation) encountered(d *diag.Diagnostic) {
	if d.Kind == diag.Usage { // a wrong command line is no event; see usageError
		text := "Error: " + d.Message() + "\n"
		if d.Hint != "" {
			text += "  " + d.Hint + "\n"
		}
		_, _ = io.WriteString(inv.stderr, text)
		return
	}
	text := d.Error()
	inv.emit(event.Event{Name: "MainEncounteredError", Code: "Z002", Level: event.Error, Msg: "[ERROR]: Encountered an error:\n" + text,
		Data: map[string]any{"exc": text}})
	inv.detail(d)
}

// detail shows where a diagnostic points, as lines of its own: tools read what stands
// under "Encountered an error:" as dbt's text.
func (inv *invocation) detail(d *diag.Diagnostic) {
	if d.Code == "" && !d.Span.Valid() && d.Hint == "" {
		return
	}
	inv.emit(event.Event{Name: "DiagnosticDetail", Code: "M001", Level: event.Error, Diag: d,
		Data: map[string]any{"code": string(d.Code), "position": d.Span.String(), "hint": d.Hint}})
}

// notes shows warnings and notes; the compiler has already counted what repeats. The error
// is the first that the user wants to be one (--warn-error), or all of them in one where
// the project groups them.
func (inv *invocation) notes(list diag.List) error {
	var refused []string
	for _, d := range list {
		if d.Severity == diag.Error {
			continue
		}
		name := d.Event
		if name == "" {
			name = "ValidationWarning"
		}
		switch inv.flags.Treat(name) {
		case flags.Silenced:
			continue
		case flags.AsError:
			refused = append(refused, d.Summary)
			continue
		}
		label := "[WARNING]: "
		if d.Severity == diag.Note {
			label = "[NOTE]: "
		}
		inv.deprecations.count(d)
		data := map[string]any{"msg": d.Message(), "code": string(d.Code), "position": d.Span.String()}
		maps.Copy(data, d.Data)
		inv.emit(event.Event{Name: name, Code: "I072", Level: event.Warn, Msg: label + d.Message(), Diag: d, Data: data})
	}
	if len(refused) == 0 {
		return nil
	}
	if !inv.flags.Behavior["enable_grouped_warn_error_parser_logs"] {
		refused = refused[:1]
	}
	return &diag.Diagnostic{Kind: diag.Compilation, Summary: strings.Join(refused, "\n")}
}

func (inv *invocation) emit(e event.Event) {
	if e.Level == event.Warn && inv.flags.Treat(e.Name) == flags.Silenced {
		return
	}
	e.Time = inv.now()
	inv.view.Emit(e)
	inv.taps.emit(e)
}

// answer prints what the user asked for.
func (inv *invocation) answer(text string) { inv.emit(event.Print(text)) }

// Emit makes the invocation an event.Sink for the rooms below.
func (inv *invocation) Emit(e event.Event) { inv.emit(e) }

func (inv *invocation) viewOptions() view.Options {
	f := inv.flags
	o := view.Options{
		Out: inv.stdout, Err: inv.stderr, Quiet: f.Quiet, Format: f.LogFormat, Level: level(f.LogLevel, event.Info), LevelNone: f.LogLevel == "none" || f.LogLevel == "off",
		FileFormat: f.LogFormatFile, FileLevel: level(f.LogLevelFile, event.Debug), FileNone: f.LogLevelFile == "none" || f.LogLevelFile == "off", FileMaxBytes: int64(f.LogFileMaxBytes),
		InvocationID: f.InvocationID, PID: os.Getpid(), LogPath: inv.underProject(f.LogPath, "logs"),
		Secrets: inv.secrets(), Extra: map[string]string{},
	}
	for k, v := range inv.metadataEnvs().All() {
		o.Extra[value.Str(k)] = value.Str(v)
	}
	if f.Debug {
		o.Level = event.Debug
		if o.Format == "" || o.Format == "default" {
			o.Format = "debug"
		}
	}
	if file, ok := inv.stdout.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		_, ci := os.LookupEnv("CI")
		o.Terminal = !ci && os.Getenv("TERM") != "dumb"
		o.Color = f.UseColors
		if w, _, err := term.GetSize(int(file.Fd())); err == nil {
			o.Width = w
		}
	}
	if from := f.Origin("use-colors"); f.UseColors && (from == flags.FromCLI || from == flags.FromEnv) {
		o.Color = true
	}
	if v, ok := os.LookupEnv("FORCE_COLOR"); ok && v != "" && v != "0" {
		o.Color = true
	}
	if v, ok := os.LookupEnv("NO_COLOR"); ok && v != "" {
		o.Color = false
	}
	return o
}

func level(name string, fallback event.Level) event.Level {
	switch name {
	case "debug":
		return event.Debug
	case "info":
		return event.Info
	case "warn":
		return event.Warn
	case "error":
		return event.Error
	}
	return fallback
}

// underProject makes a path of the project absolute; "" takes the default name.
func (inv *invocation) underProject(path, fallback string) string {
	if path == "" {
		path = fallback
	}
	if filepath.IsAbs(path) {
		return path
	}
	root := inv.flags.ProjectDir
	if root == "" {
		root = "."
	}
	abs, err := filepath.Abs(filepath.Join(root, path))
	if err != nil {
		return filepath.Join(root, path)
	}
	return abs
}

// programVersion is what the linker or the module system says we are.
func programVersion() string {
	if version != "dev" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}
