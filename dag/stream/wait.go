package stream

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/relation"
)

// Token is a point in the logs of one stream: for each partition the offset before which
// everything is meant. Its text is "orders/0=120,orders/1=80".
type Token map[landing.Partition]int64

func (t Token) String() string {
	parts := make([]string, 0, len(t))
	for p, n := range t {
		parts = append(parts, fmt.Sprintf("%s/%d=%d", p.Topic, p.ID, n))
	}
	sort.Strings(parts)
	return strings.Join(parts, ",")
}

// Awaited says what Wait waited for.
type Awaited struct {
	Source *declare.Source
	Token  Token
	Models []string // the relations that have come so far as well
}

// ErrTimeout is the cause when what Wait waited for did not come in time.
var ErrTimeout = errors.New("not there in time")

// Wait returns when each stream has landed up to a point and every model that keeps a
// position in it has taken that in: up to the end that its log has now, or up to a token
// (partitions that it does not name are not waited for).
func (s *Streams) Wait(ctx context.Context, token string, timeout time.Duration) ([]Awaited, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out []Awaited
	deadline := s.now().Add(timeout)
	for _, src := range s.Sources {
		t, err := s.end(ctx, src, token)
		if err != nil {
			return out, err
		}
		out = append(out, Awaited{Source: src, Token: t})
	}
	for i := range out {
		if err := s.await(ctx, &out[i], deadline, timeout); err != nil {
			return out[:i], err
		}
	}
	return out, nil
}

// end is the point that a token names, or the end of the log.
func (s *Streams) end(ctx context.Context, src *declare.Source, token string) (Token, error) {
	p := s.pump(src, false)
	defer p.close()
	if err := p.connect(ctx); err != nil {
		return nil, err
	}
	logs, err := p.survey(ctx)
	if err != nil {
		return nil, err
	}
	if token != "" {
		return p.point(ctx, token, logs)
	}
	out := Token{}
	for part, l := range logs {
		out[part] = p.limit(l)
	}
	return out, nil
}

// await asks the ledger until everything is there.
func (s *Streams) await(ctx context.Context, a *Awaited, deadline time.Time, timeout time.Duration) error {
	return s.with(ctx, func(c adapters.Conn) error {
		for {
			behind, err := s.behind(ctx, c, a)
			if err != nil || len(behind) == 0 {
				return err
			}
			if !s.now().Before(deadline) {
				d := diag.New(diag.CodeStream, diag.Runtime, a.Source.Span, fmt.Sprintf("stream %s: after %s still behind: %s", a.Source.Name, timeout, strings.Join(behind, "; ")))
				d.Cause, d.NodeID = ErrTimeout, a.Source.ID
				d.Hint = "millrace stream status says whether a process runs the stream and whether it is paused"
				return d
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
}

// behind lists what has not come to the point yet, and notes the models that have.
func (s *Streams) behind(ctx context.Context, c adapters.Conn, a *Awaited) ([]string, error) {
	positions, err := s.Ledger.Positions(ctx, c, a.Source.ID)
	if err != nil {
		return nil, err
	}
	landed := map[landing.Partition]int64{}
	for _, p := range positions {
		landed[landing.Partition{Topic: p.Topic, ID: p.Partition}] = p.Next
	}
	var out []string
	for part, want := range a.Token {
		if n, ok := landed[part]; (ok || want > 0) && n < want {
			out = append(out, fmt.Sprintf("%s/%d is at %d, not %d", part.Topic, part.ID, n, want))
		}
	}
	models, err := s.Ledger.Consumers(ctx, c, inputName(s.relations[a.Source.ID]))
	if err != nil {
		return nil, err
	}
	a.Models = a.Models[:0]
	for _, m := range models {
		if s.models != nil && !s.models[ledger.Bare(m.Model)] {
			continue // a model that is no longer in the project
		}
		if n := short(m.Frontier, a.Token); n > 0 {
			out = append(out, fmt.Sprintf("model %s has not taken in %d partitions", m.Model, n))
		} else {
			a.Models = append(a.Models, m.Model)
		}
	}
	sort.Strings(out)
	return out, nil
}

// inputName is how positions name a relation: without its database.
func inputName(r *relation.Relation) string { return r.Schema + "." + r.Identifier }

// short counts the partitions in which a frontier is before the token.
func short(f ledger.Frontier, t Token) int {
	n := 0
	for part, want := range t {
		if f.Offsets[part.Topic][part.ID] < want {
			n++
		}
	}
	return n
}
