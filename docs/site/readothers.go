package site

import (
	"sort"
	"strings"

	"github.com/millrace/millrace/docs/site/scan"
)

// readCatalog reads the tables of catalog.json.
func readCatalog(text []byte) (map[string]*catalogTable, error) {
	tables := map[string]*catalogTable{}
	c := scan.New(text)
	c.Object(func(key string) {
		if key == "nodes" || key == "sources" {
			c.Object(func(id string) { tables[id] = readCatalogTable(c) })
		}
	})
	return tables, c.End()
}

func readCatalogTable(c *scan.Cursor) *catalogTable {
	t := &catalogTable{}
	c.Object(func(key string) {
		switch key {
		case "metadata":
			c.Object(func(key string) {
				switch key {
				case "type":
					t.kind = c.String()
				case "owner":
					t.owner = c.String()
				case "comment":
					t.comment = c.String()
				}
			})
		case "columns":
			c.Object(func(name string) {
				col := catalogColumn{name: name}
				c.Object(func(key string) {
					switch key {
					case "name":
						col.name = c.String()
					case "type":
						col.kind = c.String()
					case "comment":
						col.comment = c.String()
					case "index":
						f, _ := c.Float()
						col.index = int(f)
					}
				})
				t.columns = append(t.columns, col)
			})
		case "stats":
			t.stats = c.Raw()
		}
	})
	sort.SliceStable(t.columns, func(i, j int) bool { return t.columns[i].index < t.columns[j].index })
	return t
}

// readRun reads a run_results.json.
func readRun(text []byte) (*run, error) {
	r := &run{results: map[string]*result{}}
	c := scan.New(text)
	c.Object(func(key string) {
		switch key {
		case "metadata":
			c.Object(func(key string) {
				switch key {
				case "generated_at":
					r.at = c.String()
				case "dbt_version":
					r.version = c.String()
				}
			})
		case "elapsed_time":
			r.elapsed, _ = c.Float()
		case "args":
			c.Object(func(key string) {
				if key == "which" {
					r.command = c.String()
				}
			})
		case "results":
			c.Array(func() {
				id, one := readResult(c)
				one.at = r.at
				r.results[id] = one
			})
		}
	})
	return r, c.End()
}

func readResult(c *scan.Cursor) (string, *result) {
	var id string
	r := &result{}
	c.Object(func(key string) {
		switch key {
		case "unique_id":
			id = c.String()
		case "status":
			r.status = c.String()
		case "message":
			r.message = c.Text()
		case "execution_time":
			r.seconds, _ = c.Float()
		case "failures":
			r.failures = number(c.Raw())
		case "adapter_response":
			c.Object(func(key string) {
				if key == "rows_affected" {
					r.rows = number(c.Raw())
				}
			})
		}
	})
	return id, r
}

// number keeps a raw value that is a number: a page must not get NaN, which is not JSON.
func number(v []byte) raw {
	if len(v) == 0 || strings.IndexByte("-0123456789", v[0]) < 0 || v[len(v)-1] == 'y' {
		return nil
	}
	return v
}

// readFreshness reads sources.json.
func (p *project) readFreshness(text []byte) error {
	p.freshness, p.freshnessStatus = map[string]raw{}, map[string]string{}
	c := scan.New(text)
	c.Object(func(key string) {
		if key != "results" {
			return
		}
		c.Array(func() {
			one := c.Raw()
			var id, status string
			inner := scan.New(one)
			inner.Object(func(key string) {
				switch key {
				case "unique_id":
					id = inner.String()
				case "status":
					status = inner.String()
				}
			})
			p.freshness[id], p.freshnessStatus[id] = one, status
		})
	})
	return c.End()
}

// readStreams reads the status of live models: {"streams": {unique_id: {…}}}.
func (p *project) readStreams(text []byte) error {
	p.streams = map[string]raw{}
	c := scan.New(text)
	c.Object(func(key string) {
		if key == "streams" {
			c.Object(func(id string) { p.streams[id] = c.Raw() })
		}
	})
	return c.End()
}

// readLineage reads column_lineage.json: {"nodes": {unique_id: {"exact": true, "columns":
// {name: [[from unique_id, from name, kind]]}}}}.
func (p *project) readLineage(text []byte) error {
	c := scan.New(text)
	c.Object(func(key string) {
		if key != "nodes" {
			return
		}
		c.Object(func(id string) {
			exact := false
			var edges []columnEdge
			c.Object(func(key string) {
				switch key {
				case "exact":
					exact = c.Bool()
				case "columns":
					c.Object(func(column string) {
						c.Array(func() { edges = append(edges, readEdge(c, column)) })
					})
				}
			})
			for i := range edges {
				edges[i].node, edges[i].approximate = id, !exact
			}
			p.edges[id] = edges
		})
	})
	return c.End()
}

func readEdge(c *scan.Cursor, column string) columnEdge {
	e := columnEdge{column: column}
	if parts := c.Strings(); len(parts) == 3 {
		e.fromNode, e.fromColumn, e.kind = parts[0], parts[1], parts[2]
	}
	return e
}
