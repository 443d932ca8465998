package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/client"
	declared "github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/generate"
	"github.com/millrace/millrace/adapters/kafka/mysqlddl"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// generation is what `source generate` was asked for.
type generation struct {
	connection, topic    string
	registry, subject    string
	message              string
	version, sample      int
	ddl, ddlTopic, table string
	landing, into        string
	connections          *declared.Connections
	root                 string
}

func (a *app) sourceGenerateCommand() *cobra.Command {
	g := &generation{}
	c := a.command("generate", spec{
		use: "SOURCE.TABLE", which: "parse", args: cobra.ExactArgs(1), short: "Write the YAML of a streamed source from a schema, records or table definitions",
		long: `Makes columns with data types, constraints and meta.stream from one of:
a registry's subject (--registry, --subject), the last records of a topic (--topic), a dump of MySQL or TiDB (--ddl), or
a schema-change topic of Debezium (--ddl-topic). The YAML goes to the standard output (alone with --quiet), or with --into into a file, which
keeps all it has; a file into which the table cannot be put without a doubt is left alone. Read what you get: a sample
cannot tell what may be null.`,
		example: "  millrace source generate shop.orders --connection main --topic shop.orders.v1\n" +
			"  millrace source generate shop.orders --registry main --subject shop.orders.v1-value --into models/sources.yml\n" +
			"  millrace source generate shop.orders --ddl dump.sql --topic shop.orders",
		do: func(inv *invocation) (int, error) { return inv.sourceGenerate(g) },
	})
	f := c.Flags()
	f.StringVar(&g.connection, "connection", "", "The connection in streams.yml; by default the only one.")
	f.StringVar(&g.topic, "topic", "", "The topic that the stream reads; looked at when nothing else says the columns.")
	f.IntVar(&g.sample, "sample", 500, "How many of the topic's last records to look at.")
	f.StringVar(&g.registry, "registry", "", "The registry in streams.yml.")
	f.StringVar(&g.subject, "subject", "", "The subject of the registry; by default the topic's.")
	f.IntVar(&g.version, "version-of-schema", -1, "The version of the subject; -1 for the latest.")
	f.StringVar(&g.message, "message", "", "The message of a Protobuf schema with several.")
	f.StringVar(&g.ddl, "ddl", "", "A file with CREATE TABLE statements of MySQL or TiDB, such as a dump.")
	f.StringVar(&g.ddlTopic, "ddl-topic", "", "A schema-change topic of Debezium.")
	f.StringVar(&g.table, "table", "", "The table in the definitions; by default the one of the source table's name.")
	f.StringVar(&g.landing, "landing", "", "How rows land: append, upsert or debezium.")
	f.StringVar(&g.into, "into", "", "The YAML file to put the table into.")
	return c
}

func (inv *invocation) sourceGenerate(g *generation) (int, error) {
	source, table, ok := strings.Cut(inv.args[0], ".")
	if !ok || source == "" || table == "" {
		return exitProject, usageError("give the source and its table, such as shop.orders")
	}
	p, err := inv.loadProject()
	if err != nil {
		return exitProject, err
	}
	g.root = p.Root
	connections, problems := declared.ReadConnections(p.Root, inv.renderers().Secret(p.CLIVars))
	if err := problems.Err(); err != nil {
		return exitProject, err
	}
	g.connections = connections
	t := &generate.Table{Source: source, Name: table, Topic: g.topic, Landing: g.landing}
	if err := inv.describe(g, t); err != nil {
		return exitProject, err
	}
	if g.into == "" {
		inv.answer(strings.TrimRight(generate.YAML([]*generate.Table{t}), "\n"))
		return exitOK, nil
	}
	path := g.into
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.Root, path)
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return exitProject, err
	}
	text, err := generate.Merge(g.into, string(old), []*generate.Table{t})
	if err != nil {
		return exitProject, usageError(err.Error())
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // the project's files are for everyone who works on it
		return exitProject, err
	}
	inv.emit(event.Note(event.Info, fmt.Sprintf("%s.%s with %d columns was put into %s", source, table, len(t.Columns), g.into)))
	return exitOK, nil
}

func usageError(summary string) error {
	return diag.New(diag.CodeUsage, diag.Usage, diag.Span{}, summary)
}

// describe finds out a table's columns.
func (inv *invocation) describe(g *generation, t *generate.Table) error {
	switch g.landing {
	case "", string(declared.LandAppend), string(declared.LandUpsert), string(declared.LandDebezium):
	default:
		return usageError("--landing must be append, upsert or debezium, not '" + g.landing + "'")
	}
	name, err := g.named()
	if err != nil {
		return err
	}
	t.Connection = name
	switch {
	case g.registry != "":
		return inv.describeSubject(g, t)
	case g.ddl != "" || g.ddlTopic != "":
		return inv.describeDefinition(g, t)
	case g.topic != "":
		return inv.describeSample(g, t)
	}
	return usageError("nothing says what the columns are: give --topic, --registry, --ddl or --ddl-topic")
}

// named is the connection that was meant.
func (g *generation) named() (string, error) {
	var names []string
	for name := range g.connections.Kafka {
		names = append(names, name)
	}
	switch {
	case g.connection != "" && g.connections.Kafka[g.connection] == nil:
		d := diag.New(diag.CodeConnections, diag.Usage, diag.Span{}, declared.File+" has no connection '"+g.connection+"'")
		if near := diag.Suggest(g.connection, names); near != "" {
			d.Hint = "did you mean '" + near + "'?"
		}
		return "", d
	case g.connection != "":
		return g.connection, nil
	case len(names) == 1:
		return names[0], nil
	}
	return "", usageError(fmt.Sprintf("give --connection: %s has %d", declared.File, len(names)))
}

func (inv *invocation) records(g *generation, topic string, limit int) ([][]byte, error) {
	connection := g.connections.Kafka[g.connection]
	if g.connection == "" {
		for _, c := range g.connections.Kafka {
			connection = c
		}
	}
	if connection.Embedded != nil {
		return nil, usageError("the connection is a broker inside this process: write the columns of its feed by hand")
	}
	opts, err := client.Options(connection, g.root)
	if err != nil {
		return nil, err
	}
	var list []*kgo.Record
	if list, err = generate.Records(inv.ctx, opts, topic, limit); err != nil {
		return nil, diag.New(diag.CodeBroker, diag.Runtime, diag.Span{}, err.Error())
	}
	out := make([][]byte, len(list))
	for i, r := range list {
		out[i] = r.Value
	}
	return out, nil
}

func (inv *invocation) describeSubject(g *generation, t *generate.Table) error {
	where := g.connections.Registries[g.registry]
	if where == nil {
		return diag.New(diag.CodeConnections, diag.Usage, diag.Span{}, declared.File+" has no registry '"+g.registry+"'")
	}
	if g.subject == "" {
		if g.topic == "" {
			return usageError("give the --subject of the registry, or the --topic that it is of")
		}
		g.subject = g.topic + "-value"
	}
	topic, isValue := strings.CutSuffix(g.subject, "-value")
	if t.Topic == "" {
		if !isValue {
			return usageError("give the --topic: the subject '" + g.subject + "' does not say which one it is of")
		}
		t.Topic = topic
	}
	r, err := client.NewRegistry(where, g.root)
	if err != nil {
		return err
	}
	fail := func(err error) error {
		return diag.New(diag.CodeBroker, diag.Runtime, diag.Span{}, "registry '"+g.registry+"': subject "+g.subject+": "+err.Error())
	}
	value, err := r.Version(inv.ctx, g.subject, g.version)
	if err != nil {
		return fail(err)
	}
	var key *decode.Schema
	if isValue {
		if key, err = r.Version(inv.ctx, topic+"-key", -1); err != nil && !errors.Is(err, decode.ErrUnknownSchema) {
			return fail(err)
		}
	}
	t.Registry, t.Subject = g.registry, g.subject
	if err := t.FromSchema(inv.ctx, value, key, g.message); err != nil {
		return fail(err)
	}
	return nil
}

func (inv *invocation) describeSample(g *generation, t *generate.Table) error {
	values, err := inv.records(g, g.topic, g.sample)
	if err != nil {
		return err
	}
	s, err := generate.Sample(values)
	if err != nil {
		return usageError("topic " + g.topic + ": " + err.Error())
	}
	t.Columns, t.Envelope = s.Columns, s.Envelope
	if s.Changes && t.Landing == "" {
		t.Landing = string(declared.LandDebezium)
	}
	return nil
}

func (inv *invocation) describeDefinition(g *generation, t *generate.Table) error {
	tables := mysqlddl.New()
	if g.ddl != "" {
		text, err := os.ReadFile(g.ddl)
		if err != nil {
			return err
		}
		if err := tables.Read(string(text), ""); err != nil {
			return usageError(g.ddl + ": " + err.Error())
		}
	} else {
		values, err := inv.records(g, g.ddlTopic, -1)
		if err != nil {
			return err
		}
		if tables, err = generate.SchemaChanges(values); err != nil {
			return usageError("topic " + g.ddlTopic + ": " + err.Error())
		}
	}
	name := g.table
	if name == "" {
		name = t.Name
	}
	definition, err := tables.Find(name)
	if err != nil {
		return usageError(err.Error())
	}
	if t.Topic == "" {
		return usageError("give the --topic on which the changes of the table come")
	}
	t.Columns, t.UniqueKey = generate.FromTable(definition)
	if t.Landing == "" {
		t.Landing = string(declared.LandDebezium)
	}
	if t.Landing == string(declared.LandAppend) {
		t.Landing, t.UniqueKey = "", nil
	} else {
		t.KeyFormat = declared.JSON
	}
	return nil
}
