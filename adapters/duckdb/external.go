package duckdb

import (
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// externalWriteOptions writes the options of COPY … TO. What the user left open follows
// from the location: format and compression from its extension, parquet without one.
func externalWriteOptions(_ *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("external_write_options", "write_location", "rendered_options")
	if err != nil {
		return value.Undef, err
	}
	options, ok := v[1].AsDict()
	if !ok {
		return value.Undef, value.Errorf("TypeError", "argument of type '%s' is not iterable", value.TypeName(v[1]))
	}
	has := func(key string) bool { _, ok := options.GetString(key); return ok }
	if !has("format") {
		setFormat(options, value.Str(v[0]), has)
	}
	format, _ := options.GetString("format")
	if s, _ := format.AsString(); s == "csv" && !has("header") {
		options.SetString("header", value.Int(1))
	}
	if p, ok := options.GetString("partition_by"); ok {
		if s := value.Str(p); strings.Contains(s, ",") && !strings.HasPrefix(s, "(") {
			options.SetString("partition_by", value.String("("+s+")"))
		}
	}
	var out []string
	for k, x := range options.All() {
		name, text := value.Str(k), value.Str(x)
		switch strings.ToLower(name) {
		case "delimiter", "quote", "escape", "null":
			if !strings.HasPrefix(text, "'") {
				text = "'" + text + "'"
			}
		}
		out = append(out, name+" "+text)
	}
	return value.String(strings.Join(out, ", ")), nil
}

func setFormat(options *value.Dict, location string, has func(string) bool) {
	root, ext := splitExt(location)
	compression := map[string]string{".gz": "gzip", ".zst": "zstd"}[strings.ToLower(ext)]
	if compression != "" {
		_, ext = splitExt(root)
	}
	switch {
	case ext != "":
		options.SetString("format", value.String(strings.ToLower(ext[1:])))
		if compression != "" && !has("compression") {
			options.SetString("compression", value.String(compression))
		}
	case has("delimiter"):
		options.SetString("format", value.String("csv"))
	default:
		options.SetString("format", value.String("parquet"))
	}
}

// splitExt is Python's: a leading dot of the file name starts no extension.
func splitExt(path string) (root, ext string) {
	ext = filepath.Ext(path)
	base := path[strings.LastIndexAny(path, `/\`)+1:]
	if ext == "" || strings.Trim(base[:len(base)-len(ext)], ".") == "" {
		return path, ""
	}
	return path[:len(path)-len(ext)], ext
}

// externalReadLocation is where the view over an external model reads from: the files of
// a folder when COPY writes several.
func externalReadLocation(_ *adapters.Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("external_read_location", "write_location", "rendered_options")
	if err != nil {
		return value.Undef, err
	}
	options, ok := v[1].AsDict()
	if !ok {
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'get'", value.TypeName(v[1]))
	}
	partition, _ := options.GetString("partition_by")
	perThread, _ := options.GetString("per_thread_output")
	if !value.Truth(partition) && !value.Truth(perThread) {
		return v[0], nil
	}
	location := value.Str(v[0]) + "/*"
	if value.Truth(partition) {
		location += strings.Repeat("/*", strings.Count(value.Str(partition), ",")+1)
	}
	format := "parquet"
	if f, ok := options.GetString("format"); ok {
		format = value.Str(f)
	}
	return value.String(location + "." + format), nil
}
