package diag

import "strings"

// Page is the manual's page about errors, in Markdown.
func Page() string {
	var b strings.Builder
	b.WriteString(`# Errors

This page is made from the table of codes in the program.

A message has dbt's form: a header with the kind of error and the node, then the text. Below it stand the code, the place in your own file with a caret, and at most one hint:

` + "```" + `
Compilation Error in model a (models/a.sql)
  'cent_to_euros' is undefined
  MR2004 models/a.sql:1:11
   1 | select {{ cent_to_euros('x') }} as y
     |           ^^^^^^^^^^^^^
  hint: did you mean 'cents_to_euros'?
` + "```" + `

Codes never change their meaning. In JSON logs the code is ` + "`info.diagnostic_code`" + `, the place ` + "`info.position`" + `. Exit codes: 0 all passed (warnings allowed), 1 a node or a test failed, 2 usage or project error.
`)
	area := ""
	for _, e := range Explanations {
		if now := areaOf(e.Code); now != area {
			area = now
			b.WriteString("\n## " + area + "\n")
		}
		b.WriteString("\n### " + string(e.Code) + ": " + e.Meaning + "\n\n```\n" + e.Example + "\n```\n\n" + e.Advice + "\n")
	}
	return b.String()
}

// areas are the headings by the first digit of a code.
var areas = map[byte]string{
	'1': "Project and YAML", '2': "Templates", '3': "Resources and the graph", '4': "Database", '5': "Command line",
	'6': "Packages", '7': "Streams", '9': "Deprecated forms",
}

func areaOf(c Code) string { return areas[c[2]] }
