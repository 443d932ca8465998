package site

import (
	"testing"
	"time"

	"github.com/millrace/millrace/docs/site/sitetest"
)

// TestLargeProjectStaysInBudget measures the site of 10,000 models with 150,000 columns:
// bytes are held to the budget, times are told.
func TestLargeProjectStaysInBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 160 MB of artifacts")
	}
	dir := t.TempDir()
	if err := sitetest.Write(dir, sitetest.Large); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	p, err := load(InTarget(dir))
	if err != nil {
		t.Fatal(err)
	}
	read := time.Since(start)
	files, err := filesOf(InTarget(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	built := time.Since(start) - read
	columns := 0
	for _, n := range p.nodes {
		columns += len(n.columns)
	}
	if len(p.nodes) < 40_000 || columns < 150_000 {
		t.Fatalf("%d nodes and %d columns are not the project this is about", len(p.nodes), columns)
	}
	first := len(files["index.html"]) + len(files["site/app.js"])
	if first > 250<<10 {
		t.Errorf("the first page is %d bytes", first)
	}
	pages, largest, total := 0, 0, 0
	for name, data := range files {
		total += len(data)
		if len(name) > 7 && name[:7] == "site/p/" {
			pages++
			largest = max(largest, len(data))
		}
	}
	if largest > 100<<10 {
		t.Errorf("the largest shard is %d bytes", largest)
	}
	t.Logf("read %.2fs, read and build %.2fs; first page %d kB, largest of %d shards %d kB, core %d kB, search %d kB, tests %d kB, all %d MB",
		read.Seconds(), built.Seconds(), first>>10, pages, largest>>10, len(files["site/core.js"])>>10, len(files["site/search.js"])>>10, len(files["site/tests.js"])>>10, total>>20)
}
