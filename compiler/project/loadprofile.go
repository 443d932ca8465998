package project

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// ProfilesDir is the folder whose profiles.yml counts: the one the flags name, else the
// current folder, else the user's dbt folder, else the project's own folder.
func ProfilesDir(o Options) string {
	if o.Flags != nil && o.Flags.ProfilesDir != "" {
		return under(o.WorkDir, o.Flags.ProfilesDir)
	}
	if isFile(filepath.Join(o.WorkDir, ProfilesFile)) {
		return o.WorkDir
	}
	if o.HomeDir != "" && isFile(filepath.Join(o.HomeDir, ProfilesFile)) {
		return o.HomeDir
	}
	if o.Flags != nil {
		own := under(o.WorkDir, o.Flags.ProjectDir)
		if o.Flags.ProjectDir == "" {
			own = FindRoot(own)
		}
		if isFile(filepath.Join(own, ProfilesFile)) {
			return own
		}
	}
	if o.HomeDir != "" {
		return o.HomeDir
	}
	return o.WorkDir
}

// loadProfile reads profiles.yml and renders the chosen target only, so that a missing
// variable of another target does no harm.
func (l *loader) loadProfile() (*Profile, []Internal) {
	dir := ProfilesDir(l.o)
	path := filepath.Join(dir, ProfilesFile)
	l.profileRenderer()
	name, ok := l.profileName(dir)
	if !ok {
		return nil, nil
	}
	shown := shownPath(l.root, path)
	doc, exists, list := readYAML(os.DirFS(dir), ProfilesFile, shown)
	for _, d := range list {
		if d.Severity == diag.Error {
			d.Code, d.Kind = diag.CodeProfile, diag.Runtime
		}
	}
	l.add(list...)
	if list.Err() != nil {
		return nil, nil
	}
	if exists && (doc == nil || doc.Len() == 0) {
		l.add(profileError(diag.NewSource(shown, "").At(0, 0), "The profiles.yml file at %s is empty", path))
		return nil, nil
	}
	if exists && !doc.IsMapping() {
		l.add(profileError(doc.Span(), "profiles.yml must be a dictionary of profiles by their names, but is a %s", typeName(doc)))
		return nil, nil
	}
	if doc.Has("config") {
		d := deprecated("ProjectFlagsMovedDeprecation", doc.KeySpan("config"), "User config should be moved from the 'config' key in profiles.yml to the 'flags' key in dbt_project.yml.")
		l.add(d)
		if doc.Get("config").Len() > 0 && l.raw.Get("flags").Len() > 0 {
			d := projectError(l.raw.KeySpan("flags"), "Do not specify both 'config' in profiles.yml and 'flags' in dbt_project.yml. Using 'config' in profiles.yml is deprecated.")
			d.Related = []diag.Related{{Span: doc.KeySpan("config"), Message: "'config' stands here"}}
			l.add(d)
			return nil, nil
		}
	}
	raw, found := doc.Lookup(name)
	if !found {
		d := profileError(l.raw.Get("profile").Span(), "Could not find profile named '%s'", name)
		if exists {
			d.Hint = "the profiles in " + shown + " are: " + keyList(doc)
		} else {
			d.Hint = "there is no profiles.yml in " + dir + "; `millrace init` writes one"
		}
		l.add(d)
		return nil, nil
	}
	if raw.IsNull() || !raw.IsMapping() {
		l.add(profileError(doc.KeySpan(name), "Profile %s in profiles.yml is empty", name))
		return nil, nil
	}
	return l.readTarget(&Profile{Name: name, Path: path}, raw)
}

func keyList(n *yaml.Node) string {
	var names []string
	for _, e := range n.Entries() {
		if k := e.Key.Text(); k != "config" {
			names = append(names, k)
		}
	}
	return strings.Join(names, ", ")
}

func (l *loader) profileRenderer() yaml.Renderer {
	if l.o.Renderers == nil {
		return plain{}
	}
	return orPlain(l.o.Renderers.Secret(l.cliVars))
}

// profileName is the --profile flag or the project's rendered `profile`.
func (l *loader) profileName(dir string) (string, bool) {
	if l.flags.Profile != "" {
		return l.flags.Profile, true
	}
	n := l.raw.Get("profile")
	v, list := yaml.Render(n, l.profileRenderer(), nil)
	l.add(list...)
	if list.Err() != nil {
		return "", false
	}
	if v.IsNull() {
		d := diag.New(diag.CodeProfile, diag.Runtime, l.raw.Span(), "dbt cannot run because no profile was specified for this dbt project.")
		d.Detail = "To specify a profile for this project, add a line like this to your dbt_project.yml file:\n\nprofile: [profile name]\n\n" +
			"where [profile name] is a profile of the profiles.yml in " + dir
		l.add(d)
		return "", false
	}
	return value.Str(v), true
}

func (l *loader) readTarget(p *Profile, raw *yaml.Node) (*Profile, []Internal) {
	targetSpan := raw.Get("target").Span()
	switch {
	case l.flags.Target != "":
		p.TargetName = l.flags.Target
		targetSpan = raw.KeySpan("outputs")
	case raw.Has("target"):
		v, list := yaml.Render(raw.Get("target"), l.profileRenderer(), nil)
		l.add(list...)
		if list.Err() != nil {
			return nil, nil
		}
		p.TargetName = value.Str(v)
	default:
		p.TargetName = "default"
		targetSpan = raw.KeySpan("outputs")
	}
	outputs, ok := raw.Lookup("outputs")
	if !ok {
		l.add(profileError(raw.Span(), "outputs not specified in profile '%s'", p.Name))
		return nil, nil
	}
	output, ok := outputs.Lookup(p.TargetName)
	if !ok {
		d := profileError(targetSpan, "The profile '%s' does not have a target named '%s'. The valid target names for this profile are:", p.Name, p.TargetName)
		var names []string
		for _, e := range outputs.Entries() {
			names = append(names, " - "+e.Key.Text())
		}
		d.Detail = strings.Join(names, "\n")
		l.add(d)
		return nil, nil
	}
	if !output.IsMapping() {
		l.add(profileError(outputs.KeySpan(p.TargetName), "output '%s' of profile '%s' is misconfigured in profiles.yml", p.TargetName, p.Name))
		return nil, nil
	}
	v, list := yaml.Render(output, newTolerant(l.profileRenderer(), output), nil)
	l.add(list...)
	data, _ := v.AsDict()
	if list.Err() != nil || data == nil {
		return nil, nil
	}
	return l.finishProfile(p, output, data)
}

func (l *loader) finishProfile(p *Profile, output *yaml.Node, data *value.Dict) (*Profile, []Internal) {
	p.Threads = 1
	if v, ok := data.GetString("threads"); ok {
		n, good := threadCount(v)
		if !good && l.flags.Threads == 0 {
			l.add(profileError(output.Get("threads").Span(), "'threads' must be a whole number above 0, but is %s", describe(v)))
			return nil, nil
		}
		p.Threads = n
		data.DeleteString("threads")
	}
	if l.flags.Threads > 0 {
		p.Threads = l.flags.Threads
	}
	typ, ok := data.GetString("type")
	if !ok {
		l.add(profileError(output.Span(), "required field \"type\" not found in profile %s and target %s", p.Name, p.TargetName))
		return nil, nil
	}
	p.Type = value.Str(typ)
	data.DeleteString("type")
	p.Credentials = data
	target, internal, err := l.check(p, data)
	if err != nil {
		var d *diag.Diagnostic
		if !errors.As(err, &d) {
			d = profileError(output.Span(), "Credentials in profile \"%s\", target \"%s\" invalid: %s", p.Name, p.TargetName, err.Error())
			d.Cause = err
		}
		l.add(d)
		return nil, nil
	}
	target.SetString("type", value.String(p.Type))
	target.SetString("threads", value.Int(int64(p.Threads)))
	target.SetString("name", value.String(p.TargetName))
	target.SetString("target_name", value.String(p.TargetName))
	target.SetString("profile_name", value.String(p.Name))
	p.target = value.FromDict(target)
	return p, internal
}

// check lets the engine read the output; without one, keys are taken as they are.
func (l *loader) check(p *Profile, data *value.Dict) (*value.Dict, []Internal, error) {
	if l.o.Check != nil {
		c, internal, err := l.o.Check(p.Type, data.Copy())
		if err != nil {
			return nil, nil, err
		}
		p.Checked = c
		p.Database, p.Schema = c.Database(), c.Schema()
		return c.Target().Copy(), internal, nil
	}
	target := value.NewDict(data.Len())
	for k, v := range data.All() {
		if key, ok := k.AsString(); ok && !isSecretKey(key) {
			target.SetString(key, v)
		}
	}
	for _, key := range []string{"database", "dbname"} {
		if v, ok := data.GetString(key); ok {
			p.Database = value.Str(v)
		}
	}
	if v, ok := data.GetString("schema"); ok {
		p.Schema = value.Str(v)
	}
	return target, nil, nil
}

func isSecretKey(key string) bool {
	key = strings.ToLower(key)
	for _, word := range []string{"pass", "secret", "token", "private_key", "key_id", "keyfile_json"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

func threadCount(v value.Value) (int, bool) {
	if i, ok := v.AsInt(); ok && i > 0 && i < 1<<20 {
		return int(i), true
	}
	if s, ok := v.AsString(); ok {
		i, err := strconv.Atoi(strings.TrimSpace(s))
		return i, err == nil && i > 0 && i < 1<<20
	}
	return 1, false
}

// tolerant keeps a password that is no valid template as it is: passwords may hold braces.
type tolerant struct {
	yaml.Renderer
	passwords map[int]bool // offsets of values below a key "password"
}

func newTolerant(r yaml.Renderer, n *yaml.Node) yaml.Renderer {
	t := tolerant{Renderer: r, passwords: map[int]bool{}}
	t.collect(n, false)
	return t
}

func (t tolerant) collect(n *yaml.Node, inside bool) {
	for _, e := range n.Entries() {
		t.collect(e.Value, inside || e.Key.Text() == "password")
	}
	for _, item := range n.Items() {
		t.collect(item, inside)
	}
	if inside && n.Kind() == yaml.Scalar {
		t.passwords[n.Content().Start] = true
	}
}

// Native implements yaml.Renderer.
func (t tolerant) Native(text string, span diag.Span) (value.Value, error) {
	v, err := t.Renderer.Native(text, span)
	if err != nil && t.passwords[span.Start] {
		return value.String(text), nil
	}
	return v, err
}
