package adapters

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// CommentConfig is `query-comment` of dbt_project.yml.
type CommentConfig struct {
	Template string // to be rendered with node and connection_name; unused with Default
	Default  bool
	Append   bool
}

// Comment is the finished comment of a node's statements.
type Comment struct {
	text   string
	append bool
	vars   *CommentVars // what the default comment says, which is written when a statement is sent
}

// CommentVars are what the default comment says.
type CommentVars struct {
	Version, Profile, Target string
	NodeID                   string // "" for work that belongs to no node
	Connection               string
}

// For makes the comment of one node. render renders Template; it is not called without one.
func (c CommentConfig) For(vars CommentVars, render func(template string) (string, error)) (Comment, error) {
	text := ""
	switch {
	case c.Default && !vars.ends():
		return Comment{append: c.Append, vars: &vars}, nil
	case c.Default:
		text = vars.text()
	case c.Template != "":
		var err error
		if text, err = render(c.Template); err != nil {
			return Comment{}, err
		}
	}
	if strings.Contains(text, "*/") {
		return Comment{}, runtimeError(`query comment contains illegal value "*/": %s`, text)
	}
	return Comment{text: strings.TrimSpace(text), append: c.Append}, nil
}

// ends reports text in which a comment would end.
func (v CommentVars) ends() bool {
	return slices.ContainsFunc([]string{v.Version, v.Profile, v.Target, v.NodeID, v.Connection}, func(s string) bool { return strings.Contains(s, "*") })
}

func (v CommentVars) text() string {
	d := value.NewDict(5)
	d.SetString("app", value.String("dbt"))
	d.SetString("dbt_version", value.String(v.Version))
	d.SetString("profile_name", value.String(v.Profile))
	d.SetString("target_name", value.String(v.Target))
	if v.NodeID != "" {
		d.SetString("node_id", value.String(v.NodeID))
	} else {
		d.SetString("connection_name", value.String(v.Connection))
	}
	b, err := value.AppendJSON(nil, value.FromDict(d), value.JSONOptions{})
	if err != nil {
		panic(err) // a dict of strings always encodes
	}
	return string(b)
}

// Add puts the comment before or after sql. before is the length of what stands in front
// of sql afterwards, for positions in error messages.
func (c Comment) Add(sql string) (out string, before int) {
	if c.vars != nil {
		c.text = strings.TrimSpace(c.vars.text())
	}
	if c.text == "" {
		return sql, 0
	}
	mark := "/* " + c.text + " */"
	if !c.append {
		return mark + "\n" + sql, len(mark) + 1
	}
	sql = strings.TrimRight(sql, " \t\r\n\f\v")
	if strings.HasSuffix(sql, ";") {
		return sql[:len(sql)-1] + "\n" + mark + ";", 0
	}
	return sql + "\n" + mark, 0
}
