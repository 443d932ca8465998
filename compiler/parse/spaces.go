package parse

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// spaced is a name with a space in it, and where it was given.
type spaced struct {
	id, path string
	span     diag.Span
}

// checkSpaces refuses names with spaces where dbt refuses them, all of a kind at once, and is content
// with a note where a behaviour flag says so.
func (p *parser) checkSpaces() {
	var nodes, others []spaced
	for _, n := range p.m.NodeList() {
		if strings.Contains(n.Name, " ") {
			nodes = append(nodes, spaced{n.UniqueID, n.OriginalFilePath, n.Span})
		}
	}
	seen := map[string]bool{}
	for _, id := range p.m.Order.Sources {
		if s := p.m.Sources[id]; strings.Contains(s.SourceName, " ") && !seen[s.SourceName] {
			seen[s.SourceName] = true // its tables have it in common
			others = append(others, spaced{"source." + s.PackageName + "." + s.SourceName, s.OriginalFilePath, s.Span})
		}
	}
	for _, id := range p.m.Order.SemanticModels {
		if m := p.m.SemanticModels[id]; strings.Contains(m.Name, " ") {
			others = append(others, spaced{m.UniqueID, m.OriginalFilePath, m.Span})
		}
	}
	p.reportSpaces(nodes, "require_resource_names_without_spaces", "model(s)")
	p.reportSpaces(others, "require_source_and_semantic_model_names_without_spaces", "resource(s)")
}

func (p *parser) reportSpaces(list []spaced, flag, what string) {
	if len(list) == 0 {
		return
	}
	if !p.behavior(flag) {
		p.noteSpaces(list)
		return
	}
	var lines strings.Builder
	d := diag.New(diag.CodeConfigValue, diag.Runtime, list[0].span, "")
	for i, x := range list {
		lines.WriteString("\n  * '" + x.id + "' (" + x.path + ")")
		if i > 0 {
			d.Related = append(d.Related, diag.Related{Span: x.span, Message: "and here"})
		}
	}
	d.Summary = "Resource names cannot contain spaces:" + lines.String() + "\nPlease rename the invalid " + what + " so that their name(s) do not contain any spaces."
	p.report(d)
}

// noteSpaces names the first resource, with --debug all of them, and counts them.
func (p *parser) noteSpaces(list []spaced) {
	count := fmt.Sprintf("Spaces found in %d resource name(s). This is deprecated, and may lead to errors when using dbt.", len(list))
	named := list
	if !p.flags.Debug {
		count += " Run again with `--debug` to see them all."
		named = list[:1]
	}
	for _, x := range named {
		d := warning(diag.CodeDeprecated, x.span, "Found spaces in the name of `"+x.id+"`").Named("SpacesInResourceNameDeprecation")
		d.Severity = diag.Note
		p.report(d)
	}
	p.notes.add("ResourceNamesWithSpacesDeprecation", list[0].span, count)
}
