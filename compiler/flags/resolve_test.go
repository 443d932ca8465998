package flags

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

type envMap map[string]string

func (m envMap) Getenv(name string) (string, bool) { v, ok := m[name]; return v, ok }
func (m envMap) Names() []string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	return names
}

func dict(t *testing.T, text string) *value.Dict {
	t.Helper()
	n, list := yaml.ParseText("flags", text)
	if list.Err() != nil {
		t.Fatal(list)
	}
	return n.Dict()
}

func TestPrecedence(t *testing.T) {
	in := Input{
		Command: "run",
		CLI:     map[string]any{"fail-fast": false, "log-level": "WARN", "models": []string{"b"}, "select": []string{"a"}},
		Env:     envMap{"DBT_FAIL_FAST": "1", "DBT_DEBUG": "yes", "DBT_ENGINE_QUIET": "on", "DBT_QUIET": "off", "DBT_TARGET": "", "DBT_NO_PRINT": "true", "DBT_HOST": "x", "DBT_ENGINE_NOPE": "1"},
		Project: dict(t, "{debug: false, printer_width: 120, indirect_selection: Cautious, maximum_seed_size_mib: 3, write_json: false, validate_macro_args: false, duckdb_own: true, warn_error_options: {error: [A]}}"),
		User:    dict(t, "{write_json: true, use_colors: false}"),
	}
	f, list := Resolve(in)
	if list.Err() != nil {
		t.Fatal(list)
	}
	var notes []string
	for _, d := range list {
		notes = append(notes, d.Summary)
	}
	if got := strings.Join(notes, "\n"); !strings.Contains(got, "`DBT_NO_PRINT` has been renamed as `DBT_ENGINE_PRINT`") || !strings.Contains(got, "DBT_ENGINE_NOPE is not known") || len(notes) != 3 {
		t.Error(got)
	}
	for name, ok := range map[string]bool{
		"cli over env":          !f.FailFast && f.Origin("fail-fast") == FromCLI,
		"env over project":      f.Debug && f.Origin("debug") == FromEnv,
		"engine name first":     f.Quiet,
		"old name inverted":     !f.Print,
		"empty env is unset":    f.Target == "" && !f.Given("target"),
		"project over default":  f.PrinterWidth == 120 && f.MaximumSeedSizeMiB == 3 && f.IndirectSelection == "cautious",
		"project over user":     !f.WriteJSON,
		"user over default":     !f.UseColors && f.Origin("use-colors") == FromUserSettings,
		"file follows":          !f.UseColorsFile && f.LogLevelFile == "warn" && f.LogLevel == "warn",
		"default":               f.LogFormat == "default" && f.LogFormatFile == "debug" && f.PartialParse && f.VersionCheck,
		"models join select":    strings.Join(f.Select, ",") == "a,b",
		"behavior":              !f.Behavior["validate_macro_args"] && f.Behavior["require_generic_test_arguments_property"] && !f.Behavior["use_catalogs_v2"],
		"engine's own behavior": f.Behavior["duckdb_own"],
		"yaml as text":          f.WarnErrorOptions == `{"error": ["A"]}`,
		"other commands' rows":  f.Host == "127.0.0.1",
	} {
		if !ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestCommandsShareNames(t *testing.T) {
	for command, want := range map[string]string{"list": "selector", "show": "text", "compile": "text"} {
		if f, list := Resolve(Input{Command: command}); list != nil || f.Output != want {
			t.Errorf("%s: %q %v", command, f.Output, list)
		}
	}
	f, _ := Resolve(Input{Command: "freshness", CLI: map[string]any{"output": "x.json"}})
	if f.OutputPath != "x.json" || f.Output != "" {
		t.Errorf("freshness: %q %q", f.OutputPath, f.Output)
	}
}

func TestUsageErrors(t *testing.T) {
	for want, in := range map[string]Input{
		"Invalid value for 'DBT_DEBUG': 'maybe' is not a valid boolean.":                                    {Env: envMap{"DBT_DEBUG": "maybe"}},
		"Invalid value for '--printer-width': 'x' is not a valid integer.":                                  {CLI: map[string]any{"printer-width": "x"}},
		"Invalid value for '--log-format': 'xml' is not one of 'text', 'debug', 'json', 'default', 'otel'.": {CLI: map[string]any{"log-format": "xml"}},
		"warn_error_options: not allowed with argument warn_error":                                          {CLI: map[string]any{"warn-error": true, "warn-error-options": "{}"}},
		"inline: not allowed with argument select":                                                          {Command: "show", CLI: map[string]any{"select": []string{"a"}, "inline": "select 1"}},
		"`--event-time-end` must also be present":                                                           {Command: "run", CLI: map[string]any{"event-time-start": "2024-01-01"}},
		"must be less than `--event-time-end`":                                                              {Command: "run", CLI: map[string]any{"event-time-start": "2024-01-02", "event-time-end": "2024-01-01T00:00:00"}},
		"does not match the formats":                                                                        {Command: "run", CLI: map[string]any{"event-time-start": "soon"}},
		"the flag 'fail_fast' cannot be 'x'":                                                                {Project: dict(t, "{fail_fast: x}")},
		"the flag 'validate_macro_args' must be true or false":                                              {Project: dict(t, "{validate_macro_args: 1}")},
		"'nothing' is not one of":                                                                           {Command: "list", CLI: map[string]any{"resource-types": []string{"model", "nothing"}}},
	} {
		_, list := Resolve(in)
		if list.Err() == nil || !strings.Contains(list.Error(), want) {
			t.Errorf("got %v, want %s", list, want)
		}
	}
}

func TestWarnErrors(t *testing.T) {
	f := &Flags{WarnErrorOptions: "{include: all, exclude: [NoNodesSelected], silence: [Deprecations]}"}
	o, list := f.WarnErrors()
	if list.Err() != nil || len(list) != 1 || list[0].Severity != diag.Warning {
		t.Fatal(list)
	}
	for name, want := range map[string]Treatment{"Any": AsError, "NoNodesSelected": AsWarning, "ConfigLogPathDeprecation": Silenced} {
		if got := o.Treat(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if o, _ := (&Flags{WarnError: true}).WarnErrors(); o.Treat("X") != AsError {
		t.Error("warn-error alone")
	}
	for _, text := range []string{"[a]", "{error: 1}", "{other: []}", "{error: [a], include: [b]}", "{silence: [NoSuchEvent]}"} {
		if _, list := (&Flags{WarnErrorOptions: text}).WarnErrors(); list.Err() == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i := range Table {
		row := &Table[i]
		if row.Doc == "" || row.Group == "" || !strings.HasSuffix(row.Doc, ".") && !strings.Contains(row.Doc, ":") {
			t.Errorf("%s: help %q", row.Name, row.Doc)
		}
		if !assign(row.field(&Flags{}), row.Default) {
			t.Errorf("%s: default %v has the wrong type", row.Name, row.Default)
		}
		commands := row.Commands
		if commands == nil {
			commands = []string{"*"}
		}
		for _, c := range commands {
			if key := c + " " + row.Name; seen[key] {
				t.Errorf("%s twice", key)
			} else {
				seen[key] = true
			}
		}
	}
}

func TestArgsValue(t *testing.T) {
	f, _ := Resolve(Input{Command: "run", CLI: map[string]any{"vars": "{a: 1}", "select": []string{"x"}, "fail-fast": true, "threads": 4}})
	f.InvocationCommand = "millrace run"
	d := f.ArgsValue()
	for key, want := range map[string]string{
		"vars": "{'a': 1}", "select": "['x']", "exclude": "[]", "fail_fast": "True", "threads": "4", "which": "'run'", "maximum_seed_size_mib": "1",
		"warn_error_options": "{}", "invocation_command": "'millrace run'", "validate_macro_args": "True", "debug": "", "profile": "", "port": "",
	} {
		v, ok := d.GetString(key)
		if ok != (want != "") || ok && value.Repr(v) != want {
			t.Errorf("%s: %v %s, want %s", key, ok, value.Repr(v), want)
		}
	}
}

func TestPlainlyFired(t *testing.T) {
	f := &Flags{WarnError: true, WarnErrorOptions: "{silence: [LogTestResult]}", Behavior: map[string]bool{"require_all_warnings_handled_by_warn_error": true}}
	if got := f.Treat("MicrobatchModelNoEventTimeInputs"); got != AsError {
		t.Errorf("all warnings handled: %v", got)
	}
	if got := f.Treat("LogTestResult"); got != Silenced {
		t.Errorf("all warnings handled, silenced: %v", got)
	}
	f.Behavior["require_all_warnings_handled_by_warn_error"] = false
	for name, want := range map[string]Treatment{"MicrobatchModelNoEventTimeInputs": AsWarning, "LogTestResult": AsWarning, "NoNodeForYamlKey": AsError} {
		if got := f.Treat(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestBothNames(t *testing.T) {
	env := BothNames(envMap{"DBT_ENGINE_PARTIAL_PARSE": "new", "DBT_PARTIAL_PARSE": "old", "DBT_TARGET": "dev", "DBT_ENGINE_SECRET": "x",
		"DBT_ENV_SECRET_KEY": "k", "DBT_ENGINE_STATE": "dir", "HOME": "/root"})
	for name, want := range map[string]string{
		"DBT_ENGINE_PARTIAL_PARSE": "new", "DBT_PARTIAL_PARSE": "new", "DBT_ENGINE_TARGET": "dev", "DBT_TARGET": "dev", "DBT_STATE": "dir",
		"DBT_SECRET": "-", "DBT_ENGINE_ENV_SECRET_KEY": "-", "DBT_ENV_SECRET_KEY": "k", "DBT_PROFILE": "-", "HOME": "/root", "ENGINE_HOME": "-",
	} {
		got, ok := env.Getenv(name)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}
