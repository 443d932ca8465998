// Package event is the stream of things that happen during a command. Names,
// codes and data keys are dbt's own (dbt-core 1.12), because orchestrators key on
// them; who renders them (terminal, pipe, JSON lines, log file) is a view's choice.
package event

import (
	"time"

	"github.com/millrace/millrace/compiler/diag"
)

// Level is dbt's log level.
type Level uint8

const (
	Debug Level = iota
	Info
	Warn
	Error
)

func (l Level) String() string { return [...]string{"debug", "info", "warn", "error"}[l] }

// Event is one thing that happened. Data holds JSON-encodable values under dbt's
// key names; a *NodeInfo under "node_info" where a node is concerned.
type Event struct {
	Name   string // dbt's event class: "LogModelResult", "NodeFinished" …
	Code   string // dbt's code: "Q012"
	Level  Level
	Msg    string // the human line without timestamp
	Time   time.Time
	Thread string         // "Thread-1 (worker)", "MainThread"
	Data   map[string]any // nil: the message alone, under "msg"

	// Diag, when set, lets a view for people show the user's line under the message.
	Diag *diag.Diagnostic
}

// NodeInfo is dbt's node_info object.
type NodeInfo struct {
	UniqueID     string         `json:"unique_id"`
	NodeName     string         `json:"node_name"`
	NodePath     string         `json:"node_path"`
	ResourceType string         `json:"resource_type"`
	Materialized string         `json:"materialized"`
	Status       string         `json:"node_status"`
	StartedAt    string         `json:"node_started_at"`
	FinishedAt   string         `json:"node_finished_at"`
	Meta         map[string]any `json:"meta"`
	Checksum     string         `json:"node_checksum"`
	Relation     NodeRelation   `json:"node_relation"`
}

// NodeRelation names the relation a node builds.
type NodeRelation struct {
	Database     string `json:"database"`
	Schema       string `json:"schema"`
	Alias        string `json:"alias"`
	RelationName string `json:"relation_name"`
}

// Sink receives events; it must be safe for use by several goroutines.
type Sink interface{ Emit(Event) }

// Discard is a Sink that drops everything.
var Discard Sink = discard{}

type discard struct{}

func (discard) Emit(Event) {}
