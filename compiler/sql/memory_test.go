package sql

import (
	"bytes"
	"context"
	"slices"
	"testing"
)

// TestMemory: what was bound once is not bound again, unless what it follows from has changed.
func TestMemory(t *testing.T) {
	ctx := context.Background()
	var kept []byte
	// round is one command: the columns that a query gives, and how often the analyzer was asked.
	round := func(identity, query string, table ...string) (columns []Column, asked int, m *Memory) {
		t.Helper()
		c, f := newFake(false)
		m = NewMemory(identity)
		if kept != nil {
			if err := m.Read(bytes.NewReader(kept)); err != nil {
				t.Fatal(err)
			}
		}
		c.Remember(m)
		c.Define(ctx, relation("t", Known, table...))
		r := c.Check(ctx, query)
		c.Lineage(ctx, query, r.Columns)
		return r.Columns, f.asked, m
	}
	write := func(m *Memory) {
		t.Helper()
		var b bytes.Buffer
		if err := m.Write(&b); err != nil {
			t.Fatal(err)
		}
		kept = b.Bytes()
	}
	first, asked, m := round("one", "a from t", "a", "b")
	if asked != 2 || !m.Changed() {
		t.Fatalf("asked %d times", asked)
	}
	write(m)
	again, asked, m := round("one", "a from t", "a", "b")
	if asked != 0 || m.Changed() || !slices.Equal(first, again) {
		t.Errorf("asked %d times for what was known: %v", asked, again)
	}
	// Another query over a relation that the analyzer was not told of.
	other, asked, _ := round("one", "b from t", "a", "b")
	if asked != 2 || len(other) != 1 || other[0].Name != "b" {
		t.Errorf("asked %d times: %v", asked, other)
	}
	if _, asked, _ = round("one", "a from t", "a", "c"); asked != 2 {
		t.Errorf("a column more or less of a table makes its queries new: asked %d times", asked)
	}
	if _, asked, _ = round("two", "a from t", "a", "b"); asked != 2 {
		t.Errorf("another program starts anew: asked %d times", asked)
	}
	// A mistake is found each time: its message and place are not kept.
	_, _, m = round("one", "z from t", "a", "b")
	write(m)
	if columns, asked, _ := round("one", "z from t", "a", "b"); asked == 0 || columns != nil {
		t.Errorf("a mistake was remembered: %v", columns)
	}
}

func FuzzMemoryRead(f *testing.F) {
	m := NewMemory("x")
	m.keep([32]byte{1}, &answer{Columns: []Column{{"a", "int"}}, Trace: &Trace{Rows: []Origin{{Column: "b"}}}})
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:20])
	f.Fuzz(func(t *testing.T, data []byte) {
		m := NewMemory("x")
		if err := m.Read(bytes.NewReader(data)); err != nil && m.old != nil {
			t.Error("something is remembered after an error")
		}
	})
}
