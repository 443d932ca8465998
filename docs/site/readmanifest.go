package site

import (
	"fmt"
	"runtime"
	"sort"
	"strings"
	"sync"

	"github.com/millrace/millrace/docs/site/scan"
)

// section is one node of the manifest that waits to be decoded.
type section struct {
	what string
	text []byte
}

// readManifest finds the nodes in one pass and decodes them on all cores.
func (p *project) readManifest(text []byte) error {
	var todo []section
	c := scan.New(text)
	isManifest := false
	c.Object(func(key string) {
		switch key {
		case "metadata":
			c.Object(func(key string) {
				switch key {
				case "dbt_schema_version":
					isManifest = strings.Contains(c.String(), "/manifest/")
				case "project_name":
					p.name = c.String()
				case "adapter_type":
					p.adapter = c.String()
				case "generated_at":
					p.generated = c.String()
				case "dbt_version":
					p.dbtVersion = c.String()
				}
			})
		case "nodes", "sources", "macros", "exposures", "metrics", "groups", "semantic_models", "saved_queries", "unit_tests", "functions", "docs":
			c.Object(func(string) { todo = append(todo, section{key, c.Raw()}) })
		}
	})
	if err := c.End(); err != nil {
		return err
	}
	if !isManifest {
		return fmt.Errorf("this is not a manifest of dbt: metadata.dbt_schema_version does not name one")
	}
	return p.decode(todo)
}

func (p *project) decode(todo []section) error {
	nodes := make([]*node, len(todo))
	errs := make([]error, len(todo))
	workers := max(1, runtime.GOMAXPROCS(0))
	step := max(64, (len(todo)+workers*8-1)/(workers*8))
	var wait sync.WaitGroup
	limit := make(chan struct{}, workers)
	for start := 0; start < len(todo); start += step {
		wait.Add(1)
		limit <- struct{}{}
		go func() {
			defer func() { <-limit; wait.Done() }()
			for i := start; i < min(start+step, len(todo)); i++ {
				if todo[i].what != "docs" {
					nodes[i], errs[i] = readNode(todo[i].text)
				}
			}
		}()
	}
	wait.Wait()
	p.packageDocs = map[string]raw{}
	for i, s := range todo {
		if errs[i] != nil {
			return errs[i]
		}
		if s.what == "docs" {
			if err := p.readDoc(s.text); err != nil {
				return err
			}
		} else if nodes[i] != nil {
			p.nodes = append(p.nodes, nodes[i])
		}
	}
	sort.Slice(p.nodes, func(i, j int) bool { return p.nodes[i].id < p.nodes[j].id })
	return nil
}

// readDoc keeps the docs blocks that are pages: __overview__, and __package__ for a package.
func (p *project) readDoc(text []byte) error {
	var name, pkg string
	var contents raw
	c := scan.New(text)
	c.Object(func(key string) {
		switch key {
		case "name":
			name = c.String()
		case "package_name":
			pkg = c.String()
		case "block_contents":
			contents = c.Raw()
		}
	})
	if c.Err() != nil {
		return c.Err()
	}
	if name == "__overview__" {
		// The project's own block beats an installed package's, which beats dbt's.
		rank := 1
		switch {
		case pkg == p.name:
			rank = 3
		case pkg != "dbt":
			rank = 2
		}
		if pkg != "dbt" && rank > p.overviewRank {
			p.overview, p.overviewRank = contents, rank
		}
		return nil
	}
	if inner, ok := strings.CutPrefix(name, "__"); ok {
		if inner, ok = strings.CutSuffix(inner, "__"); ok {
			p.packageDocs[inner] = contents
		}
	}
	return nil
}

// passedOn are keys of a node that pages show as they stand in the artifact.
var passedOn = map[string]string{
	"raw_code": "raw", "compiled_code": "compiled", "language": "language", "meta": "meta", "constraints": "constraints",
	"freshness": "criteria", "loaded_at_field": "loaded_at_field", "loader": "loader", "identifier": "identifier",
	"url": "url", "maturity": "maturity", "type": "kind", "macro_sql": "raw", "arguments": "arguments",
	"deprecation_date": "deprecation", "source_description": "source_description", "label": "title",
	"type_params": "type_params", "filter": "filter", "entities": "entities", "measures": "measures", "dimensions": "dimensions",
	"query_params": "query_params", "exports": "exports", "given": "given", "expect": "expect", "overrides": "overrides",
	"primary_key": "primary_key", "patch_path": "patch_path", "unrendered_config": "configured", "time_granularity": "time_granularity",
	"returns": "returns", "node_relation": "node_relation", "defaults": "defaults", "model": "model",
}

func empty(v []byte) bool {
	switch string(v) {
	case "", "null", "{}", "[]", `""`, "false":
		return true
	}
	return false
}

func readNode(text []byte) (*node, error) {
	n := &node{}
	c := scan.New(text)
	var resource, sourceName string
	c.Object(func(key string) {
		switch key {
		case "unique_id":
			n.id = c.String()
		case "resource_type":
			resource = c.String()
		case "name":
			n.name = c.String()
		case "package_name":
			n.pkg = c.String()
		case "original_file_path":
			n.path = c.String()
		case "alias":
			n.alias = c.String()
		case "database":
			n.database = c.String()
		case "schema":
			n.schema = c.String()
		case "relation_name":
			n.relation = c.String()
		case "source_name":
			sourceName = c.String()
		case "access":
			n.access = c.String()
		case "group":
			n.group = c.String()
		case "version":
			n.version = c.Text()
		case "latest_version":
			n.latest = c.Text()
		case "tags":
			n.tags = c.Strings()
		case "description":
			n.description = c.Raw()
			n.hasDescription = !empty(n.description)
		case "columns":
			n.readColumns(c)
		case "depends_on":
			c.Object(func(key string) {
				switch key {
				case "nodes":
					n.depends = c.Strings()
				case "macros":
					n.macros = c.Strings()
				}
			})
		case "config":
			n.readConfig(c)
		case "owner":
			n.readOwner(c)
		case "attached_node":
			n.attached = c.String()
		case "column_name":
			n.columnName = c.String()
		case "test_metadata":
			n.readTestMetadata(c)
		default:
			if name, ok := passedOn[key]; ok {
				if v := c.Raw(); !empty(v) {
					n.facts = append(n.facts, fact{name, v})
				}
			}
		}
	})
	if c.Err() != nil {
		return nil, c.Err()
	}
	k, ok := kindOf(resource)
	if !ok || n.id == "" {
		return nil, nil // hooks (operation), docs and what later versions add have no page
	}
	n.kind = k
	n.finish(sourceName)
	return n, nil
}

// finish derives what depends on several keys.
func (n *node) finish(sourceName string) {
	if n.hasDescription {
		n.descriptionText, _ = scan.Unquote(n.description)
		n.hasDescription = strings.TrimSpace(n.descriptionText) != ""
	}
	n.label = n.name
	switch {
	case n.kind == kindSource && sourceName != "":
		n.label = sourceName + "." + n.name
	case n.version != "":
		n.label = n.name + ".v" + n.version
	}
	if n.owner == "" {
		for _, f := range n.facts {
			if f.key == "meta" {
				n.ownerFromMeta(f.value)
			}
		}
	}
}

// ownerFromMeta reads meta.owner, the common way to name an owner of a model: a name, or an
// object with name and email.
func (n *node) ownerFromMeta(meta raw) {
	c := scan.New(meta)
	c.Object(func(key string) {
		if key == "owner" {
			n.readOwner(c)
		}
	})
}

func (n *node) readOwner(c *scan.Cursor) {
	value := c.Raw()
	if empty(value) {
		return
	}
	if value[0] == '"' {
		n.owner, _ = scan.Unquote(value)
		return
	}
	inner := scan.New(value)
	inner.Object(func(key string) {
		switch key {
		case "name":
			n.owner = inner.String()
		case "email":
			n.ownerEmail = strings.Join(inner.Strings(), ", ")
		}
	})
	if n.owner == "" {
		n.owner = n.ownerEmail
	}
}

func (n *node) readConfig(c *scan.Cursor) {
	c.Object(func(key string) {
		switch key {
		case "materialized":
			n.materialized = c.String()
		case "severity":
			n.severity = strings.ToLower(c.String())
		case "group":
			if g := c.String(); g != "" {
				n.group = g
			}
		case "contract":
			c.Object(func(key string) {
				if key == "enforced" {
					n.enforced = c.Bool()
				}
			})
		case "grants", "unique_key", "incremental_strategy", "on_schema_change", "partition_by", "cluster_by", "where", "warn_if", "error_if", "limit",
			"store_failures", "strategy", "updated_at", "check_cols", "loaded_at_query", "event_time", "batch_size", "begin":
			if v := c.Raw(); !empty(v) {
				n.facts = append(n.facts, fact{"config." + key, v})
			}
		case "meta":
			if v := c.Raw(); !empty(v) && n.owner == "" {
				n.ownerFromMeta(v)
			}
		}
	})
}

func (n *node) readColumns(c *scan.Cursor) {
	c.Object(func(key string) {
		col := column{name: key}
		c.Object(func(key string) {
			switch key {
			case "name":
				if s := c.String(); s != "" {
					col.name = s
				}
			case "description":
				col.description = c.Raw()
				if !empty(col.description) {
					col.text, _ = scan.Unquote(col.description)
				}
			case "data_type":
				col.dataType = c.String()
			case "constraints", "tags", "meta", "quote", "granularity":
				if v := c.Raw(); !empty(v) {
					col.facts = append(col.facts, fact{key, v})
				}
			}
		})
		col.key = strings.ToLower(col.name)
		n.columns = append(n.columns, col)
	})
}

func (n *node) readTestMetadata(c *scan.Cursor) {
	var namespace string
	c.Object(func(key string) {
		switch key {
		case "name":
			n.testName = c.String()
		case "namespace":
			namespace = c.String()
		case "kwargs":
			v := c.Raw()
			inner := scan.New(v)
			inner.Object(func(key string) {
				switch key {
				case "field":
					n.toField = inner.Text()
				case "column_name":
					if n.columnName == "" {
						n.columnName = inner.Text()
					}
				}
			})
			n.facts = append(n.facts, fact{"arguments", v})
		}
	})
	if namespace != "" {
		n.testName = namespace + "." + n.testName
	}
}
