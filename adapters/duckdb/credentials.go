package duckdb

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// credentials is a checked profile output.
type credentials struct {
	path, database, schema string
	configOptions          *value.Dict
	settings               *value.Dict
	extensions             []extension
	secrets                []secret
	attach                 []attachment
	externalRoot           string
	disableTransactions    bool
	retries                *retries
	plugins                []plugin
	modulePaths            []string        // where Python looks for modules of plugins
	output                 *value.Dict     // the profile as it is, for plugins
	ducklakes              map[string]bool // databases backed by DuckLake
	threads                int
	shown                  *value.Dict // keys that templates and debug may see
}

type extension struct{ name, repo string }

type retries struct {
	connectAttempts, queryAttempts int
	exceptions                     []string
}

const memory = ":memory:"

func parseCredentials(output *value.Dict) (*credentials, error) {
	f := adapters.NewFields(output)
	c := &credentials{
		path:                f.String(memory, "path"),
		schema:              f.String("main", "schema"),
		configOptions:       f.Dict("config_options"),
		settings:            f.Dict("settings"),
		externalRoot:        f.String(".", "external_root"),
		disableTransactions: f.Bool(false, "disable_transactions"),
		threads:             max(1, f.Int(1, "threads")),
		ducklakes:           map[string]bool{},
		modulePaths:         []string{},
		output:              output,
	}
	for _, v := range f.List("module_paths") {
		c.modulePaths = append(c.modulePaths, value.Str(v))
	}
	if c.settings == nil {
		c.settings = value.NewDict(1)
	} else {
		c.settings = c.settings.Copy()
	}
	if token := f.String("", "motherduck_token"); token != "" {
		if old, ok := c.settings.GetString("motherduck_token"); ok && value.Str(old) != token {
			f.Fail("Conflicting values for motherduck_token found in the profile; please set it in only one place")
		}
		c.settings.SetString("motherduck_token", value.String(token))
	}
	c.parseExtensions(f)
	c.parseAttach(f)
	c.parseSecrets(f)
	c.parseRetries(f)
	c.parsePlugins(f)
	for key, instead := range map[string]string{
		"remote":      "it names a Buena Vista server, for which there is no driver",
		"filesystems": "they are Python objects (fsspec); use the httpfs or azure extension and a secret",
	} {
		if v, ok := f.Get(key); ok && value.Truth(v) {
			f.Fail("The profile key '%s' is not supported: %s", key, instead)
		}
	}
	if f.Bool(false, "is_ducklake") || strings.Contains(strings.ToLower(c.path), "ducklake:") {
		c.ducklakes[databaseOf(c.path)] = true
	}
	c.parseDatabase(f)
	c.shown = c.visible(output)
	return c, f.Err()
}

// parseDatabase: the catalog's name follows from the file, unless it names an attached database.
func (c *credentials) parseDatabase(f *adapters.Fields) {
	derived := databaseOf(c.path)
	c.database = f.String(derived, "database")
	if derived == "" {
		f.Fail("Unable to determine target database name from 'path' field in profile")
	}
	if c.database == derived {
		return
	}
	for _, a := range c.attach {
		if a.alias == c.database {
			return
		}
	}
	f.Fail("Inconsistency detected between 'path' and 'database' fields in profile; "+
		"the 'database' property must be set to '%s' to match the 'path'", derived)
}

// databaseOf is the name DuckDB gives the catalog of a path: the first part of the file
// name that is not empty.
func databaseOf(path string) string {
	if path == memory || path == "" {
		return "memory"
	}
	scheme, rest := splitScheme(path)
	switch scheme {
	case "md", "motherduck":
		name := fileStem(strings.TrimLeft(cutQuery(rest), "/"))
		if name == "" {
			return "my_db"
		}
		return name
	case "ducklake":
		name := fileStem(cutQuery(rest))
		if _, inner, ok := strings.Cut(name, ":"); ok {
			return inner
		}
		return name
	}
	base := filepath.Base(filepath.ToSlash(cutQuery(rest)))
	name, _, _ := strings.Cut(strings.TrimLeft(base, "."), ".")
	return name
}

func fileStem(path string) string {
	base := path[strings.LastIndexByte(path, '/')+1:]
	return strings.TrimSuffix(base, filepath.Ext(base))
}

func cutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// splitScheme is the part before the first colon; a single letter is a Windows drive.
func splitScheme(path string) (scheme, rest string) {
	i := strings.IndexByte(path, ':')
	if i < 2 {
		return "", path
	}
	if u, err := url.Parse(path); err != nil || u.Scheme == "" {
		return "", path
	}
	return strings.ToLower(path[:i]), strings.TrimPrefix(path[i+1:], "//")
}

func isMotherDuck(path string) bool {
	scheme, _ := splitScheme(path)
	return scheme == "md" || scheme == "motherduck"
}

func (c *credentials) motherduck() bool {
	return isMotherDuck(c.path) || slices.ContainsFunc(c.attach, func(a attachment) bool { return isMotherDuck(a.path) })
}

func (c *credentials) parseExtensions(f *adapters.Fields) {
	for _, v := range f.List("extensions") {
		if name, ok := v.AsString(); ok {
			c.extensions = append(c.extensions, extension{name: name})
			continue
		}
		d, ok := v.AsDict()
		if !ok {
			f.Fail("Failed to parse extension: %s", value.Repr(v))
			continue
		}
		e := adapters.NewFields(d)
		ext := extension{e.RequireString("name"), e.RequireString("repo")}
		if err := e.Err(); err != nil {
			f.Fail("Failed to parse extension: %s", err)
		}
		c.extensions = append(c.extensions, ext)
	}
}

func (c *credentials) parseRetries(f *adapters.Fields) {
	d := f.Dict("retries")
	if d == nil {
		return
	}
	r := adapters.NewFields(d)
	c.retries = &retries{connectAttempts: r.Int(1, "connect_attempts"), queryAttempts: r.Int(0, "query_attempts"), exceptions: []string{"IOException"}}
	if list := r.List("retryable_exceptions"); list != nil {
		c.retries.exceptions = nil
		for _, v := range list {
			c.retries.exceptions = append(c.retries.exceptions, value.Str(v))
		}
	}
	if err := r.Err(); err != nil {
		f.Fail("retries: %s", err)
	}
}

var shownKeys = []string{"config_options", "extensions", "settings", "external_root", "use_credential_provider",
	"attach", "filesystems", "remote", "plugins", "disable_transactions"}

func (c *credentials) visible(output *value.Dict) *value.Dict {
	d := value.NewDict(len(shownKeys) + 3)
	d.SetString("database", value.String(c.database))
	d.SetString("schema", value.String(c.schema))
	d.SetString("path", value.String(cutToken(c.path)))
	for _, key := range shownKeys {
		v, ok := output.GetString(key)
		if !ok {
			v = value.None
		}
		switch key {
		case "settings":
			v = value.FromDict(c.settings)
		case "external_root":
			v = value.String(c.externalRoot)
		case "disable_transactions":
			v = value.Bool(c.disableTransactions)
		}
		d.SetString(key, withoutSecrets(v))
	}
	return d
}

// cutToken removes a MotherDuck token from a path.
func cutToken(path string) string {
	if strings.Contains(path, "motherduck_token=") {
		return cutQuery(path)
	}
	return path
}

// withoutSecrets copies a value and leaves out entries whose names say that they are secret.
func withoutSecrets(v value.Value) value.Value {
	if d, ok := v.AsDict(); ok {
		out := value.NewDict(d.Len())
		for k, item := range d.All() {
			if name := strings.ToLower(value.Str(k)); strings.Contains(name, "token") || strings.Contains(name, "password") ||
				strings.Contains(name, "secret") && item.Kind() == value.KindString && name != "secret" || strings.HasSuffix(name, "access_key") {
				continue
			}
			_ = out.Set(k, withoutSecrets(item)) // the key was hashable before
		}
		return value.FromDict(out)
	}
	if v.Kind() == value.KindList {
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = withoutSecrets(item)
		}
		return value.NewList(items...)
	}
	return v
}

func (c *credentials) Database() string    { return c.database }
func (c *credentials) Schema() string      { return c.schema }
func (c *credentials) Threads() int        { return c.threads }
func (c *credentials) UniqueField() string { return cutToken(c.path) + c.externalRoot }

// NoTransactions implements adapters.Transactionless.
func (c *credentials) NoTransactions() bool { return c.disableTransactions }

// Target implements adapters.Credentials.
func (c *credentials) Target() *value.Dict { return c.shown.Copy() }

// Describe implements adapters.Credentials.
func (c *credentials) Describe() [][2]string {
	var out [][2]string
	for k, v := range c.shown.All() {
		out = append(out, [2]string{value.Str(k), value.Str(v)})
	}
	return out
}
