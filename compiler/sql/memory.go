package sql

import (
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"io"
)

// Memory keeps what an analyzer has said from one command to the next. An answer is found
// by all that it follows from: the text of a query and the columns of what it may read.
type Memory struct {
	identity string // of what has given the answers: another one starts anew
	old, new map[[sha256.Size]byte]*answer
}

// answer is what a relation's definition, a query's binding or its lineage gave.
type answer struct {
	Columns   []Column
	Untyped   bool // the relation could be defined without types only
	Certainty Certainty
	Trace     *Trace
}

// NewMemory makes an empty memory.
func NewMemory(identity string) *Memory {
	return &Memory{identity: identity, new: map[[sha256.Size]byte]*answer{}}
}

func (m *Memory) find(key [sha256.Size]byte) (*answer, bool) {
	if a, ok := m.new[key]; ok {
		return a, true
	}
	a, ok := m.old[key]
	if ok {
		m.new[key] = a
	}
	return a, ok
}

func (m *Memory) keep(key [sha256.Size]byte, a *answer) { m.new[key] = a }

// Changed reports that what Write would write is not what was read.
func (m *Memory) Changed() bool {
	if len(m.new) != len(m.old) {
		return true
	}
	for key := range m.new {
		if _, ok := m.old[key]; !ok {
			return true
		}
	}
	return false
}

// Write writes what has been asked for since the memory was made; what nobody asked for is
// forgotten.
func (m *Memory) Write(w io.Writer) error {
	e := gob.NewEncoder(w)
	if err := e.Encode(m.identity); err != nil {
		return err
	}
	return e.Encode(m.new)
}

// Read reads what an earlier memory has written. After an error nothing is remembered.
func (m *Memory) Read(r io.Reader) (err error) {
	defer func() {
		if p := recover(); p != nil { // a decoder of damaged bytes may do that
			m.old, err = nil, fmt.Errorf("the remembered analysis is damaged: %v", p)
		}
	}()
	d := gob.NewDecoder(r)
	var identity string
	if err := d.Decode(&identity); err != nil || identity != m.identity {
		return err
	}
	old := map[[sha256.Size]byte]*answer{}
	if err := d.Decode(&old); err != nil {
		return err
	}
	for _, a := range old {
		if a == nil {
			return fmt.Errorf("the remembered analysis is damaged")
		}
	}
	m.old = old
	return nil
}
