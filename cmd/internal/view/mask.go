package view

import (
	"encoding/json"
	"strings"
)

// masker hides secrets in everything that is printed or logged, as dbt does. Nil hides nothing.
type masker struct{ replacer *strings.Replacer }

const masked = "*****"

// newMasker hides texts as they are and as JSON writes them.
func newMasker(secrets []string) *masker {
	var pairs []string
	for _, s := range secrets {
		if strings.TrimSpace(s) == "" {
			continue
		}
		pairs = append(pairs, s, masked)
		quoted, err := json.Marshal(s)
		if inner := strings.Trim(string(quoted), `"`); err == nil && inner != s {
			pairs = append(pairs, inner, masked)
		}
	}
	if pairs == nil {
		return nil
	}
	return &masker{strings.NewReplacer(pairs...)}
}

// Mask hides secrets in a text that is going to be cut, for a piece of a secret is not
// recognised any more.
func Mask(secrets []string) func(string) string { return newMasker(secrets).text }

func (m *masker) text(s string) string {
	if m == nil {
		return s
	}
	return m.replacer.Replace(s)
}

func (m *masker) bytes(b []byte) []byte {
	if m == nil {
		return b
	}
	return []byte(m.replacer.Replace(string(b)))
}
