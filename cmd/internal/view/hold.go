package view

import "io"

// holdLimit is how much a held writer collects before it writes.
const holdLimit = 32 << 10

// heldWriter collects what is written while it is held: a listing of ten thousand lines is
// then not as many system calls.
type heldWriter struct {
	w    io.Writer
	held bool
	buf  []byte
}

func (h *heldWriter) Write(p []byte) (int, error) {
	if !h.held {
		return h.w.Write(p)
	}
	h.buf = append(h.buf, p...)
	if len(h.buf) > holdLimit {
		return len(p), h.flush()
	}
	return len(p), nil
}

func (h *heldWriter) flush() error {
	_, err := h.w.Write(h.buf)
	h.buf = h.buf[:0]
	return err
}

// Hold collects lines instead of writing each; Release writes them. In between only what
// answers at once should happen.
func (v *View) Hold() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.out.held = true
}

// Release ends Hold.
func (v *View) Release() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.out.held = false
	if len(v.out.buf) > 0 {
		_ = v.out.flush() // a reader that went away must not stop the command
	}
}
