package adapters

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/relation"
)

// emit sends an event with dbt's name and code. Node events carry node_info.
func (b *Bridge) emit(level event.Level, name, code, msg string, data map[string]any) {
	if b.opts.NodeInfo != nil {
		if info := b.opts.NodeInfo(); info != nil {
			data["node_info"] = info
		}
	}
	b.opts.Events.Emit(event.Event{Name: name, Code: code, Level: level, Msg: msg, Time: b.opts.Now(), Thread: b.opts.Thread, Data: data})
}

func (b *Bridge) debug(name, code, msg string, data map[string]any) {
	b.emit(event.Debug, name, code, msg, data)
}

func (b *Bridge) newConnection() {
	b.debug("NewConnection", "E005", fmt.Sprintf("Acquiring new %s connection '%s'", b.opts.Driver.Name(), b.opts.Name),
		map[string]any{"conn_name": b.opts.Name, "conn_type": b.opts.Driver.Name()})
}

func (b *Bridge) connectionReused(from, to string) {
	b.debug("ConnectionReused", "E006", fmt.Sprintf("Re-using an available connection from the pool (formerly %s, now %s)", from, to),
		map[string]any{"orig_conn_name": from, "conn_name": to})
}

func (b *Bridge) opening() {
	b.debug("NewConnectionOpening", "E037", "Opening a new connection, currently in state init", map[string]any{"connection_state": "init"})
}

func (b *Bridge) connectionUsed() {
	b.debug("ConnectionUsed", "E015", fmt.Sprintf("Using %s connection \"%s\"", b.opts.Driver.Name(), b.opts.Name),
		map[string]any{"conn_type": b.opts.Driver.Name(), "conn_name": b.opts.Name})
}

func (b *Bridge) query(sql string) {
	b.debug("SQLQuery", "E016", "On "+b.opts.Name+": "+sql, map[string]any{"conn_name": b.opts.Name, "sql": sql})
}

func (b *Bridge) queryStatus(r Response, elapsed time.Duration) {
	b.debug("SQLQueryStatus", "E017", fmt.Sprintf("SQL status: %s in %.3f seconds", r.Message, elapsed.Seconds()),
		map[string]any{"status": r.Message, "elapsed": elapsed.Seconds(), "query_id": r.QueryID})
}

func (b *Bridge) committing() {
	b.debug("SQLCommit", "E018", "On "+b.opts.Name+": COMMIT", map[string]any{"conn_name": b.opts.Name})
}

func (b *Bridge) rollingBack() {
	b.debug("Rollback", "E012", "On "+b.opts.Name+": ROLLBACK", map[string]any{"conn_name": b.opts.Name})
}

func (b *Bridge) closing() {
	b.debug("ConnectionClosed", "E010", "On "+b.opts.Name+": Close", map[string]any{"conn_name": b.opts.Name})
}

func (b *Bridge) engineError(err *DatabaseError) {
	name := strings.ToUpper(b.opts.Driver.Name()[:1]) + b.opts.Driver.Name()[1:]
	msg := name + " adapter: " + name + " error: " + err.Message
	b.debug("AdapterEventDebug", "E001", msg, map[string]any{"name": name, "base_msg": name + " error: " + err.Message, "args": []string{}})
}

// Warn posts a warning in the adapter's name.
func (b *Bridge) Warn(text string) {
	name := strings.ToUpper(b.opts.Driver.Name()[:1]) + b.opts.Driver.Name()[1:]
	b.emit(event.Warn, "AdapterEventWarning", "E003", name+" adapter: "+text, map[string]any{"name": name, "base_msg": text, "args": []string{}})
}

func (b *Bridge) deprecated(old, instead string) {
	b.emit(event.Warn, "AdapterDeprecationWarning", "D005",
		fmt.Sprintf("Deprecated functionality\n\nadapter.%s is deprecated: use adapter.%s instead.", old, instead),
		map[string]any{"old_name": old, "new_name": instead})
}

// refKey is a relation's name as event data: only a log that is JSON asks what it holds.
type refKey struct{ *relation.Relation }

// MarshalJSON implements json.Marshaler.
func (k refKey) MarshalJSON() ([]byte, error) {
	part := func(s string, has bool) any {
		if !has {
			return nil
		}
		return s
	}
	return json.Marshal(map[string]any{"database": part(k.Database, k.HasDatabase), "schema": part(k.Schema, k.HasSchema), "identifier": part(k.Identifier, k.HasIdentifier)})
}

func keyText(r *relation.Relation) string {
	part := func(s string, has bool) string {
		if !has {
			return "None"
		}
		return s
	}
	return "(database=" + part(r.Database, r.HasDatabase) + ", schema=" + part(r.Schema, r.HasSchema) + ", identifier=" + part(r.Identifier, r.HasIdentifier) + ")"
}

func (b *Bridge) cacheAction(action, msg string, rels ...*relation.Relation) {
	data := map[string]any{"action": action}
	for i, name := range []string{"ref_key", "ref_key_2"} {
		if i < len(rels) {
			data[name] = refKey{rels[i]}
		}
	}
	b.debug("CacheAction", "E022", msg, data)
}
