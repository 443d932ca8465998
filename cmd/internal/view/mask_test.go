package view

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/event"
)

// Secrets must not be read anywhere: on screen, in JSON lines, in the log file.
func TestSecretsAreMasked(t *testing.T) {
	for _, format := range []string{"text", "debug", "json"} {
		var out bytes.Buffer
		logs := t.TempDir()
		v := New(Options{Out: &out, Format: format, FileFormat: format, LogPath: logs, Level: event.Info, Secrets: []string{"", `pa"ss`, "t0k"}})
		v.Emit(event.Event{Name: "Note", Level: event.Warn, Msg: `password pa"ss, token t0k!`, Data: map[string]any{"rows": [][]string{{`pa"ss`}}}})
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(filepath.Join(logs, "dbt.log"))
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{out.String(), string(file)} {
			if strings.Contains(got, "ss,") || strings.Contains(got, "t0k!") || !strings.Contains(got, "password *****, token *****!") {
				t.Errorf("%s: %s", format, got)
			}
			if format == "json" && !strings.Contains(got, `"rows":[["*****"]]`) {
				t.Errorf("%s: %s", format, got)
			}
		}
	}
}
