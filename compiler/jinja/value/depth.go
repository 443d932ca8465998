package value

// Enter accounts for one level of nested calls into templates (a macro, a caller, a
// recursive loop) and fails beyond the limit. Every Enter that succeeds needs a Leave.
func (th *Thread) Enter() error {
	if th.depth >= th.Limits.MaxDepth() {
		return Errorf("LimitError", "maximum recursion depth of %d exceeded", th.Limits.MaxDepth())
	}
	th.depth++
	return nil
}

// Leave ends a level that Enter began.
func (th *Thread) Leave() { th.depth-- }
