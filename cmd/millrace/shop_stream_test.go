package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// shopMarts are what the shop's figures rest on. Numbers of batches say how rows came, not what they are.
var shopMarts = map[string]string{
	"fct_orders": "select order_id, customer_id, order_status, ship_country, ordered_at, units, order_amount, cost_amount, captured_amount, refunded_amount, failed_payments, used_gift_card " +
		"from {{ ref('fct_orders') }} order by order_id",
	"fct_daily_revenue":       "select * from {{ ref('fct_daily_revenue') }} order by order_date",
	"dim_customers":           "select * from {{ ref('dim_customers') }} order by customer_id",
	"fct_product_performance": "select * from {{ ref('fct_product_performance') }} order by product_id",
	"fct_attribution":         "select * from {{ ref('fct_attribution') }} order by channel",
	"fct_fraud_signals":       "select * from {{ ref('fct_fraud_signals') }} order by order_id",
	"exec_kpis":               "select month, cast(orders as integer) as orders, net_revenue, gross_margin, refunds, average_order_value, new_customers, fraud_reviews from {{ ref('exec_kpis') }} order by month",
}

func marts(t *testing.T, target string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, sql := range shopMarts {
		out[name] = millrace(t, "show", "--target", target, "--quiet", "--output", "json", "--limit", "-1", "--inline", sql)
	}
	return out
}

// TestShopLive feeds the shop while it runs, stops it in the middle, goes on, and finds in
// every mart the rows that one build of the whole log leaves.
func TestShopLive(t *testing.T) {
	dir := t.TempDir()
	copyProject(t, filepath.Join("..", "..", "examples", "shop"), dir)
	t.Chdir(dir)
	t.Setenv("SHOP_DB", "batch.duckdb")
	build := millrace(t, "build")
	for _, says := range []string{"stream shop.orders: 1388 rows landed in 1 batch, 9 in quarantine", "ERROR=0 SKIP=0"} {
		if !strings.Contains(build, says) {
			t.Fatalf("%q is not in\n%s", says, build)
		}
	}
	want := marts(t, "dev")
	for name, rows := range want {
		if strings.Count(rows, "{") < 4 {
			t.Errorf("%s is empty: %s", name, rows)
		}
	}
	live := func(t *testing.T, target string) {
		t.Setenv("SHOP_DB", "live.duckdb")
		t.Setenv("SHOP_RATE", "300")
		ctx, cancel := context.WithCancel(context.Background())
		var out syncBuffer
		done := make(chan int, 1)
		go func() { done <- newApp(&out, &out).run(ctx, []string{"stream", "run", "--target", target}) }()
		waitIn(t, &out, "tick 2:")
		cancel()
		<-done
		before := marts(t, target)
		if before["fct_orders"] == want["fct_orders"] {
			t.Log("everything had come before the stop: going on was not tried")
		}
		t.Setenv("SHOP_RATE", "5000")
		again := millrace(t, "stream", "run", "--target", target, "--until-idle", "2s", "--watch", "exec_kpis")
		if !strings.Contains(again, "exec_kpis\n| ") {
			t.Errorf("--watch printed nothing:\n%s", again)
		}
		for name, rows := range marts(t, target) {
			if rows != want[name] {
				t.Errorf("%s live is not what it is in batch:\n%s\nbatch:\n%s", name, rows, want[name])
			}
		}
		if out := millrace(t, "stream", "verify", "--target", target); strings.Contains(out, "FAIL") {
			t.Error(out)
		}
	}
	t.Run("duckdb", func(t *testing.T) { live(t, "dev") })
	t.Run("postgres", func(t *testing.T) {
		server := adaptertest.Postgres(t)
		shopServer(t, server)
		live(t, "postgres")
	})
	if err := os.Remove("events.jsonl"); err != nil {
		t.Fatal(err)
	}
	var out syncBuffer
	if code := newApp(&out, &out).run(context.Background(), []string{"build"}); code != exitProject || !strings.Contains(out.String(), "the embedded connection 'demo': open") {
		t.Errorf("exit %d without the feed:\n%s", code, out.String())
	}
}
