// Package stream moves streams into the target database: once up to the end of their
// topics (CatchUp) or for as long as the process lives (Run). What has been landed is
// known from the ledger in the database alone.
package stream

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag/run"
)

// Streams are the streams of one invocation. Only one goroutine may use it.
type Streams struct {
	Sources []*declare.Source
	Ledger  *ledger.Ledger

	connections *declare.Connections
	relations   map[string]*relation.Relation // by unique_id
	declared    map[string]*manifest.Source   // likewise
	models      map[string]bool               // what the project builds, by schema and name; nil when that is not known
	below       map[string][]string           // of that, what hangs below each stream, by unique_id; nil without retention
	engine      adapters.Engine
	kind        string // adapter type
	root        string
	events      event.Sink
	now         func() time.Time
	owner       string
	runID       string
	writing     sync.Locker
	inside      embeddedBrokers
	live        bool // records of embedded brokers come by and by
	paused      pauses
	shared      bool // with other processes, as members of a group
	sql         landing.Statements
	discovery   time.Duration
	buffer      *buffer

	// notify, if set, is told after each commit that brought rows.
	notify func(id string)
	// steps, if set, is asked at every step of every pump; an error stands for a crash.
	steps func(where string) error
}

// Open reads the streams of the given source tables (all of the project when ids is nil)
// and streams.yml. Without streams it gives nil.
func Open(s *run.Session, ids []string) (*Streams, error) {
	if ids == nil {
		ids = s.Manifest.Order.Sources
	}
	out := &Streams{
		relations: map[string]*relation.Relation{}, declared: map[string]*manifest.Source{}, engine: s.Engine, kind: s.Driver.Name(), events: s.Events, now: s.Clock,
		runID: s.Flags.InvocationID, owner: ownerID(), writing: noLock{}, discovery: partitionsEvery,
	}
	out.sql = statements(s.Env, s.Manifest)
	if out.now == nil {
		out.now = time.Now
	}
	if out.events == nil {
		out.events = event.Discard
	}
	var list diag.List
	for _, id := range ids {
		src := s.Manifest.Sources[id]
		if src == nil || !declare.Has(src) {
			continue
		}
		d, problems := declare.Stream(src, out.kind)
		list = append(list, problems...)
		rel, ok := s.Env.RelationOf(s.Manifest, id)
		if d == nil || !ok {
			continue
		}
		if d.QuarantineFailing {
			d.Checks = declare.Checks(s.Manifest, id)
		}
		out.Sources = append(out.Sources, d)
		out.relations[id] = rel
		out.declared[id] = src
	}
	if err := list.Err(); err != nil || len(out.Sources) == 0 {
		return nil, err
	}
	out.models = map[string]bool{}
	for _, id := range s.Manifest.Order.Nodes {
		if rel, ok := s.Env.RelationOf(s.Manifest, id); ok && rel != nil {
			out.models[inputName(rel)] = true
		}
	}
	if slices.ContainsFunc(out.Sources, func(src *declare.Source) bool { return src.Retention > 0 }) {
		out.below = belowOf(s.Manifest, func(id string) (string, bool) {
			rel, ok := s.Env.RelationOf(s.Manifest, id)
			if !ok || rel == nil {
				return "", false
			}
			return inputName(rel), true
		})
	}
	if s.Project.Profile == nil || s.Project.Profile.Checked == nil {
		return nil, diag.New(diag.CodeProfile, diag.Runtime, diag.Span{}, "streams need a target database")
	}
	database := s.Project.Profile.Checked.Database()
	for _, src := range out.Sources {
		if rel := out.relations[src.ID]; rel.Database != "" && rel.Database != database {
			list = append(list, diag.New(diag.CodeStream, diag.Parsing, src.Span,
				fmt.Sprintf("stream %s: its table is in the database '%s', but a stream must land in the target's own ('%s'), where its offsets are", src.Name, rel.Database, database)))
		}
	}
	out.root = s.Project.Root
	renderer := rendering.NewRenderers(s.Project.Env, s.Flags, out.now(), s.Flags.InvocationID).Secret(s.Project.CLIVars)
	connections, problems := declare.ReadConnections(out.root, renderer)
	out.connections, out.buffer = connections, newBuffer(connections.Buffer)
	if list = append(list, problems...); problems.Err() == nil {
		list = append(list, connections.Check(out.Sources)...)
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	out.Ledger = ledger.New(out.kind, s.Driver.Dialect(), database)
	if out.kind == "duckdb" {
		// The file has one writer at a time: transactions that meet conflict instead of waiting.
		out.writing = new(sync.Mutex)
	}
	return out, nil
}

// Declared is the source table that a stream is declared at.
func (s *Streams) Declared(src *declare.Source) *manifest.Source { return s.declared[src.ID] }

// noLock is for engines whose writers wait for each other by themselves.
type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

// ownerID names this process in the ledger.
func ownerID() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s:%d:%s", host, os.Getpid(), hex.EncodeToString(b[:]))
}

// Of lists the source tables above the given nodes (and among them) that are streams.
func Of(m *manifest.Manifest, ids []string) []string {
	wanted := map[string]bool{}
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		if src := m.Sources[id]; src != nil {
			if declare.Has(src) {
				wanted[id] = true
			}
			return
		}
		if n := m.Nodes[id]; n != nil {
			for _, up := range n.DependsOn.Nodes {
				visit(up)
			}
		}
	}
	for _, id := range ids {
		visit(id)
	}
	var out []string
	for _, id := range m.Order.Sources {
		if wanted[id] {
			out = append(out, id)
		}
	}
	return out
}

// CatchUp lands everything that the streams above the selected nodes hold at this moment.
// It does nothing in a project without streams.
func CatchUp(ctx context.Context, s *run.Session, selected []string) (*Report, error) {
	ids := Of(s.Manifest, selected)
	if len(ids) == 0 {
		return &Report{}, nil
	}
	streams, err := Open(s, ids)
	if err != nil || streams == nil {
		return &Report{}, err
	}
	defer streams.Close()
	return streams.CatchUp(ctx)
}

// Report says what was landed.
type Report struct {
	Sources []SourceReport
}

// SourceReport is what one stream brought.
type SourceReport struct {
	Source                              *declare.Source
	Batches, Rows, Quarantined, Skipped int64
	Bytes                               int64
	Gaps                                int
	Took                                time.Duration
}

// CatchUp lands what the topics hold at this moment.
func (s *Streams) CatchUp(ctx context.Context) (*Report, error) { return s.each(ctx, false) }

// Run lands records as they come, until ctx ends. The end of ctx is no error: what was
// decoded is committed first.
func (s *Streams) Run(ctx context.Context) (*Report, error) { return s.each(ctx, true) }

func (s *Streams) each(ctx context.Context, forever bool) (*Report, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.with(ctx, func(c adapters.Conn) error {
		ids, err := s.Ledger.Paused(ctx, c)
		s.paused.set(ids)
		return err
	}); err != nil {
		return nil, err
	}
	report := &Report{Sources: make([]SourceReport, len(s.Sources))}
	g, gctx := errgroup.WithContext(ctx)
	if !forever {
		g.SetLimit(16)
	} else {
		watching, stop := context.WithCancel(ctx)
		defer stop()
		go s.watchPauses(watching)
	}
	for i, src := range s.Sources {
		if !forever && s.paused.has(src.ID) {
			s.skipPaused(src)
			continue
		}
		g.Go(func() error {
			p := s.pump(src, forever)
			defer p.close()
			err := p.run(gctx)
			report.Sources[i] = p.report
			if err != nil && gctx.Err() == nil {
				s.stopped(src, err)
			}
			return err
		})
	}
	err := g.Wait()
	return report, err
}

// Webhooks are what streams.yml says about telling others of trouble.
func (s *Streams) Webhooks() []declare.Webhook { return s.connections.Webhooks }

// stopped tells watchers that a stream has ended; the error itself is the command's to show.
func (s *Streams) stopped(src *declare.Source, err error) {
	code := diag.CodeLedger
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		code = d.Code
	}
	s.events.Emit(event.Event{Name: "StreamStopped", Code: "M112", Level: event.Debug, Msg: err.Error(),
		Data: map[string]any{"stream": src.Name, "code": string(code)}})
}

// Prepare makes the ledger.
func (s *Streams) Prepare(ctx context.Context) error {
	c, err := s.engine.Conn(ctx, "stream ledger")
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return s.Ledger.Create(ctx, c)
}

func (s *Streams) pump(src *declare.Source, forever bool) *pump {
	table := landing.NewTable(src, s.relations[src.ID], s.kind)
	p := &pump{
		streams: s, src: src, table: table, forever: forever, report: SourceReport{Source: src},
		writer: &landing.Writer{Table: table, Ledger: s.Ledger, Engine: s.engine, Now: s.now, RunID: s.runID, Fail: s.failing(), SQL: s.sql},
	}
	p.writer.Partitions = p.partitions
	return p
}

func (s *Streams) failing() func(landing.Step) error {
	if s.steps == nil {
		return nil
	}
	return func(step landing.Step) error { return s.steps(string(step)) }
}

func (s *Streams) step(where string) error {
	if s.steps == nil {
		return nil
	}
	return s.steps(where)
}

func (s *Streams) under(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.root, path)
}
