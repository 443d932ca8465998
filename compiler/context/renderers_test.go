package context

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
)

func TestRenderers(t *testing.T) {
	env := project.EnvMap{"DBT_ENV_SECRET_PASS": "s3cr3t", "PORT": "5432", "FLAG": "True"}
	r := NewRenderers(env, &flags.Flags{Version: "1.12.6"}, time.Unix(0, 0), "id")
	vars := value.NewDict(1)
	vars.SetString("schema", value.String("dev"))
	target := value.NewDict(1)
	target.SetString("name", value.String("ci"))
	secret := r.Secret(vars)
	strict := r.Project(value.FromDict(target), vars, false)
	lenient := r.Project(value.Undef, vars, true)
	file := diag.NewSource("profiles.yml", "password: x")
	span := file.At(10, 11)
	for _, c := range []struct {
		r interface {
			Native(string, diag.Span) (value.Value, error)
		}
		text, want string
	}{
		{secret, "{{ env_var('DBT_ENV_SECRET_PASS') }}", "'s3cr3t'"},
		{secret, "a-{{ env_var('DBT_ENV_SECRET_PASS') }}-b", "'a-s3cr3t-b'"},
		{secret, "{{ env_var('DBT_ENV_SECRET_PASS')[:3] }}", "'$$$'"},
		{secret, "{{ env_var('DBT_ENV_SECRET_NONE', 'd') }}", "'d'"},
		{secret, "{{ env_var('PORT') | as_number }}", "5432"},
		{secret, "{{ env_var('PORT') | int }}", "5432"},
		{secret, "{{ env_var('FLAG') | as_bool }}", "True"},
		{secret, "{{ env_var('NOPE', 'x') }} {{ var('schema') }}", "'x dev'"},
		{secret, "plain", "'plain'"},
		{secret, "{{ target is defined }}", "False"},
		{strict, "{{ target.name }} {{ var('schema') }}", "'ci dev'"},
		{strict, "{{ var('nope', 3) }}", "3"},
		{lenient, "{{ var('nope') }}", "None"},
	} {
		got, err := c.r.Native(c.text, span)
		if err != nil || value.Repr(got) != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.text, value.Repr(got), err, c.want)
		}
	}
	for _, c := range []struct {
		r interface {
			Native(string, diag.Span) (value.Value, error)
		}
		text, want string
	}{
		{secret, "{{ env_var('NOPE') }}", "Env var required but not provided: 'NOPE'"},
		{strict, "{{ env_var('DBT_ENV_SECRET_PASS') }}", "Secret env vars are allowed only in profiles.yml or packages.yml."},
		{strict, "{{ var('nope') }}", "Required var 'nope' not found in config:\nVars supplied to <Configuration> = {\n    \"schema\": \"dev\"\n}"},
		{strict, "{{ nope( }}", ""},
	} {
		_, err := c.r.Native(c.text, span)
		var d *diag.Diagnostic
		if !errors.As(err, &d) || !strings.Contains(d.Message(), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
			continue
		}
		if d.Span.Source != file {
			t.Errorf("%s: the error points to %s, not into the file", c.text, d.Span)
		}
	}
	if text, err := secret.Text("{{ env_var('DBT_ENV_SECRET_PASS') }}!", span); err != nil || text != "s3cr3t!" {
		t.Errorf("text %q %v", text, err)
	}
}

func TestSecretsAreMaskedInLogs(t *testing.T) {
	if got := maskSecrets("x " + secretMark("A") + " y " + secretMark("B")); got != "x ***** y *****" {
		t.Errorf("got %q", got)
	}
	if got := maskSecrets("open " + secretStart + "A"); got != "open "+secretStart+"A" {
		t.Errorf("got %q", got)
	}
}
