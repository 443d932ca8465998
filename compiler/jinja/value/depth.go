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

// Nest makes th a render inside outer: it starts at outer's depth and with what outer has
// used up, so that a template which renders itself ends like a macro that calls itself.
// The function that it returns gives the use back and must be called at the end.
func (th *Thread) Nest(outer *Thread) (end func(), err error) {
	if outer == nil {
		return func() {}, nil
	}
	if err := outer.Enter(); err != nil {
		return nil, err
	}
	th.depth, th.steps, th.output, th.weight = outer.depth, outer.steps, outer.output, outer.weight
	return func() {
		outer.Leave()
		outer.steps, outer.weight = th.steps, th.weight
	}, nil
}
