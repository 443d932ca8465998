package event

import (
	"bytes"
	"encoding/json"
	"strings"
)

// indentJSON writes a JSON text two spaces deep inside an object, as Python's json.dumps(indent=2) does.
func indentJSON(b *strings.Builder, text json.RawMessage) bool {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "  ", "  "); err != nil {
		return false
	}
	b.Write(out.Bytes())
	return true
}
