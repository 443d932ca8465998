package value

import "iter"

// Dict is Python's dict: any hashable key, insertion order, shared by reference.
// Reading is safe for several goroutines as long as nobody writes.
type Dict struct {
	entries []dictEntry
	live    int // entries not deleted

	// Small dicts are searched from the front; the indexes exist beyond smallDict entries.
	byString map[string]int32
	byHash   map[hashKey]int32
}

type dictEntry struct {
	key, value Value
	hash       hashKey // of keys that are not strings
	deleted    bool
}

const smallDict = 8

// NewDict makes a dict with room for capacity entries.
func NewDict(capacity int) *Dict {
	d := &Dict{}
	if capacity > 0 {
		d.entries = make([]dictEntry, 0, capacity)
	}
	return d
}

func (d *Dict) indexed() bool { return d.byString != nil }

func (d *Dict) findString(key string) int {
	if d.indexed() {
		if i, ok := d.byString[key]; ok {
			return int(i)
		}
		return -1
	}
	for i := range d.entries {
		e := &d.entries[i]
		if s, ok := e.key.AsString(); ok && s == key && !e.deleted {
			return i
		}
	}
	return -1
}

func (d *Dict) findHash(h hashKey) int {
	if d.indexed() {
		if i, ok := d.byHash[h]; ok {
			return int(i)
		}
		return -1
	}
	for i := range d.entries {
		e := &d.entries[i]
		if e.key.Kind() != KindString && !e.deleted && e.hash == h {
			return i
		}
	}
	return -1
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
	d.entries = append(d.entries, dictEntry{key: markerText(key), value: v, hash: h})
	d.live++
	n := len(d.entries)
	if d.indexed() {
		d.indexEntry(n - 1)
	} else if n > smallDict {
		d.buildIndex()
	}
}

func (d *Dict) indexEntry(i int) {
	e := &d.entries[i]
	if s, ok := e.key.AsString(); ok {
		d.byString[s] = int32(i)
		return
	}
	if d.byHash == nil {
		d.byHash = make(map[hashKey]int32)
	}
	d.byHash[e.hash] = int32(i)
}

func (d *Dict) buildIndex() {
	d.byString = make(map[string]int32, len(d.entries)*2)
	d.byHash = nil
	for i := range d.entries {
		if !d.entries[i].deleted {
			d.indexEntry(i)
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
	e := &d.entries[i]
	if d.indexed() {
		if s, ok := e.key.AsString(); ok {
			delete(d.byString, s)
		} else {
			delete(d.byHash, e.hash)
		}
	}
	*e = dictEntry{deleted: true}
	d.live--
	if i == len(d.entries)-1 {
		d.entries = d.entries[:i]
		return
	}
	if dead := len(d.entries) - d.live; dead > smallDict && dead > d.live {
		d.compact()
	}
}

func (d *Dict) compact() {
	kept := make([]dictEntry, 0, d.live)
	for i := range d.entries {
		if !d.entries[i].deleted {
			kept = append(kept, d.entries[i])
		}
	}
	d.entries = kept
	if d.indexed() {
		d.buildIndex()
	}
}

// Len is the number of keys.
func (d *Dict) Len() int { return d.live }

// All yields keys and values in insertion order.
func (d *Dict) All() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		for i := 0; i < len(d.entries); i++ {
			e := &d.entries[i]
			if !e.deleted && !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Keys returns the keys in insertion order.
func (d *Dict) Keys() []Value {
	keys := make([]Value, 0, d.live)
	for k := range d.All() {
		keys = append(keys, k)
	}
	return keys
}

// Values returns the values in insertion order.
func (d *Dict) Values() []Value {
	values := make([]Value, 0, d.live)
	for _, v := range d.All() {
		values = append(values, v)
	}
	return values
}

// Copy is a shallow copy.
func (d *Dict) Copy() *Dict {
	c := NewDict(d.live)
	for i := range d.entries {
		if e := &d.entries[i]; !e.deleted {
			c.insert(e.key, e.hash, e.value)
		}
	}
	return c
}

// Clear removes every key.
func (d *Dict) Clear() { *d = Dict{} }

// last is the index of the newest entry, -1 when empty.
func (d *Dict) last() int {
	for i := len(d.entries) - 1; i >= 0; i-- {
		if !d.entries[i].deleted {
			return i
		}
	}
	return -1
}
