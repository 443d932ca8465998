package value

const (
	defaultDepth  = 500
	defaultSteps  = 50_000_000
	defaultOutput = 256 << 20
	defaultRange  = 10_000_000

	// maxIntBits bounds integers: beyond it Python itself refuses to print them, and
	// multiplying them would let one expression run for minutes.
	maxIntBits = 1 << 20

	// maxNesting bounds recursion over nested containers (repr, comparison, JSON), so that
	// no data structure can exhaust the stack.
	maxNesting = 900
)

// Step accounts for n iterations and fails once the render has used up its limit or was
// cancelled. A nil thread has no limits.
func (th *Thread) Step(n int64) error {
	if th == nil {
		return nil
	}
	before := th.steps
	th.steps += n
	if err := th.weigh(n * bytesPerStep); err != nil {
		return err
	}
	limit := th.Limits.Steps
	if limit == 0 {
		limit = defaultSteps
	}
	if th.steps > limit {
		return Errorf("LimitError", "the template ran more than %d steps", limit)
	}
	// Looking at the context costs a lock; once in about a thousand steps is often enough.
	if before>>10 != th.steps>>10 && th.Context != nil {
		if err := th.Context.Err(); err != nil {
			return &Error{Type: "LimitError", Message: "rendering was cancelled: " + err.Error(), Cause: err}
		}
	}
	return nil
}

// Grow accounts for bytes of output and fails once the render has used up its limit.
func (th *Thread) Grow(bytes int) error {
	if th == nil {
		return nil
	}
	th.output += bytes
	if limit := th.Limits.maxOutput(); th.output > limit || th.output < 0 {
		return Errorf("LimitError", "the template produced more than %d bytes", limit)
	}
	return nil
}

// MaxDepth is the effective limit on nested macro calls.
func (l Limits) MaxDepth() int {
	if l.Depth == 0 {
		return defaultDepth
	}
	return l.Depth
}

func (l Limits) maxOutput() int {
	if l.Output == 0 {
		return defaultOutput
	}
	return l.Output
}

func (l Limits) maxRange() int64 {
	if l.Range == 0 {
		return defaultRange
	}
	return l.Range
}

func (th *Thread) limits() Limits {
	if th == nil {
		return Limits{}
	}
	return th.Limits
}

// CheckString is asked before a string of n bytes is built. Long strings also cost steps,
// so that building many of them ends as surely as looping does.
func (th *Thread) CheckString(n int64) error {
	if limit := th.limits().maxOutput(); n > int64(limit) || n < 0 {
		return Errorf("LimitError", "a string of %d bytes is longer than the limit of %d", n, limit)
	}
	if err := th.weigh(n); err != nil {
		return err
	}
	if n >= 1024 {
		return th.Step(n >> 10)
	}
	return nil
}

// CheckList is asked before a list of n elements is built.
func (th *Thread) CheckList(n int64) error {
	if limit := th.limits().maxRange(); n > limit || n < 0 {
		return Errorf("LimitError", "a list of %d elements is longer than the limit of %d", n, limit)
	}
	if n >= 64 {
		return th.Step(n >> 6)
	}
	return nil
}
