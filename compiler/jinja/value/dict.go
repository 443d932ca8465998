package value

import (
	"hash/maphash"
	"iter"
)

// Dict is Python's dict: any hashable key, insertion order, shared by reference.
// Reading is safe for several goroutines as long as nobody writes.
//
// A project has hundreds of thousands of small ones, so that what only large ones, those
// with other keys than strings, and those with gaps need is a pointer away.
type Dict struct {
	entries []dictEntry
	index   *dictIndex
}

// dictIndex finds the entries of a dict that cannot be searched as a list of strings.
type dictIndex struct {
	hashes []hashKey // of keys that are not strings, by entry; nil while all are strings
	dead   int       // entries deleted

	// Small dicts are searched from the front; the table exists beyond smallDict entries.
	// A slot holds the number of an entry plus one. Slots of deleted entries stay until
	// the table is built again.
	table []uint32
	used  int // slots that are not zero
}

type dictEntry struct{ key, value Value }

// kindDeleted marks the key of an entry that was removed; no Value has it elsewhere.
const kindDeleted Kind = 255

func (e *dictEntry) deleted() bool { return e.key.kind == kindDeleted }

const smallDict = 12

var hashSeed = maphash.MakeSeed()

// NewDict makes a dict with room for capacity entries.
func NewDict(capacity int) *Dict {
	d := &Dict{}
	if capacity > 0 {
		d.entries = make([]dictEntry, 0, capacity)
	}
	return d
}

// indexed is the dict's index, made now when it has none.
func (d *Dict) indexed() *dictIndex {
	if d.index == nil {
		d.index = &dictIndex{}
	}
	return d.index
}

func (d *Dict) findString(key string) int {
	if x := d.index; x != nil && x.table != nil {
		mask := uint64(len(x.table) - 1)
		for at := maphash.String(hashSeed, key) & mask; x.table[at] != 0; at = (at + 1) & mask {
			i := int(x.table[at] - 1)
			if i < len(d.entries) && d.entries[i].key.isString(key) {
				return i
			}
		}
		return -1
	}
	for i := range d.entries {
		if d.entries[i].key.isString(key) {
			return i
		}
	}
	return -1
}

func (d *Dict) findHash(h hashKey) int {
	x := d.index
	if x == nil || x.hashes == nil {
		return -1
	}
	if x.table != nil {
		mask := uint64(len(x.table) - 1)
		for at := maphash.Comparable(hashSeed, h) & mask; x.table[at] != 0; at = (at + 1) & mask {
			i := int(x.table[at] - 1)
			if i < len(d.entries) && d.hasHash(i, h) {
				return i
			}
		}
		return -1
	}
	for i := range d.entries {
		if d.hasHash(i, h) {
			return i
		}
	}
	return -1
}

// hashAt is the hash of entry i, zero for a string.
func (d *Dict) hashAt(i int) hashKey {
	if d.index == nil || d.index.hashes == nil {
		return hashKey{}
	}
	return d.index.hashes[i]
}

// hasHash reports whether entry i has a key that is not a string and has this hash.
func (d *Dict) hasHash(i int, h hashKey) bool {
	k := d.entries[i].key.kind
	return k != KindString && k != kindDeleted && d.index.hashes[i] == h
}

// markerText lets the string subclass of the native environment act as the string it is.
func markerText(v Value) Value {
	if v.Kind() == KindObject {
		if m, ok := v.rawObject().(*Marker); ok {
			return String(m.Text)
		}
	}
	return v
}

func (d *Dict) find(key Value) (int, hashKey, error) {
	key = markerText(key)
	if s, ok := key.AsString(); ok {
		return d.findString(s), hashKey{}, nil
	}
	h, err := hash(key)
	if err != nil {
		return -1, h, err
	}
	return d.findHash(h), h, nil
}

// Get looks a key up; an unhashable key is simply absent.
func (d *Dict) Get(key Value) (Value, bool) {
	i, _, err := d.find(key)
	if err != nil || i < 0 {
		return Undef, false
	}
	return d.entries[i].value, true
}

// Lookup is Get that reports an unhashable key.
func (d *Dict) Lookup(key Value) (Value, bool, error) {
	i, _, err := d.find(key)
	if err != nil || i < 0 {
		return Undef, false, err
	}
	return d.entries[i].value, true, nil
}

// GetString looks a string key up without allocating.
func (d *Dict) GetString(key string) (Value, bool) {
	if i := d.findString(key); i >= 0 {
		return d.entries[i].value, true
	}
	return Undef, false
}

// Set stores v under key, keeping the place of a key that exists. An unhashable key is a TypeError.
func (d *Dict) Set(key, v Value) error {
	i, h, err := d.find(key)
	if err != nil {
		return err
	}
	if i >= 0 {
		d.entries[i].value = v
		return nil
	}
	d.insert(key, h, v)
	return nil
}

// SetString stores v under a string key.
func (d *Dict) SetString(key string, v Value) {
	if i := d.findString(key); i >= 0 {
		d.entries[i].value = v
		return
	}
	d.insert(String(key), hashKey{}, v)
}

func (d *Dict) insert(key Value, h hashKey, v Value) {
	key = markerText(key)
	d.entries = append(d.entries, dictEntry{key: key, value: v})
	n := len(d.entries)
	if d.index == nil && key.kind == KindString && n <= smallDict {
		return
	}
	x := d.indexed()
	if key.kind != KindString && x.hashes == nil {
		x.hashes = make([]hashKey, n-1, cap(d.entries))
	}
	if x.hashes != nil {
		x.hashes = append(x.hashes, h)
	}
	switch {
	case x.table != nil && x.used < len(x.table)*3/4:
		d.tableAdd(n - 1)
	case n > smallDict:
		d.buildTable()
	}
}

func (d *Dict) tableAdd(i int) {
	x := d.index
	mask := uint64(len(x.table) - 1)
	var at uint64
	if s, ok := d.entries[i].key.AsString(); ok {
		at = maphash.String(hashSeed, s) & mask
	} else {
		at = maphash.Comparable(hashSeed, x.hashes[i]) & mask
	}
	for x.table[at] != 0 {
		at = (at + 1) & mask
	}
	x.table[at] = uint32(i + 1)
	x.used++
}

func (d *Dict) buildTable() {
	size := 32
	for size < 2*max(d.Len(), cap(d.entries)*2/3) {
		size *= 2
	}
	d.index.table, d.index.used = make([]uint32, size), 0
	for i := range d.entries {
		if !d.entries[i].deleted() {
			d.tableAdd(i)
		}
	}
}

// Delete removes a key and reports whether it was there.
func (d *Dict) Delete(key Value) bool {
	i, _, err := d.find(key)
	if err != nil || i < 0 {
		return false
	}
	d.deleteAt(i)
	return true
}

// DeleteString removes a string key and reports whether it was there.
func (d *Dict) DeleteString(key string) bool {
	i := d.findString(key)
	if i < 0 {
		return false
	}
	d.deleteAt(i)
	return true
}

func (d *Dict) deleteAt(i int) {
	d.entries[i] = dictEntry{key: Value{kind: kindDeleted}}
	last := i == len(d.entries)-1
	if last {
		d.entries = d.entries[:i]
	}
	if d.index == nil && last {
		return
	}
	x := d.indexed()
	if x.hashes != nil {
		x.hashes[i] = hashKey{}
		x.hashes = x.hashes[:len(d.entries)]
	}
	if last {
		return
	}
	if x.dead++; x.dead > smallDict && x.dead > d.Len() {
		d.compact()
	}
}

func (d *Dict) compact() {
	x := d.index
	kept := make([]dictEntry, 0, d.Len())
	var hashes []hashKey
	for i := range d.entries {
		if d.entries[i].deleted() {
			continue
		}
		kept = append(kept, d.entries[i])
		if x.hashes != nil {
			hashes = append(hashes, x.hashes[i])
		}
	}
	d.entries, x.hashes, x.dead = kept, hashes, 0
	if x.table != nil {
		d.buildTable()
	}
}

// Len is the number of keys.
func (d *Dict) Len() int {
	if d.index == nil {
		return len(d.entries)
	}
	return len(d.entries) - d.index.dead
}

// All yields keys and values in insertion order.
func (d *Dict) All() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		for i := 0; i < len(d.entries); i++ {
			e := &d.entries[i]
			if !e.deleted() && !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Keys returns the keys in insertion order.
func (d *Dict) Keys() []Value {
	keys := make([]Value, 0, d.Len())
	for k := range d.All() {
		keys = append(keys, k)
	}
	return keys
}

// Values returns the values in insertion order.
func (d *Dict) Values() []Value {
	values := make([]Value, 0, d.Len())
	for _, v := range d.All() {
		values = append(values, v)
	}
	return values
}

// Copy is a shallow copy.
func (d *Dict) Copy() *Dict {
	c := NewDict(d.Len())
	for i := range d.entries {
		if e := &d.entries[i]; !e.deleted() {
			c.insert(e.key, d.hashAt(i), e.value)
		}
	}
	return c
}

// DeepCopy copies the dict with the dicts, lists and tuples in it; all else is shared.
func (d *Dict) DeepCopy() *Dict {
	c, _ := DeepCopy(FromDict(d)).AsDict()
	return c
}

// DeepCopy copies a dict, list or tuple with those in it; any other value is itself.
func DeepCopy(v Value) Value { return deepCopy(v, 0) }

func deepCopy(v Value, depth int) Value {
	if depth > maxNesting {
		return v
	}
	switch v.Kind() {
	case KindDict:
		d := v.rawDict()
		c := NewDict(d.Len())
		for i := range d.entries {
			if e := &d.entries[i]; !e.deleted() {
				c.insert(e.key, d.hashAt(i), deepCopy(e.value, depth+1))
			}
		}
		return FromDict(c)
	case KindList, KindTuple:
		items := make([]Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = deepCopy(item, depth+1)
		}
		if v.Kind() == KindTuple {
			return NewTuple(items...)
		}
		return NewList(items...)
	}
	return v
}

// Clear removes every key.
func (d *Dict) Clear() { *d = Dict{} }

// last is the index of the newest entry, -1 when empty.
func (d *Dict) last() int {
	for i := len(d.entries) - 1; i >= 0; i-- {
		if !d.entries[i].deleted() {
			return i
		}
	}
	return -1
}
