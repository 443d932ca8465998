package flags

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Env answers environment variables; project.Env is the same.
type Env interface {
	Getenv(name string) (string, bool)
}

// Input is what a Flags is merged from. Nil members are empty.
type Input struct {
	Command string         // as Flag.Commands names it
	CLI     map[string]any // by flag name: bool, string, int, float64 or []string as the flag's Kind
	Env     Env
	Project *value.Dict // flags: of dbt_project.yml (or config: of profiles.yml)
	User    *value.Dict // flags: of user_settings.yml
	// KeySpan finds a project flag's key in its file, for messages; may be nil.
	KeySpan func(key string) diag.Span
}

// Resolve merges the settings: command line, then environment, then project flags, then
// user settings, then defaults. Flags that the command does not have keep their default.
func Resolve(in Input) (*Flags, diag.List) {
	r := &resolver{in: in, f: &Flags{Which: base(in.Command), given: map[string]Origin{}}}
	for i := range Table {
		r.flag(&Table[i])
	}
	r.behaviors()
	r.follow("use-colors", "use-colors-file", func(f *Flags) { f.UseColorsFile = f.UseColors })
	r.follow("log-level", "log-level-file", func(f *Flags) { f.LogLevelFile = f.LogLevel })
	r.follow("log-format", "log-format-file", func(f *Flags) { f.LogFormatFile = f.LogFormat })
	r.f.FullRefreshSet = r.f.Given("full-refresh")
	r.f.StoreFailuresSet = r.f.Given("store-failures")
	if len(r.f.Models) > 0 {
		d := diag.New(diag.CodeDeprecated, diag.Usage, diag.Span{}, "Usage of `--models`, `--model`, and `-m` is deprecated in favor of `--select` or `-s`.").Named("ModelParamUsageDeprecation")
		d.Severity = diag.Note
		r.list = append(r.list, d)
	}
	if len(r.f.Models) > 0 && in.Command != list {
		r.f.Select = append(append([]string(nil), r.f.Select...), r.f.Models...)
	}
	r.exclusive()
	r.eventTimes()
	r.unknownEnv()
	return r.f, r.list
}

type resolver struct {
	in   Input
	f    *Flags
	list diag.List
}

func (r *resolver) usage(format string, args ...any) {
	r.list = append(r.list, diag.New(diag.CodeUsage, diag.Usage, diag.Span{}, fmt.Sprintf(format, args...)))
}

// flag sets one row's field from the first source that has it.
func (r *resolver) flag(row *Flag) {
	if row.For(r.in.Command) || r.in.Command == "" {
		if v, ok := r.cli(row); ok {
			r.set(row, v, FromCLI)
			return
		}
		if v, ok := r.env(row); ok {
			r.set(row, v, FromEnv)
			return
		}
	}
	if row.Project {
		if v, ok := r.project(row, r.in.Project, true); ok {
			r.set(row, v, FromProject)
			return
		}
	}
	if v, ok := r.project(row, r.in.User, false); ok {
		r.set(row, v, FromUserSettings)
		return
	}
	// Rows that share a field: only the command's own row may set its default.
	if row.For(r.in.Command) || !r.shared(row) {
		assign(row.field(r.f), row.Default)
	}
}

// shared reports a row whose name other commands give another meaning.
func (r *resolver) shared(row *Flag) bool {
	for i := range Table {
		if o := &Table[i]; o != row && o.Name == row.Name {
			return true
		}
	}
	return false
}

func (r *resolver) set(row *Flag, v any, from Origin) {
	if !assign(row.field(r.f), v) {
		r.usage("Invalid value for '--%s': %v", row.Name, v)
		return
	}
	r.f.given[row.Name] = from
}

// assign stores a value whose type has been checked.
func assign(field, v any) bool {
	switch p := field.(type) {
	case *bool:
		b, ok := v.(bool)
		*p = b
		return ok
	case *string:
		s, ok := v.(string)
		*p = s
		return ok
	case *int:
		i, ok := v.(int)
		*p = i
		return ok
	case *float64:
		switch n := v.(type) {
		case float64:
			*p = n
			return true
		case int:
			*p = float64(n)
			return true
		}
	case *[]string:
		s, ok := v.([]string)
		*p = s
		return ok
	case *time.Duration:
		d, ok := v.(time.Duration)
		*p = d
		return ok
	}
	return false
}

func (r *resolver) cli(row *Flag) (any, bool) {
	for _, name := range append([]string{row.Name}, row.Aliases...) {
		v, ok := r.in.CLI[name]
		if !ok {
			continue
		}
		if s, isText := v.(string); isText {
			return r.parse(row, s, "--"+row.Name)
		}
		if list, isList := v.([]string); isList {
			return list, r.choices(row, list, "--"+row.Name)
		}
		return v, true
	}
	return nil, false
}

func (r *resolver) env(row *Flag) (any, bool) {
	if r.in.Env == nil {
		return nil, false
	}
	if row.OldEnv != "" {
		for _, name := range []string{engineName(row.OldEnv), row.OldEnv} {
			text, ok := r.in.Env.Getenv(name)
			if !ok || text == "" {
				continue
			}
			d := diag.New(diag.CodeDeprecated, diag.Usage, diag.Span{}, fmt.Sprintf("The environment variable `%s` has been renamed as `%s`", row.OldEnv, row.EngineEnv())).Named("EnvironmentVariableRenamed")
			d.Severity = diag.Warning
			r.list = append(r.list, d)
			v, ok := r.parse(row, text, name)
			if b, isBool := v.(bool); isBool && row.OldInvert {
				v = !b
			}
			return v, ok
		}
	}
	if row.Env == "" {
		return nil, false
	}
	for _, name := range []string{row.EngineEnv(), row.Env} {
		if text, ok := r.in.Env.Getenv(name); ok && text != "" {
			return r.parse(row, text, name)
		}
	}
	return nil, false
}

// parse reads a flag's text; from names the flag or variable in messages.
func (r *resolver) parse(row *Flag, text, from string) (any, bool) {
	switch row.Kind {
	case Bool:
		if b, ok := parseBool(text); ok {
			return b, true
		}
		r.usage("Invalid value for '%s': '%s' is not a valid boolean.", from, text)
		return nil, false
	case Int:
		i, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			r.usage("Invalid value for '%s': '%s' is not a valid integer.", from, text)
			return nil, false
		}
		return i, true
	case Float:
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || n < 0 {
			r.usage("Invalid value for '%s': '%s' is not a valid number.", from, text)
			return nil, false
		}
		return n, true
	case Strings:
		list := strings.Fields(text)
		return list, r.choices(row, list, from)
	case Duration:
		d, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil || d < 0 {
			r.usage("Invalid value for '%s': '%s' is not a duration such as 30s or 5m.", from, text)
			return nil, false
		}
		return d, true
	case Time:
		if _, ok := ParseTime(text); !ok {
			r.usage("Invalid value for '%s': '%s' does not match the formats '%%Y-%%m-%%d', '%%Y-%%m-%%dT%%H:%%M:%%S', '%%Y-%%m-%%d %%H:%%M:%%S'.", from, text)
			return nil, false
		}
	}
	if row.Choices != nil {
		text = strings.ToLower(text)
		if !r.choices(row, []string{text}, from) {
			return nil, false
		}
	}
	return text, true
}

func (r *resolver) choices(row *Flag, list []string, from string) bool {
	if row.Choices == nil {
		return true
	}
	for i, s := range list {
		list[i] = strings.ToLower(s)
		if !contains(row.Choices, list[i]) {
			r.usage("Invalid value for '%s': '%s' is not one of '%s'.", from, s, strings.Join(row.Choices, "', '"))
			return false
		}
	}
	return true
}

func parseBool(s string) (b, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "t", "yes", "y", "on":
		return true, true
	case "0", "false", "f", "no", "n", "off":
		return false, true
	}
	return false, false
}

// ParseTime reads the forms --event-time-start and --event-time-end take, as UTC.
func ParseTime(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// project takes a flag from a YAML dictionary. Null means "not set".
func (r *resolver) project(row *Flag, d *value.Dict, complain bool) (any, bool) {
	if d == nil {
		return nil, false
	}
	v, ok := d.GetString(row.Key())
	if !ok || v.IsNone() {
		return nil, false
	}
	out, ok := fromYAML(row, v)
	if s, isText := out.(string); ok && isText && row.Choices != nil {
		out = strings.ToLower(s)
		ok = contains(row.Choices, out.(string))
	}
	if !ok && complain {
		d := diag.New(diag.CodeProject, diag.Runtime, r.keySpan(row.Key()), fmt.Sprintf("the flag '%s' cannot be %s", row.Key(), value.Repr(v)))
		if row.Choices != nil {
			d.Hint = "it takes one of: " + strings.Join(row.Choices, ", ")
		}
		r.list = append(r.list, d)
	}
	return out, ok
}

func (r *resolver) keySpan(key string) diag.Span {
	if r.in.KeySpan == nil {
		return diag.Span{}
	}
	return r.in.KeySpan(key)
}

func fromYAML(row *Flag, v value.Value) (any, bool) {
	switch row.Kind {
	case Bool:
		return v.AsBool()
	case Int:
		i, ok := v.AsInt()
		return int(i), ok
	case Float:
		if i, ok := v.AsInt(); ok {
			return float64(i), i >= 0
		}
		f, ok := v.AsFloat()
		return f, ok && f >= 0
	case YAML:
		if _, ok := v.AsDict(); !ok {
			return nil, false
		}
		text, err := value.AppendJSON(nil, v, value.JSONOptions{})
		return string(text), err == nil
	case Duration:
		text, ok := v.AsString()
		d, err := time.ParseDuration(text)
		return d, ok && err == nil
	}
	return v.AsString()
}

// behaviors merges the behaviour flags of the project over their defaults.
func (r *resolver) behaviors() {
	r.f.Behavior = DefaultBehavior()
	if r.in.Project == nil {
		return
	}
	for k, v := range r.in.Project.All() {
		name, isName := k.AsString()
		if !isName {
			continue
		}
		if row, ok := Lookup(strings.ReplaceAll(name, "_", "-"), ""); ok && row.Project && row.Key() == name {
			continue
		}
		on, isBool := v.AsBool()
		if isBool {
			r.f.Behavior[name] = on
			continue
		}
		if _, known := r.f.Behavior[name]; known && !v.IsNone() {
			r.list = append(r.list, diag.New(diag.CodeProject, diag.Runtime, r.keySpan(name), fmt.Sprintf("the flag '%s' must be true or false, but is %s", name, value.Repr(v))))
		}
	}
}

// follow copies a flag to its "-file" twin when only the former was given.
func (r *resolver) follow(lead, follower string, copyValue func(*Flags)) {
	if r.f.Given(lead) && !r.f.Given(follower) {
		copyValue(r.f)
	}
}

func (r *resolver) exclusive() {
	for _, pair := range [][2]string{{"warn-error", "warn-error-options"}, {"select", "inline"}, {"selector", "inline"}} {
		if !r.f.Given(pair[0]) || !r.f.Given(pair[1]) {
			continue
		}
		r.usage("%s: not allowed with argument %s", strings.ReplaceAll(pair[1], "-", "_"), strings.ReplaceAll(pair[0], "-", "_"))
	}
}

func (r *resolver) eventTimes() {
	start, hasStart := ParseTime(r.f.EventTimeStart)
	end, hasEnd := ParseTime(r.f.EventTimeEnd)
	if hasStart != hasEnd && len(r.list) > 0 {
		return // the other one may be there, but wrong
	}
	const missing = "The flag `--event-time-%s` was specified, but `--event-time-%s` was not. When specifying `--event-time-%s`, `--event-time-%s` must also be present."
	switch {
	case hasEnd && !hasStart:
		r.usage(missing, "end", "start", "end", "start")
	case hasStart && !hasEnd:
		r.usage(missing, "start", "end", "start", "end")
	case hasStart && !start.Before(end):
		r.usage("Value for `--event-time-start` must be less than `--event-time-end`")
	}
}

// enginesOwn are variables of dbt's own that are no flags.
var enginesOwn = []string{"DBT_INVOCATION_ENV", "DBT_RECORDED_FILE_PATH", "DBT_TEST_STATE_MODIFIED",
	"DBT_PACKAGE_HUB_URL", "DBT_DOWNLOAD_DIR", "DBT_PP_FILE_DIFF_TEST", "DBT_PP_TEST"}

// Names is implemented by an Env that can list its variables; only then can unknown
// DBT_ENGINE_ names be found.
type Names interface{ Names() []string }

func (r *resolver) unknownEnv() {
	lister, ok := r.in.Env.(Names)
	if !ok {
		return
	}
	known := map[string]bool{}
	for _, name := range enginesOwn {
		known[engineName(name)] = true
	}
	for i := range Table {
		known[Table[i].EngineEnv()] = true
		known[engineName(Table[i].OldEnv)] = true
	}
	names := lister.Names()
	sort.Strings(names)
	for _, name := range names {
		if strings.HasPrefix(name, enginePrefix) && !known[name] {
			d := diag.New(diag.CodeDeprecated, diag.Usage, diag.Span{}, fmt.Sprintf("the environment variable %s is not known; names that begin with DBT_ENGINE_ are reserved", name)).Named("EnvironmentVariableNamespaceDeprecation")
			d.Severity = diag.Warning
			r.list = append(r.list, d)
		}
	}
}
