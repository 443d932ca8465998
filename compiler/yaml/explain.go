package yaml

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

var parserLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// explain turns a parser error into one sentence with a place. The parser names a line
// near the problem at best, so the usual mistakes are searched for first.
func explain(src *diag.Source, err error) *diag.Diagnostic {
	line, problem := 0, err.Error()
	if m := parserLine.FindStringSubmatch(problem); m != nil {
		problem = m[2]
		if m[1] != "" {
			if n, convErr := strconv.Atoi(m[1]); convErr == nil {
				line = n
			}
		}
	}
	if d := findMistake(src); d != nil {
		d.Cause = err
		return d
	}
	start := src.Offset(max(line, 1), 1)
	text := src.Line(max(line, 1))
	start += len(text) - len(strings.TrimLeft(text, " "))
	d := syntax(src.At(start, start+max(len(strings.TrimSpace(text)), 1)), fmt.Sprintf("this is not valid YAML: %s", problem))
	d.Cause = err
	return d
}
