package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// flagsObject is `flags`: the invocation's settings under upper-case names.
type flagsObject struct{ d *value.Dict }

func (*flagsObject) TypeName() string { return "Namespace" }

// Module implements value.Moduled.
func (*flagsObject) Module() string { return "argparse" }

// Str lists the settings.
func (f *flagsObject) Str() string {
	var b strings.Builder
	b.WriteString("Namespace(")
	first := true
	for k, v := range f.d.All() {
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.WriteString(value.Str(k) + "=" + value.Repr(v))
	}
	return b.String() + ")"
}

// Attr answers a setting.
func (f *flagsObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	v, ok := f.d.GetString(name)
	return v, ok, nil
}

// FlagsIn is `flags` as templates see it in another command.
func (e *Env) FlagsIn(command string) value.Value {
	f := *e.Flags
	f.Which = command
	return value.FromObject(&flagsObject{newFlagValues(&f)})
}

// setting is one flag under its lower-case name.
type setting struct {
	name string
	v    value.Value
}

func stringsOrNone(items []string) value.Value {
	if len(items) == 0 {
		return value.None
	}
	return value.NewTuple(value.Strings(items...).Items()...)
}

// warnErrorOptions has all lists, given or not.
func warnErrorOptions(f *flags.Flags) value.Value {
	d := value.NewDict(3)
	for _, key := range []string{"error", "warn", "silence"} {
		d.SetString(key, value.NewList())
	}
	if given, ok := yamlValue(f.WarnErrorOptions).AsDict(); ok {
		for k, v := range given.All() {
			d.SetString(value.Str(k), v)
		}
	}
	return value.FromDict(d)
}

// settings lists the flags that templates may know about.
func settings(f *flags.Flags) []setting {
	text := func(s string) value.Value { return value.OptString(s) }
	list := []setting{
		{"which", text(f.Which)},
		{"invocation_command", text(f.InvocationCommand)},
		{"project_dir", text(f.ProjectDir)},
		{"profiles_dir", text(f.ProfilesDir)},
		{"profile", text(f.Profile)},
		{"target", text(f.Target)},
		{"target_path", text(f.TargetPath)},
		{"log_path", text(f.LogPath)},
		{"threads", optionalInt(f.Threads)},
		{"select", stringsOrNone(f.Select)},
		{"exclude", stringsOrNone(f.Exclude)},
		{"models", stringsOrNone(f.Models)},
		{"selector", text(f.Selector)},
		{"resource_types", stringsOrNone(f.ResourceTypes)},
		{"exclude_resource_types", stringsOrNone(f.ExcludeResourceTypes)},
		{"indirect_selection", text(f.IndirectSelection)},
		{"full_refresh", value.Bool(f.FullRefresh)},
		{"store_failures", value.Bool(f.StoreFailures)},
		{"empty", value.Bool(f.Empty)},
		{"sample", text(f.Sample)},
		{"event_time_start", text(f.EventTimeStart)},
		{"event_time_end", text(f.EventTimeEnd)},
		{"state", text(f.State)},
		{"defer_state", text(f.DeferState)},
		{"defer", value.Bool(f.Defer)},
		{"favor_state", value.Bool(f.FavorState)},
		{"fail_fast", value.Bool(f.FailFast)},
		{"debug", value.Bool(f.Debug)},
		{"quiet", value.Bool(f.Quiet)},
		{"print", value.Bool(f.Print)},
		{"warn_error", value.Bool(f.WarnError)},
		{"warn_error_options", warnErrorOptions(f)},
		{"log_format", text(f.LogFormat)},
		{"log_format_file", text(f.LogFormatFile)},
		{"log_level", text(f.LogLevel)},
		{"log_level_file", text(f.LogLevelFile)},
		{"log_file_max_bytes", value.Int(int64(f.LogFileMaxBytes))},
		{"log_cache_events", value.Bool(f.LogCacheEvents)},
		{"write_json", value.Bool(f.WriteJSON)},
		{"use_colors", value.Bool(f.UseColors)},
		{"use_colors_file", value.Bool(f.UseColorsFile)},
		{"partial_parse", value.Bool(f.PartialParse)},
		{"partial_parse_file_diff", value.Bool(f.PartialParseFileDiff)},
		{"static_parser", value.Bool(f.StaticParser)},
		{"use_experimental_parser", value.False},
		{"introspect", value.Bool(f.Introspect)},
		{"populate_cache", value.Bool(f.PopulateCache)},
		{"cache_selected_only", value.Bool(f.CacheSelectedOnly)},
		{"version_check", value.Bool(f.VersionCheck)},
		{"printer_width", value.Int(int64(f.PrinterWidth))},
		{"maximum_seed_size_mib", wholeOrFloat(f.MaximumSeedSizeMiB)},
		{"send_anonymous_usage_stats", value.Bool(f.SendAnonymousUsageStats)},
		{"hints_enabled", value.Bool(f.HintsEnabled)},
		{"show_all_deprecations", value.Bool(f.ShowAllDeprecations)},
		{"macro_debugging", value.Bool(f.MacroDebugging)},
		{"single_threaded", value.Bool(f.SingleThreaded)},
		{"show_resource_report", value.Bool(f.ShowResourceReport)},
		{"vars", yamlValue(f.Vars)},
	}
	for _, b := range flags.Behaviors {
		on, known := f.Behavior[b.Name]
		if !known {
			on = b.Default
		}
		list = append(list, setting{b.Name, value.Bool(on)})
	}
	return list
}

func optionalInt(n int) value.Value {
	if n == 0 {
		return value.None
	}
	return value.Int(int64(n))
}

func wholeOrFloat(f float64) value.Value {
	if f == float64(int64(f)) {
		return value.Int(int64(f))
	}
	return value.Float(f)
}

// yamlValue is a setting that is given as YAML; what does not parse has been reported
// where flags are read and counts as nothing here.
func yamlValue(text string) value.Value {
	if strings.TrimSpace(text) == "" {
		return value.FromDict(value.NewDict(0))
	}
	n, list := yaml.Parse(diag.NewSource("<flag>", text))
	if list.Err() != nil || n == nil {
		return value.FromDict(value.NewDict(0))
	}
	return n.Value()
}

func newFlagValues(f *flags.Flags) *value.Dict {
	d := value.NewDict(90)
	for _, s := range settings(f) {
		d.SetString(strings.ToUpper(s.name), s.v)
	}
	return d
}

// invocationArgs is invocation_args_dict: the settings that were given or matter, without
// nulls and without switches that are off by default.
func invocationArgs(f *flags.Flags) *value.Dict {
	d := value.NewDict(90)
	for _, s := range settings(f) {
		if s.v.IsNone() {
			continue
		}
		switch s.name {
		case "debug", "full_refresh", "fail_fast", "warn_error", "single_threaded", "log_cache_events", "store_failures",
			"use_experimental_parser", "empty":
			if !value.Truth(s.v) {
				continue
			}
		}
		d.SetString(s.name, s.v)
	}
	if f.Args != "" {
		d.SetString("args", yamlValue(f.Args))
	}
	if f.Macro != "" {
		d.SetString("macro", value.String(f.Macro))
	}
	return d
}
