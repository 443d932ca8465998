package flags

var (
	logFormats = []string{"text", "debug", "json", "default", "otel"}
	logLevels  = []string{"debug", "info", "warn", "error", "none", "off"}
)

var outputFlags = []Flag{
	{Name: "print", Negatable: true, Kind: Bool, Default: true, Env: "DBT_PRINT", OldEnv: "DBT_NO_PRINT", OldInvert: true, Group: GroupOutput, field: func(f *Flags) any { return &f.Print },
		Doc: "Show what templates say with print()."},
	{Name: "quiet", Short: "q", Negatable: true, Kind: Bool, Default: false, Env: "DBT_QUIET", Group: GroupOutput, field: func(f *Flags) any { return &f.Quiet },
		Doc: "Show errors and results only."},
	{Name: "printer-width", Kind: Int, Default: 80, Env: "DBT_PRINTER_WIDTH", Project: true, Group: GroupOutput, field: func(f *Flags) any { return &f.PrinterWidth },
		Doc: "Width of output lines."},
	{Name: "use-colors", Negatable: true, Kind: Bool, Default: true, Env: "DBT_USE_COLORS", Project: true, Group: GroupOutput, field: func(f *Flags) any { return &f.UseColors },
		Doc: "Colour the output of a terminal."},
	{Name: "write-json", Negatable: true, Kind: Bool, Default: true, Env: "DBT_WRITE_JSON", Project: true, Group: GroupOutput, field: func(f *Flags) any { return &f.WriteJSON },
		Doc: "Write artifacts such as manifest.json and run_results.json."},
	{Name: "hints-enabled", Negatable: true, Kind: Bool, Default: true, Env: "DBT_ENGINE_HINTS_ENABLED", Project: true, Group: GroupOutput, field: func(f *Flags) any { return &f.HintsEnabled },
		Doc: "Show a hint now and then."},
	{Name: "show-resource-report", Negatable: true, Kind: Bool, Default: false, Env: "DBT_SHOW_RESOURCE_REPORT", Group: GroupOutput, Hidden: true, field: func(f *Flags) any { return &f.ShowResourceReport },
		Doc: "Log memory and time used at the end."},
	{Name: "invocation-id", Kind: String, Default: "", Group: GroupOutput, Hidden: true, field: func(f *Flags) any { return &f.InvocationID },
		Doc: "Id of this run in artifacts and logs, given by a program that calls Millrace; a new one without it."},
	{Name: "record-timing-info", Short: "r", Kind: Path, Default: "", Group: GroupOutput, Hidden: true, field: func(f *Flags) any { return &f.RecordTimingInfo },
		Doc: "File to write a profile of this run to."},
	{Name: "upload-to-artifacts-ingest-api", Negatable: true, Kind: Bool, Default: false, Env: "DBT_UPLOAD_TO_ARTIFACTS_INGEST_API", Group: GroupOutput, Hidden: true, field: func(f *Flags) any { return &f.UploadArtifacts },
		Doc: "Accepted so that command lines work unchanged; nothing is ever uploaded."},
	{Name: "snowflake-projects-otel", Negatable: true, Kind: Bool, Default: false, Env: "DBT_ENGINE_SNOWFLAKE_PROJECTS_OTEL", Project: true, Group: GroupOutput, Hidden: true, field: func(f *Flags) any { return &f.SnowflakeProjectsOTel },
		Doc: "Accepted so that projects load unchanged."},

	{Name: "debug", Short: "d", Negatable: true, Kind: Bool, Default: false, Env: "DBT_DEBUG", Project: true, Group: GroupLogging, field: func(f *Flags) any { return &f.Debug },
		Doc: "Show debug messages."},
	{Name: "log-path", Kind: Path, Default: "", Env: "DBT_LOG_PATH", Group: GroupLogging, field: func(f *Flags) any { return &f.LogPath },
		Doc: "Folder for the log file, for this run only."},
	{Name: "log-level", Kind: String, Default: "info", Choices: logLevels, Env: "DBT_LOG_LEVEL", Project: true, Group: GroupLogging, field: func(f *Flags) any { return &f.LogLevel },
		Doc: "Least severe messages to show, on screen and in the log file."},
	{Name: "log-level-file", Kind: String, Default: "debug", Choices: logLevels, Env: "DBT_LOG_LEVEL_FILE", Project: true, Group: GroupLogging, field: func(f *Flags) any { return &f.LogLevelFile },
		Doc: "Least severe messages to write to the log file."},
	{Name: "log-format", Kind: String, Default: "default", Choices: logFormats, Env: "DBT_LOG_FORMAT", Project: true, Group: GroupLogging, field: func(f *Flags) any { return &f.LogFormat },
		Doc: "Form of messages, on screen and in the log file."},
	{Name: "log-format-file", Kind: String, Default: "debug", Choices: logFormats, Env: "DBT_LOG_FORMAT_FILE", Project: true, Group: GroupLogging, field: func(f *Flags) any { return &f.LogFormatFile },
		Doc: "Form of messages in the log file."},
	{Name: "log-file-max-bytes", Kind: Int, Default: 10 << 20, Env: "DBT_LOG_FILE_MAX_BYTES", Group: GroupLogging, Hidden: true, field: func(f *Flags) any { return &f.LogFileMaxBytes },
		Doc: "Size at which the log file is put aside and a new one begun; 0 = never."},
	{Name: "log-cache-events", Negatable: true, Kind: Bool, Default: false, Env: "DBT_LOG_CACHE_EVENTS", Group: GroupLogging, field: func(f *Flags) any { return &f.LogCacheEvents },
		Doc: "Log what happens to the cache of relations."},
	{Name: "use-colors-file", Negatable: true, Kind: Bool, Default: true, Env: "DBT_USE_COLORS_FILE", Project: true, Group: GroupLogging, field: func(f *Flags) any { return &f.UseColorsFile },
		Doc: "Colour the log file."},

	{Name: "warn-error", Kind: Bool, Default: false, Env: "DBT_WARN_ERROR", Project: true, Group: GroupWarnings, field: func(f *Flags) any { return &f.WarnError },
		Doc: "Every warning is an error."},
	{Name: "warn-error-options", Kind: YAML, Default: "", Env: "DBT_WARN_ERROR_OPTIONS", Project: true, Group: GroupWarnings, field: func(f *Flags) any { return &f.WarnErrorOptions },
		Doc: "Which warnings are errors, as YAML: '{error: all, warn: [NoNodesForSelectionCriteria], silence: [...]}'."},
	{Name: "show-all-deprecations", Negatable: true, Kind: Bool, Default: false, Group: GroupWarnings, field: func(f *Flags) any { return &f.ShowAllDeprecations },
		Doc: "Show every place of a deprecation instead of a count."},
	{Name: "strict", Negatable: true, Kind: Bool, Default: false, Env: "DBT_ENGINE_STRICT", Group: GroupWarnings, field: func(f *Flags) any { return &f.Strict },
		Doc: "Deprecated forms and unknown keys are errors."},
}
