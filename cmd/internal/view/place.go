package view

import "github.com/millrace/millrace/compiler/diag"

// Place is the line above an excerpt: the stable code and the position.
func Place(d *diag.Diagnostic) string {
	s := string(d.Code)
	if d.Span.Valid() {
		if s != "" {
			s += " "
		}
		s += d.Span.String()
	}
	return s
}
