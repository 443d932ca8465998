package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	"github.com/millrace/millrace/compiler/flags"
)

// generation is what `source generate` was asked for, and where that can be found.
type generation struct {
	flags.SourceFlags
	connections *declared.Connections
	root        string
}

func (a *app) sourceGenerateCommand() *cobra.Command {
	return a.command("generate", spec{
		use: "SOURCE.TABLE", flags: "source generate", args: cobra.ExactArgs(1), short: "Write the YAML of a streamed source from a schema, records or table definitions",
		long: `Makes columns with data types, constraints and meta.stream from one of:
a registry's subject (--registry, --subject), the last records of a topic (--topic), a dump of MySQL or TiDB (--ddl), or
a schema-change topic of Debezium (--ddl-topic). The YAML goes to the standard output (alone with --quiet), or with --into into a file, which
keeps all it has; a file into which the table cannot be put without a doubt is left alone. Read what you get: a sample
cannot tell what may be null.`,
		example: "  millrace source generate shop.orders --connection main --topic shop.orders.v1\n" +
			"  millrace source generate shop.orders --registry main --subject shop.orders.v1-value --into models/sources.yml\n" +
			"  millrace source generate shop.orders --ddl dump.sql --topic shop.orders",
		do: (*invocation).sourceGenerate,
	})
}

func (inv *invocation) sourceGenerate() (int, error) {
	source, table, ok := strings.Cut(inv.args[0], ".")
	if !ok || source == "" || table == "" {
		return exitProject, usageError("give the source and its table, such as shop.orders")
	}
	p, err := inv.loadProject()
	if err != nil {
		return exitProject, err
	}
	connections, problems := declared.ReadConnections(p.Root, inv.renderers().Secret(p.CLIVars))
	if err := problems.Err(); err != nil {
		return exitProject, err
	}
	g := &generation{SourceFlags: inv.flags.Generate, connections: connections, root: p.Root}
	t := &generate.Table{Source: source, Name: table, Topic: g.Topic, Landing: g.Landing}
	if err := inv.describe(g, t); err != nil {
		return exitProject, err
	}
	if g.Into == "" {
		inv.answer(strings.TrimRight(generate.YAML([]*generate.Table{t}), "\n"))
		return exitOK, nil
	}
	path := g.Into
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.Root, path)
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return exitProject, err
	}
	text, err := generate.Merge(g.Into, string(old), []*generate.Table{t})
	if err != nil {
		return exitProject, usageError(err.Error())
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // the project's files are for everyone who works on it
		return exitProject, err
	}
	inv.emit(event.Note(event.Info, fmt.Sprintf("%s.%s with %d columns was put into %s", source, table, len(t.Columns), g.Into)))
	return exitOK, nil
}

func usageError(summary string) error {
	return diag.New(diag.CodeUsage, diag.Usage, diag.Span{}, summary)
}

// describe finds out a table's columns.
func (inv *invocation) describe(g *generation, t *generate.Table) error {
	name, err := g.named()
	if err != nil {
		return err
	}
	g.Connection, t.Connection = name, name
	switch {
	case g.Registry != "":
		return inv.describeSubject(g, t)
	case g.DDL != "" || g.DDLTopic != "":
		return inv.describeDefinition(g, t)
	case g.Topic != "":
		return inv.describeSample(g, t)
	}
	return usageError("nothing says what the columns are: give --topic, --registry, --ddl or --ddl-topic")
}

// named is the connection that was meant.
func (g *generation) named() (string, error) {
	names := slices.Sorted(maps.Keys(g.connections.Kafka))
	switch {
	case g.Connection != "" && g.connections.Kafka[g.Connection] == nil:
		d := diag.New(diag.CodeConnections, diag.Usage, diag.Span{}, declared.File+" has no connection '"+g.Connection+"'")
		d.Hint = diag.DidYouMean(g.Connection, names)
		return "", d
	case g.Connection != "":
		return g.Connection, nil
	case len(names) == 0:
		return "", usageError("there is no connection in " + declared.File)
	case len(names) == 1:
		return names[0], nil
	}
	return "", usageError("give --connection, as " + declared.File + " has several: " + strings.Join(names, ", "))
}

func (inv *invocation) records(g *generation, topic string, limit int) ([][]byte, error) {
	connection := g.connections.Kafka[g.Connection]
	if connection.Embedded != nil {
		return nil, usageError("the connection is a broker inside this process: write the columns of its feed by hand")
	}
	opts, err := client.Options(connection, g.root)
	if err != nil {
		return nil, err
	}
	var list []*kgo.Record
	if list, err = generate.Records(inv.ctx, opts, topic, limit); err != nil {
		d := diag.New(diag.CodeBroker, diag.Runtime, diag.Span{}, "topic "+topic+": "+err.Error())
		d.Hint, d.Cause = "`millrace stream doctor` says what the brokers answer", err
		return nil, d
	}
	out := make([][]byte, len(list))
	for i, r := range list {
		out[i] = r.Value
	}
	return out, nil
}

func (inv *invocation) describeSubject(g *generation, t *generate.Table) error {
	where := g.connections.Registries[g.Registry]
	if where == nil {
		d := diag.New(diag.CodeConnections, diag.Usage, diag.Span{}, declared.File+" has no registry '"+g.Registry+"'")
		d.Hint = diag.DidYouMean(g.Registry, slices.Sorted(maps.Keys(g.connections.Registries)))
		return d
	}
	if g.Subject == "" {
		if g.Topic == "" {
			return usageError("give the --subject of the registry, or the --topic that it is of")
		}
		g.Subject = g.Topic + "-value"
	}
	topic, isValue := strings.CutSuffix(g.Subject, "-value")
	if t.Topic == "" {
		if !isValue {
			return usageError("give the --topic: the subject '" + g.Subject + "' does not say which one it is of")
		}
		t.Topic = topic
	}
	r, err := client.NewRegistry(where, g.root)
	if err != nil {
		return err
	}
	fail := func(err error) error {
		return diag.New(diag.CodeBroker, diag.Runtime, diag.Span{}, "registry '"+g.Registry+"': subject "+g.Subject+": "+err.Error())
	}
	value, err := r.Version(inv.ctx, g.Subject, g.SchemaVersion)
	if err != nil {
		return fail(err)
	}
	var key *decode.Schema
	if isValue {
		if key, err = r.Version(inv.ctx, topic+"-key", -1); err != nil && !errors.Is(err, decode.ErrUnknownSchema) {
			return fail(err)
		}
	}
	t.Registry, t.Subject = g.Registry, g.Subject
	if err := t.FromSchema(inv.ctx, value, key, g.Message); err != nil {
		return fail(err)
	}
	return nil
}

func (inv *invocation) describeSample(g *generation, t *generate.Table) error {
	values, err := inv.records(g, g.Topic, g.Sample)
	if err != nil {
		return err
	}
	s, err := generate.Sample(values)
	if err != nil {
		return usageError("topic " + g.Topic + ": " + err.Error())
	}
	t.Columns, t.Envelope = s.Columns, s.Envelope
	if s.Changes && t.Landing == "" {
		t.Landing = string(declared.LandDebezium)
	}
	return nil
}

func (inv *invocation) describeDefinition(g *generation, t *generate.Table) error {
	tables := mysqlddl.New()
	if g.DDL != "" {
		text, err := os.ReadFile(g.DDL)
		if err != nil {
			return err
		}
		if err := tables.Read(string(text), ""); err != nil {
			return usageError(g.DDL + ": " + err.Error())
		}
	} else {
		values, err := inv.records(g, g.DDLTopic, -1)
		if err != nil {
			return err
		}
		if tables, err = generate.SchemaChanges(values); err != nil {
			return usageError("topic " + g.DDLTopic + ": " + err.Error())
		}
	}
	name := g.Table
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
