package declare

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// File is where connections stand, in the folder of the root project. dbt does not read it.
const File = "streams.yml"

// TLS says how a connection is encrypted.
type TLS struct {
	On                        bool
	CAFile, CertFile, KeyFile string
	ServerName                string
	SkipVerify                bool // the server's certificate is not checked
}

// SASL says who we are to the brokers; no mechanism means nobody.
type SASL struct {
	Mechanism, Username, Password string
	OAuth                         OAuth // of OAUTHBEARER
}

// Connection is how to reach a Kafka cluster.
type Connection struct {
	Name     string
	Brokers  []string
	ClientID string
	TLS      TLS
	SASL     SASL
	// ServerGroups says that the brokers deal a stream's partitions (Kafka's group.protocol
	// "consumer", KIP-848), and not the processes that land it.
	ServerGroups bool
	Embedded     *Embedded // nil for a cluster elsewhere
}

// Registry is how to reach a schema registry.
type Registry struct {
	Name, URL                 string
	Username, Password, Token string
	TLS                       TLS
}

// Connections is a read streams.yml.
type Connections struct {
	Kafka      map[string]*Connection
	Registries map[string]*Registry
	Webhooks   []Webhook
	Buffer     int64 // bytes of records that a process may have read and not committed; 0 when nothing is said
	Path       string
}

// ReadConnections reads streams.yml in a project's folder. Without the file there are no
// connections, which is an error only for whom needs one. r renders env_var.
func ReadConnections(root string, r yaml.Renderer) (*Connections, diag.List) {
	c := &Connections{Kafka: map[string]*Connection{}, Registries: map[string]*Registry{}, Path: filepath.Join(root, File)}
	text, err := os.ReadFile(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, diag.List{{Code: diag.CodeConnections, Kind: diag.Parsing, Summary: err.Error(), Cause: err}}
	}
	return c, c.read(diag.NewSource(File, string(text)), r)
}

func (c *Connections) read(src *diag.Source, renderer yaml.Renderer) diag.List {
	doc, list := yaml.Parse(src)
	if list.Err() != nil || doc == nil {
		return list
	}
	v, problems := yaml.Render(doc, renderer, nil)
	if list = append(list, problems...); problems.Err() != nil {
		return list
	}
	top := &reader{where: place{node: doc, fallback: src.At(0, 0)}, list: &list, source: File}
	d, ok := v.AsDict()
	if !ok {
		top.bad(nil, "the file must be a mapping with 'connections'")
		return c.recode(list)
	}
	top.dict = d
	top.known("version", "connections", "registries", "webhooks", "buffer")
	top.each("connections", func(name string, r *reader) { c.Kafka[name] = connection(name, r) })
	top.each("registries", func(name string, r *reader) { c.Registries[name] = registry(name, r) })
	c.Webhooks = top.webhooks()
	c.Buffer = top.buffer()
	return c.recode(list)
}

// recode gives problems of this file the code of this file.
func (c *Connections) recode(list diag.List) diag.List {
	for _, d := range list {
		if d.Code == diag.CodeStream {
			d.Code = diag.CodeConnections
			d.Summary = strings.TrimPrefix(d.Summary, "stream ")
		}
	}
	return list
}

func (r *reader) each(key string, do func(name string, r *reader)) {
	if !r.has(key) {
		return
	}
	v, _ := r.dict.GetString(key)
	d, ok := v.AsDict()
	if !ok {
		r.bad([]any{key}, "'"+key+"' must map names to settings")
		return
	}
	group := r.inside(key, d)
	for k, item := range d.All() {
		name := value.Str(k)
		inner, ok := item.AsDict()
		if !ok {
			group.bad([]any{name}, "'"+name+"' must be a mapping")
			continue
		}
		do(name, group.inside(name, inner))
	}
}

func connection(name string, r *reader) *Connection {
	if r.choice("type", "kafka", "kafka", "embedded") == "embedded" {
		return embedded(name, r)
	}
	r.known("type", "brokers", "client_id", "tls", "sasl", "group_protocol")
	c := &Connection{Name: name, ClientID: r.text("client_id"), ServerGroups: r.choice("group_protocol", "classic", "classic", "consumer") == "consumer"}
	for _, b := range r.texts("brokers") {
		for _, one := range strings.Split(b, ",") {
			if one = strings.TrimSpace(one); one != "" {
				c.Brokers = append(c.Brokers, one)
			}
		}
	}
	if len(c.Brokers) == 0 && !r.failed("brokers") {
		r.bad(nil, "the connection '"+name+"' needs 'brokers', such as localhost:9092")
	}
	c.TLS = r.tls()
	if !r.has("sasl") {
		return c
	}
	v, _ := r.dict.GetString("sasl")
	d, ok := v.AsDict()
	if !ok {
		r.bad([]any{"sasl"}, "sasl must be a mapping with mechanism, username and password")
		return c
	}
	c.SASL = r.inside("sasl", d).sasl()
	return c
}

func registry(name string, r *reader) *Registry {
	r.known("type", "url", "username", "password", "token", "tls")
	g := &Registry{Name: name, URL: strings.TrimRight(r.text("url"), "/"), Username: r.text("username"), Password: r.secret("password"), Token: r.secret("token"), TLS: r.tls()}
	if g.URL == "" && !r.failed("url") {
		r.bad(nil, "the registry '"+name+"' needs a 'url'")
	}
	return g
}

// secret is text that YAML may have read as a number.
func (r *reader) secret(key string) string {
	v, ok := r.dict.GetString(key)
	if !ok || v.IsNull() {
		return ""
	}
	return value.Str(v)
}

func (r *reader) tls() TLS {
	v, ok := r.dict.GetString("tls")
	if !ok || v.IsNull() {
		return TLS{}
	}
	if on, ok := v.AsBool(); ok {
		return TLS{On: on}
	}
	d, ok := v.AsDict()
	if !ok {
		r.bad([]any{"tls"}, "tls must be true, false or a mapping")
		return TLS{}
	}
	in := r.inside("tls", d)
	in.known("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify")
	t := TLS{On: true, CAFile: in.text("ca_file"), CertFile: in.text("cert_file"), KeyFile: in.text("key_file"), ServerName: in.text("server_name")}
	if v, ok := d.GetString("insecure_skip_verify"); ok {
		if t.SkipVerify, ok = v.AsBool(); !ok {
			in.bad([]any{"insecure_skip_verify"}, "insecure_skip_verify must be true or false")
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		in.bad(nil, "cert_file and key_file go together")
	}
	return t
}

// unlisted says that streams.yml has no connection or registry of a name, and which one may be meant.
func unlisted(span diag.Span, of, what, name string, known []string) *diag.Diagnostic {
	d := diag.New(diag.CodeConnections, diag.Parsing, span, of+": "+File+" has no "+what+" '"+name+"'")
	d.Hint = diag.DidYouMean(name, known)
	return d
}

// Check says which connections and registries of streams are not in streams.yml.
func (c *Connections) Check(sources []*Source) diag.List {
	var list diag.List
	miss := func(s *Source, what, name string, known []string) {
		d := unlisted(s.Span, "stream "+s.Name, what, name, known)
		if len(known) == 0 {
			d.Hint = "write it into " + c.Path
		}
		list = append(list, d)
	}
	for _, s := range sources {
		switch k := c.Kafka[s.Connection]; {
		case k == nil:
			miss(s, "connection", s.Connection, sortedKeys(c.Kafka))
		case k.Embedded != nil && k.Embedded.lacks(s) != "":
			list = append(list, diag.New(diag.CodeConnections, diag.Parsing, s.Span,
				"stream "+s.Name+": the embedded connection '"+s.Connection+"' has no topic '"+k.Embedded.lacks(s)+"'"))
		}
		for _, name := range []string{s.Registry, s.KeyEncoding.Registry} {
			if name != "" && c.Registries[name] == nil {
				miss(s, "registry", name, sortedKeys(c.Registries))
			}
		}
	}
	return list
}
