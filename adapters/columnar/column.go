// Package columnar holds rows as typed column buffers, the form in which records of a
// stream travel from their decoder to the engine: one allocation per column and batch
// instead of one per value.
package columnar

import "slices"

// Kind is the form of a column's values. The engine casts them to the type of the column
// they are loaded into.
type Kind uint8

// Integer, Date (days since 1970), Timestamp and TimestampTZ (microseconds since 1970) and
// Boolean (0 or 1) are 64-bit integers; Text and Bytes share one buffer per column.
const (
	Text Kind = iota
	Integer
	Float
	Boolean
	Date
	Timestamp
	TimestampTZ
	Bytes
)

// Column is a growing buffer of values of one kind. A constant column holds one value that
// stands for every row.
type Column struct {
	Kind  Kind
	Const bool

	null   []bool
	ints   []int64
	floats []float64
	ends   []int // where each value ends in data
	data   []byte
}

// Len is the number of values.
func (c *Column) Len() int { return len(c.null) }

// Size is about how many bytes the values take.
func (c *Column) Size() int {
	return len(c.null) + 8*len(c.ints) + 8*len(c.floats) + 8*len(c.ends) + len(c.data)
}

// textGuess is how many bytes a text is thought to have when room is made for it.
const textGuess = 16

func (c *Column) reserve(rows int) {
	c.null = slices.Grow(c.null, rows)
	switch c.Kind {
	case Float:
		c.floats = slices.Grow(c.floats, rows)
	case Text, Bytes:
		c.ends = slices.Grow(c.ends, rows)
		c.data = slices.Grow(c.data, rows*textGuess)
	default:
		c.ints = slices.Grow(c.ints, rows)
	}
}

// Null appends a null.
func (c *Column) Null() {
	c.null = append(c.null, true)
	switch c.Kind {
	case Float:
		c.floats = append(c.floats, 0)
	case Text, Bytes:
		c.ends = append(c.ends, len(c.data))
	default:
		c.ints = append(c.ints, 0)
	}
}

// Int appends to a column of 64-bit integers.
func (c *Column) Int(v int64) {
	c.null = append(c.null, false)
	c.ints = append(c.ints, v)
}

// Bool appends to a Boolean column.
func (c *Column) Bool(v bool) {
	n := int64(0)
	if v {
		n = 1
	}
	c.Int(n)
}

// Float appends to a Float column.
func (c *Column) Float(v float64) {
	c.null = append(c.null, false)
	c.floats = append(c.floats, v)
}

// Data appends a copy of v to a Text or Bytes column.
func (c *Column) Data(v []byte) {
	c.null = append(c.null, false)
	c.data = append(c.data, v...)
	c.ends = append(c.ends, len(c.data))
}

// String appends to a Text column.
func (c *Column) String(v string) {
	c.null = append(c.null, false)
	c.data = append(c.data, v...)
	c.ends = append(c.ends, len(c.data))
}

// Build appends what write adds to the buffer it is given. On an error nothing is appended.
func (c *Column) Build(write func([]byte) ([]byte, error)) error {
	n := len(c.data)
	data, err := write(c.data)
	if err != nil {
		c.data = c.data[:n]
		return err
	}
	c.data = data
	c.null = append(c.null, false)
	c.ends = append(c.ends, len(c.data))
	return nil
}

// AllNull reports that a column holds nothing but nulls.
func (c *Column) AllNull() bool { return !slices.Contains(c.null, false) }

// EqualLast reports that the last values of two columns of one kind are the same; nulls are
// the same as nothing.
func (c *Column) EqualLast(o *Column) bool {
	i, k := len(c.null)-1, len(o.null)-1
	if c.null[i] || o.null[k] {
		return false
	}
	switch c.Kind {
	case Float:
		return c.floats[i] == o.floats[k]
	case Text, Bytes:
		return string(c.DataAt(i)) == string(o.DataAt(k))
	}
	return c.ints[i] == o.ints[k]
}

// Truncate drops the values from n on.
func (c *Column) Truncate(n int) {
	if n >= len(c.null) {
		return
	}
	c.null = c.null[:n]
	switch c.Kind {
	case Float:
		c.floats = c.floats[:n]
	case Text, Bytes:
		c.ends = c.ends[:n]
		c.data = c.data[:c.start(n)]
	default:
		c.ints = c.ints[:n]
	}
}

func (c *Column) start(i int) int {
	if i == 0 {
		return 0
	}
	return c.ends[i-1]
}

func (c *Column) at(row int) int {
	if c.Const {
		return 0
	}
	return row
}

// IsNull reports a null in a row.
func (c *Column) IsNull(row int) bool { return c.null[c.at(row)] }

// IntAt is the value of a row of a column of 64-bit integers.
func (c *Column) IntAt(row int) int64 { return c.ints[c.at(row)] }

// FloatAt is the value of a row of a Float column.
func (c *Column) FloatAt(row int) float64 { return c.floats[c.at(row)] }

// DataAt is the value of a row of a Text or Bytes column; it must not be changed.
func (c *Column) DataAt(row int) []byte {
	i := c.at(row)
	return c.data[c.start(i):c.ends[i]]
}

// Append adds the rows from to to of another column of the same kind.
func (c *Column) Append(o *Column, from, to int) {
	c.null = append(c.null, o.null[from:to]...)
	switch c.Kind {
	case Float:
		c.floats = append(c.floats, o.floats[from:to]...)
	case Text, Bytes:
		start := o.start(from)
		shift := len(c.data) - start
		if to > from {
			c.data = append(c.data, o.data[start:o.ends[to-1]]...)
		}
		for _, e := range o.ends[from:to] {
			c.ends = append(c.ends, e+shift)
		}
	default:
		c.ints = append(c.ints, o.ints[from:to]...)
	}
}
