package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestShopOnPostgres builds the example twice on a server of its own: both builds end well,
// and the second leaves the same rows.
func TestShopOnPostgres(t *testing.T) {
	server := adaptertest.Postgres(t)
	dir := t.TempDir()
	copyProject(t, filepath.Join("..", "..", "examples", "shop"), dir)
	t.Chdir(dir)
	shopServer(t, server)
	const figures = "select (select count(*) from {{ ref('fct_orders') }}) as orders, (select sum(net_revenue) from {{ ref('fct_daily_revenue') }}) as revenue, " +
		"(select count(*) from {{ ref('dim_customers') }} where segment = 'gold') as gold"
	const want = `{"show":[{"orders":706,"revenue":61669.7,"gold":34}]}` // as on DuckDB
	for i := range 2 {
		build := millrace(t, "build", "--target", "postgres")
		if !strings.Contains(build, "Completed successfully") || !strings.Contains(build, "ERROR=0 SKIP=0") {
			t.Fatalf("build %d:\n%s", i+1, build)
		}
		if bytes := responseOf(t, "model.shop.fct_orders")["bytes"]; bytes == nil || bytes.(float64) < 8192 {
			t.Errorf("fct_orders has %v bytes", bytes)
		}
		got := millrace(t, "show", "--target", "postgres", "--quiet", "--output", "json", "--inline", figures)
		if got = strings.Join(strings.Fields(got), ""); got != want {
			t.Errorf("build %d left %s, want %s", i+1, got, want)
		}
	}
}

// shopServer makes the shop's target "postgres" the given server.
func shopServer(t *testing.T, server *adaptertest.Server) {
	t.Helper()
	output := server.Profile("shop")
	for name, key := range map[string]string{"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"} {
		v, _ := output.GetString(key)
		text := ""
		if !v.IsUndefined() && !v.IsNone() {
			text = value.Str(v)
		}
		t.Setenv(name, text)
	}
}

// responseOf is what the last run noted of a node's main statement.
func responseOf(t *testing.T, id string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("target", "run_results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Results []struct {
			UniqueID string         `json:"unique_id"`
			Response map[string]any `json:"adapter_response"`
		}
	}
	if err := json.Unmarshal(text, &results); err != nil {
		t.Fatal(err)
	}
	for _, x := range results.Results {
		if x.UniqueID == id {
			return x.Response
		}
	}
	t.Fatalf("no result of %s", id)
	return nil
}

func millrace(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := newApp(&stdout, &stderr).run(context.Background(), args); code != exitOK {
		t.Fatalf("millrace %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// copyProject copies a project without what commands wrote into its folder.
func copyProject(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if rel == "target" || rel == "logs" || rel == "dbt_packages" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if strings.HasPrefix(filepath.Ext(path), ".duckdb") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
