package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// DotEnv reads the nearest .env of a folder or the folders above it and lays it under the
// shell's environment: a variable of the shell wins. Call it before flags are resolved,
// because .env may set DBT_ variables.
func DotEnv(dir string, shell Env) (Env, diag.List) {
	for {
		text, err := os.ReadFile(filepath.Join(dir, DotEnvFile))
		if err == nil {
			values, list := parseDotEnv(diag.NewSource(DotEnvFile, string(text)), shell)
			return layered{shell: shell, file: values}, list
		}
		// A folder of that name is common (Python environments) and means nothing here.
		if info, statErr := os.Stat(filepath.Join(dir, DotEnvFile)); !errors.Is(err, fs.ErrNotExist) && (statErr != nil || !info.IsDir()) {
			return shell, diag.List{unreadable(DotEnvFile, err)}
		}
		above := filepath.Dir(dir)
		if above == dir {
			return shell, nil
		}
		dir = above
	}
}

// layered is the shell's environment over a file's.
type layered struct {
	shell Env
	file  EnvMap
}

// Getenv implements Env.
func (l layered) Getenv(name string) (string, bool) {
	if v, ok := l.shell.Getenv(name); ok {
		return v, true
	}
	return l.file.Getenv(name)
}

// Names lists the variables, as far as the shell can be listed.
func (l layered) Names() []string {
	var names []string
	if s, ok := l.shell.(interface{ Names() []string }); ok {
		names = s.Names()
	}
	for name := range l.file {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Names lists the variables.
func (m EnvMap) Names() []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func parseDotEnv(src *diag.Source, shell Env) (EnvMap, diag.List) {
	p := &dotEnv{src: src, text: strings.TrimPrefix(src.Text, "\ufeff"), values: EnvMap{}, shell: shell}
	for p.at < len(p.text) {
		p.line()
	}
	return p.values, p.list
}

type dotEnv struct {
	src    *diag.Source
	text   string
	at     int
	values EnvMap
	shell  Env
	list   diag.List
}

// line reads one assignment; what cannot be read is a warning and skipped to the line's end.
func (p *dotEnv) line() {
	p.spaces(true)
	start := p.at
	if p.at == len(p.text) || p.text[p.at] == '#' {
		p.skipLine()
		return
	}
	if rest, ok := strings.CutPrefix(p.text[p.at:], "export"); ok && rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
		p.at += len("export")
		p.spaces(false)
	}
	name, ok := p.name()
	if !ok {
		p.bad(start)
		return
	}
	p.spaces(false)
	if p.at == len(p.text) || p.text[p.at] != '=' {
		if !p.lineEnds() {
			p.bad(start)
		}
		return // a name alone sets nothing
	}
	p.at++
	p.spaces(false)
	val, ok := p.value()
	if !ok || !p.lineEnds() {
		p.bad(start)
		return
	}
	p.values[name] = val
}

func (p *dotEnv) bad(start int) {
	p.at = start
	p.skipLine()
	offset := len(p.src.Text) - len(p.text)
	d := diag.New(diag.CodeEnvVar, diag.Runtime, p.src.At(start+offset, p.at+offset), "this line of .env cannot be read and is skipped")
	d.Severity = diag.Warning
	p.list = append(p.list, d)
}

func (p *dotEnv) spaces(lines bool) {
	for p.at < len(p.text) {
		c := p.text[p.at]
		if c != ' ' && c != '\t' && (!lines || c != '\n' && c != '\r') {
			return
		}
		p.at++
	}
}

func (p *dotEnv) skipLine() {
	for p.at < len(p.text) && p.text[p.at] != '\n' {
		p.at++
	}
}

// lineEnds accepts a comment and the end of the line.
func (p *dotEnv) lineEnds() bool {
	p.spaces(false)
	if p.at < len(p.text) && p.text[p.at] == '#' {
		p.skipLine()
	}
	return p.at == len(p.text) || p.text[p.at] == '\n' || p.text[p.at] == '\r'
}

func (p *dotEnv) name() (string, bool) {
	if p.text[p.at] == '\'' {
		end := strings.IndexByte(p.text[p.at+1:], '\'')
		if end <= 0 {
			return "", false
		}
		name := p.text[p.at+1 : p.at+1+end]
		p.at += end + 2
		return name, true
	}
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("=# \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[start:p.at], p.at > start
}

func (p *dotEnv) value() (string, bool) {
	if p.at == len(p.text) {
		return "", true
	}
	if q := p.text[p.at]; q == '\'' || q == '"' {
		return p.quoted(q)
	}
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != '\n' && p.text[p.at] != '\r' {
		p.at++
	}
	raw := p.text[start:p.at]
	for i := 1; i < len(raw); i++ {
		if raw[i] == '#' && (raw[i-1] == ' ' || raw[i-1] == '\t') {
			raw = raw[:i]
			break
		}
	}
	return p.expand(strings.TrimRight(raw, " \t")), true
}

// quoted reads a quoted value, which may have several lines.
func (p *dotEnv) quoted(q byte) (string, bool) {
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case c == '\\' && i+1 < len(p.text):
			i++
			b.WriteString(unescape(q, p.text[i]))
		case c == q:
			p.at = i + 1
			return p.expand(b.String()), true
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

func unescape(q, c byte) string {
	if c == '\\' || c == '\'' {
		return string(c)
	}
	if q == '"' {
		switch c {
		case '"':
			return `"`
		case 'n':
			return "\n"
		case 't':
			return "\t"
		case 'r':
			return "\r"
		case 'a':
			return "\a"
		case 'b':
			return "\b"
		case 'f':
			return "\f"
		case 'v':
			return "\v"
		}
	}
	return `\` + string(c)
}

// expand replaces ${NAME} and ${NAME:-default}.
func (p *dotEnv) expand(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			break
		}
		b.WriteString(s[:i])
		name, fallback, _ := strings.Cut(s[i+2:i+end], ":-")
		if v, ok := p.shell.Getenv(name); ok {
			fallback = v
		} else if v, ok := p.values[name]; ok {
			fallback = v
		}
		b.WriteString(fallback)
		s = s[i+end+1:]
	}
	return b.String() + s
}
