package value

// List is Python's list.
type List struct{ Items []Value }

// Tuple is Python's tuple; Items must not be changed after creation.
type Tuple struct{ Items []Value }
