package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// plugin is an entry of the profile's plugins: a Python module with a class Plugin.
type plugin struct {
	module, alias string
	config        value.Value
}

func (p plugin) name() string {
	if p.alias != "" {
		return p.alias
	}
	return p.module[strings.LastIndexByte(p.module, '.')+1:]
}

func (c *credentials) parsePlugins(f *adapters.Fields) {
	for _, v := range f.List("plugins") {
		d, ok := v.AsDict()
		if !ok {
			f.Fail("plugins: %s is not of type 'object'", value.Repr(v))
			continue
		}
		p := adapters.NewFields(d)
		one := plugin{module: p.RequireString("module"), alias: p.String("", "alias"), config: value.None}
		if config := p.Dict("config"); config != nil {
			one.config = value.FromDict(config)
		}
		if err := p.Err(); err != nil {
			f.Fail("plugins: %s", err)
		}
		c.plugins = append(c.plugins, one)
	}
}

// plugin finds a plugin by its name. The name glue|DATABASE needs no entry.
func (c *credentials) plugin(name string) (plugin, error) {
	if kind, database, ok := strings.Cut(name, "|"); ok && kind == "glue" {
		config := value.NewDict(1)
		config.SetString("glue_database", value.String(database))
		return plugin{module: kind, alias: name, config: value.FromDict(config)}, nil
	}
	i := slices.IndexFunc(c.plugins, func(p plugin) bool { return p.name() == name })
	if i >= 0 {
		return c.plugins[i], nil
	}
	names := make([]string, len(c.plugins))
	for i, p := range c.plugins {
		names[i] = p.name()
	}
	d := pluginError("Plugin " + name + " not found; known plugins are: " + strings.Join(names, ","))
	d.Hint = "name it under `plugins` in the profile, as its module or its alias"
	return plugin{}, d
}

func pluginError(summary string) *diag.Diagnostic {
	return diag.New(diag.CodePlugin, diag.Runtime, diag.Span{}, summary)
}

// LoadSource implements adapters.PluginEngine. A source is loaded once in the life of the
// engine, when the first node asks for it, in a transaction of its own.
func (e *engine) LoadSource(ctx context.Context, source adapters.PluginSource, print func(string)) error {
	p, err := e.creds.plugin(source.Text("plugin"))
	if err != nil {
		return err
	}
	e.plugins.loading.Lock()
	defer e.plugins.loading.Unlock()
	key := sourceKey(source)
	if e.plugins.loaded[key] {
		return nil
	}
	c, err := e.Conn(ctx, "source "+key)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	load := &sourceLoad{conn: c, source: source}
	if done, err := load.ready(ctx); err != nil || done {
		return err
	}
	dir, err := os.MkdirTemp("", "millrace-plugin-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "source.duckdb")
	what := map[string]any{"name": source.Name, "identifier": source.Identifier, "schema": source.Schema, "database": source.Database,
		"meta": encoded(value.FromDict(source.Meta)), "tags": source.Tags}
	if err := e.plugins.ask(ctx, e.creds, p, "load", map[string]any{"source": what, "file": file}, print); err != nil {
		return err
	}
	if err := load.takeOver(ctx, file); err != nil {
		return err
	}
	if e.plugins.loaded == nil {
		e.plugins.loaded = map[string]bool{}
	}
	e.plugins.loaded[key] = true
	return nil
}

// StoreRelation implements adapters.PluginEngine.
func (e *engine) StoreRelation(ctx context.Context, name string, target adapters.PluginTarget, print func(string)) error {
	p, err := e.creds.plugin(name)
	if err != nil {
		return err
	}
	return e.plugins.ask(ctx, e.creds, p, "store", map[string]any{
		"relation": map[string]string{"database": target.Database, "schema": target.Schema, "identifier": target.Identifier},
		"columns":  target.Columns, "path": target.Path, "format": target.Format, "config": encoded(value.FromDict(target.Config)),
	}, print)
}
