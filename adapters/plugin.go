package adapters

import (
	"context"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// PluginEngine is an Engine with plugins: code that brings the rows of some sources and
// takes those of some models.
type PluginEngine interface {
	// LoadSource brings the rows of a source into the relation it names.
	LoadSource(ctx context.Context, source PluginSource, print func(line string)) error
	// StoreRelation hands a relation that was written to a file to a plugin.
	StoreRelation(ctx context.Context, plugin string, target PluginTarget, print func(line string)) error
}

// PluginSource is a source that a plugin loads.
type PluginSource struct {
	Name                         string
	Database, Schema, Identifier string
	Tags                         []string
	Meta                         *value.Dict // its meta and what else its config has; `plugin` names the plugin
}

// Text is a fact of the source's meta, "" without it.
func (s *PluginSource) Text(key string) string {
	v, ok := s.Meta.GetString(key)
	if !ok || v.IsNull() {
		return ""
	}
	return value.Str(v)
}

// PluginTarget is a relation that a plugin is to store.
type PluginTarget struct {
	Database, Schema, Identifier string
	Columns                      [][2]string // names and types
	Path, Format                 string      // of the file it was written to
	Config                       *value.Dict // of the model
}

// LoadSource loads a source through the plugin that it names.
func (b *Bridge) LoadSource(source PluginSource) error {
	engine, err := b.pluginEngine()
	if err != nil {
		return err
	}
	return engine.LoadSource(b.opts.Context, source, b.print)
}

// StoreRelation hands a relation to a plugin.
func (b *Bridge) StoreRelation(plugin string, target PluginTarget) error {
	engine, err := b.pluginEngine()
	if err != nil {
		return err
	}
	return engine.StoreRelation(b.opts.Context, plugin, target, b.print)
}

func (b *Bridge) pluginEngine() (PluginEngine, error) {
	engine, ok := b.opts.Engine.(PluginEngine)
	if !ok {
		return nil, runtimeError("plugins are not supported by the %s adapter", b.opts.Driver.Name())
	}
	return engine, nil
}

// print passes on what foreign code prints.
func (b *Bridge) print(line string) {
	b.emit(event.Info, "PrintEvent", "Z052", line, map[string]any{"msg": line})
}
