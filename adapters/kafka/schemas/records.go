package schemas

import (
	"strings"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// maxNoted bounds how many undeclared fields of records without schemas are remembered:
// keys of a JSON object may be data.
const maxNoted = 1000

// Field implements decode.Watcher: a record without a schema holds a field that is not
// declared. sample is its value as JSON.
func (g *Governor) Field(name string, sample []byte) *decode.Error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.src.OnSchemaChange == declare.QuarantineFields || g.src.OnSchemaChange == declare.FailOnFields {
		g.note(Refused, name)
		return g.refuse(decode.CodeUnknownField, "the field '"+name+"' is not declared")
	}
	if g.wanted(name) { // since this decoder was made
		return grown
	}
	if g.noted[name] || len(g.noted) >= maxNoted {
		return nil
	}
	if !g.src.OnSchemaChange.Grows() {
		g.noted[name] = true
		g.note(Ignored, name)
		return nil
	}
	t := sampleType(sample)
	if t == "" {
		return nil // null says nothing about a type; the next value will
	}
	return g.grow(ledger.Verdict{Subject: g.src.TopicNames()}, []decode.Member{{Name: name, Type: t}})
}

// Lacks implements decode.Watcher: a record without a schema lacks a declared field.
func (g *Governor) Lacks(column string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.noted["-"+column] {
		g.noted["-"+column] = true
		g.note(Missing, column)
	}
}

// Misfits implements decode.Watcher: a value does not fit its column. It says whether the
// column has been given a type that it fits.
func (g *Governor) Misfits(column string, sample []byte) *decode.Error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.fields {
		if g.fields[i].Name != column {
			continue
		}
		now, then := g.fields[i].Type.Name, sampleType(sample)
		wide := decode.Wider(now, then, g.dialect)
		if wide == "" || wide == now {
			return nil
		}
		if i < len(g.src.Fields) || g.src.OnSchemaChange != declare.SyncColumns {
			if !g.noted["+"+column+" "+then] {
				g.noted["+"+column+" "+then] = true
				g.note(Incompatible, column+": it holds "+then+", and the column is "+now)
			}
			return nil
		}
		return g.widen(ledger.Verdict{Subject: g.src.TopicNames()}, map[int]string{i: wide})
	}
	return nil
}

func (g *Governor) note(verdict, detail string) {
	g.record(ledger.Verdict{Subject: g.src.TopicNames(), Verdict: verdict, Detail: detail})
}

// sampleType is the data_type that holds a JSON value; "" for null.
func sampleType(v []byte) string {
	switch {
	case len(v) == 0 || v[0] == 'n':
		return ""
	case v[0] == '"':
		return "text"
	case v[0] == '{' || v[0] == '[':
		return "json"
	case v[0] == 't' || v[0] == 'f':
		return "boolean"
	case strings.ContainsAny(string(v), ".eE"):
		return "double precision"
	case len(strings.TrimLeft(string(v), "-")) > 18:
		return "numeric(38,0)"
	}
	return "bigint"
}
