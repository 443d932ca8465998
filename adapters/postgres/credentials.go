package postgres

import (
	"strconv"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// credentials is a checked profile output. Empty strings are keys that were not given.
type credentials struct {
	host, user, password, database, schema string
	port                                   int
	connectTimeout, keepalivesIdle         int
	role, searchPath                       string
	sslMode, sslCert, sslKey, sslRootCert  string
	applicationName                        string
	autocommit                             bool
	retries, threads                       int
}

func parseCredentials(output *value.Dict) (*credentials, error) {
	f := adapters.NewFields(output)
	c := &credentials{
		host:            f.RequireString("host"),
		user:            f.RequireString("user"),
		password:        f.RequireString("password", "pass"),
		database:        f.RequireString("database", "dbname"),
		schema:          f.RequireString("schema"),
		port:            f.Int(0, "port"),
		connectTimeout:  f.Int(10, "connect_timeout"),
		keepalivesIdle:  f.Int(0, "keepalives_idle"),
		role:            f.String("", "role"),
		searchPath:      f.String("", "search_path"),
		sslMode:         f.String("", "sslmode"),
		sslCert:         f.String("", "sslcert"),
		sslKey:          f.String("", "sslkey"),
		sslRootCert:     f.String("", "sslrootcert"),
		applicationName: f.String("dbt", "application_name"),
		autocommit:      f.Bool(false, "autocommit"),
		retries:         f.Int(1, "retries"),
		threads:         f.Int(1, "threads"),
	}
	f.Require("port")
	for _, pair := range [][2]string{{"password", "pass"}, {"database", "dbname"}} {
		_, canonical := f.Get(pair[0])
		if _, alias := f.Get(pair[1]); canonical && alias {
			f.Fail(`Got duplicate keys: (%s, %s) all map to "%s"`, pair[0], pair[1], pair[0])
		}
	}
	if c.port < 0 || c.port > 65535 {
		f.Fail("port: %d is not a port number", c.port)
	}
	if c.retries < 0 {
		f.Fail("retries: %d is less than the minimum of 0", c.retries)
	}
	if c.threads < 1 {
		c.threads = 1
	}
	return c, f.Err()
}

func (c *credentials) Database() string    { return c.database }
func (c *credentials) Schema() string      { return c.schema }
func (c *credentials) Threads() int        { return c.threads }
func (c *credentials) UniqueField() string { return c.host }

// Target has the keys in the order in which templates and `debug` show them.
func (c *credentials) Target() *value.Dict {
	d := value.NewDict(18)
	d.SetString("host", value.String(c.host))
	d.SetString("port", value.Int(int64(c.port)))
	d.SetString("user", value.String(c.user))
	d.SetString("database", value.String(c.database))
	d.SetString("schema", value.String(c.schema))
	d.SetString("connect_timeout", value.Int(int64(c.connectTimeout)))
	d.SetString("role", value.OptString(c.role))
	d.SetString("search_path", value.OptString(c.searchPath))
	d.SetString("keepalives_idle", value.Int(int64(c.keepalivesIdle)))
	d.SetString("sslmode", value.OptString(c.sslMode))
	d.SetString("sslcert", value.OptString(c.sslCert))
	d.SetString("sslkey", value.OptString(c.sslKey))
	d.SetString("sslrootcert", value.OptString(c.sslRootCert))
	d.SetString("application_name", value.OptString(c.applicationName))
	d.SetString("autocommit", value.Bool(c.autocommit))
	d.SetString("retries", value.Int(int64(c.retries)))
	d.SetString("dbname", value.String(c.database))
	return d
}

func (c *credentials) Describe() [][2]string {
	var out [][2]string
	for k, v := range c.Target().All() {
		if name := value.Str(k); name != "dbname" {
			out = append(out, [2]string{name, value.Str(v)})
		}
	}
	return out
}

func (c *credentials) address() string {
	return `server at "` + c.host + `", port ` + strconv.Itoa(c.port)
}
