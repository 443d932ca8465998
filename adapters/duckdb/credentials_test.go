package duckdb

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func yaml(t *testing.T, json string) *value.Dict {
	t.Helper()
	v, err := value.ParseJSON(json)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := v.AsDict()
	return d
}

func TestCredentials(t *testing.T) {
	c, err := parseCredentials(yaml(t, `{"path": "dir/jaffle.duckdb", "threads": "4", "settings": {"motherduck_token": "s3cret", "memory_limit": "1GB"},
		"secrets": [{"type": "s3", "secret": "hidden", "key_id": "k"}], "attach": [{"path": "x.db", "alias": "x", "options": {"password": "pw"}}],
		"is_ducklake": false, "disable_transactions": true, "extensions": ["json", {"name": "h", "repo": "core"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Database() != "jaffle" || c.Schema() != "main" || c.Threads() != 4 || !c.NoTransactions() || len(c.extensions) != 2 || c.UniqueField() != "dir/jaffle.duckdb." {
		t.Errorf("%+v", c)
	}
	shown := value.Repr(value.FromDict(c.Target()))
	for _, pair := range c.Describe() {
		shown += pair[0] + "=" + pair[1]
	}
	for _, secret := range []string{"s3cret", "hidden", "pw"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%s is shown: %s", secret, shown)
		}
	}
	if !strings.Contains(shown, "memory_limit") || !strings.Contains(shown, "'database': 'jaffle'") {
		t.Error(shown)
	}
	if c, err := parseCredentials(yaml(t, `{}`)); err != nil || c.Database() != "memory" {
		t.Error(c, err)
	}
	if c, err := parseCredentials(yaml(t, `{"database": "lake", "attach": [{"path": "ducklake:m.db", "alias": "lake"}]}`)); err != nil || c.Database() != "lake" || !c.ducklakes["lake"] {
		t.Error(c, err)
	}
}

func TestCredentialMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`{"path": "a.db", "database": "b"}`: "the 'database' property must be set to 'a'",
		`{"threads": "many"}`:               "threads: 'many' is not of type 'integer'",
		`{"settings": []}`:                  "settings: [] is not of type 'object'",
		`{"attach": [{"alias": "x"}]}`:      "'path' is a required property",
		`{"attach": [{"path": "x", "type": "a", "options": {"type": "b"}}]}`: "Attachment option(s) ['type'] specified in both direct fields and options dict.",
		`{"secrets": [{"name": "x"}]}`:                                       "'type' is a required property",
		`{"extensions": [3]}`:                                                "Failed to parse extension: 3",
		`{"extensions": [{"name": "x"}]}`:                                    "'repo' is a required property",
		`{"remote": {"host": "x", "port": 1, "user": "y"}}`:                  "The profile key 'remote' is not supported",
		`{"filesystems": [{"fs": "s3"}]}`:                                    "The profile key 'filesystems' is not supported",
		`{"motherduck_token": "a", "settings": {"motherduck_token": "b"}}`:   "Conflicting values for motherduck_token",
		`{"use_credential_provider": "gcp"}`:                                 "Unsupported value for use_credential_provider: gcp",
		`{"retries": {"connect_attempts": []}}`:                              "connect_attempts: [] is not of type 'integer'",
	} {
		if _, err := parseCredentials(yaml(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
