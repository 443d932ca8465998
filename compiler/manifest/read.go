package manifest

import (
	"fmt"
	"strconv"
	"strings"
)

// fromArtifact rebuilds a manifest from manifest.json. Positions in files are not in the
// artifact and stay unset.
func fromArtifact(r record) (*Manifest, map[string]string, error) {
	meta := r.sub("metadata")
	if err := checkSchema(meta.str("dbt_schema_version")); err != nil {
		return nil, nil, err
	}
	m := New(meta.str("project_name"), meta.str("adapter_type"))
	m.Quoting = meta.dict("quoting")
	if selectors := r.dict("selectors"); selectors != nil {
		m.Selectors = selectors
	}
	compiled := map[string]string{}
	node := func(id string, item record) {
		m.Nodes[id] = item.node()
		m.Order.Nodes = append(m.Order.Nodes, id)
		if code := item.str("compiled_code"); code != "" {
			compiled[id] = code
		}
	}
	r.each("nodes", node)
	r.each("functions", node)
	r.each("sources", func(id string, item record) {
		m.Sources[id] = item.source()
		m.Order.Sources = append(m.Order.Sources, id)
	})
	r.each("macros", func(id string, item record) {
		m.Macros[id] = item.macro()
		m.Order.Macros = append(m.Order.Macros, id)
	})
	r.each("exposures", func(id string, item record) {
		m.Exposures[id] = item.exposure()
		m.Order.Exposures = append(m.Order.Exposures, id)
	})
	r.each("groups", func(id string, item record) {
		m.Groups[id] = &Group{
			UniqueID: id, Name: item.str("name"), PackageName: item.str("package_name"), Path: item.str("path"),
			OriginalFilePath: item.str("original_file_path"), Description: item.str("description"),
			Owner: item.dict("owner"), Config: item.dict("config"),
		}
		m.Order.Groups = append(m.Order.Groups, id)
	})
	r.each("unit_tests", func(id string, item record) {
		m.UnitTests[id] = item.unitTest()
		m.Order.UnitTests = append(m.Order.UnitTests, id)
	})
	r.each("docs", func(id string, item record) {
		m.Docs[id] = &Doc{
			UniqueID: id, Name: item.str("name"), PackageName: item.str("package_name"), Path: item.str("path"),
			OriginalFilePath: item.str("original_file_path"), Contents: item.str("block_contents"),
		}
		m.Order.Docs = append(m.Order.Docs, id)
	})
	for _, part := range []struct {
		key   string
		kind  ResourceType
		by    map[string]*Generic
		order *[]string
	}{
		{"metrics", MetricType, m.Metrics, &m.Order.Metrics},
		{"semantic_models", SemanticModel, m.SemanticModels, &m.Order.SemanticModels},
		{"saved_queries", SavedQuery, m.SavedQueries, &m.Order.SavedQueries},
	} {
		r.each(part.key, func(id string, item record) {
			part.by[id] = item.generic(part.kind)
			*part.order = append(*part.order, id)
		})
	}
	m.readDisabled(r)
	m.Finish(m.ProjectName)
	return m, compiled, nil
}

func (m *Manifest) readDisabled(r record) {
	disabled := r.sub("disabled")
	if disabled.Dict == nil {
		return
	}
	for k := range disabled.All() {
		id, _ := k.AsString()
		for _, item := range disabled.records(id) {
			m.Disabled[id] = append(m.Disabled[id], item.resource())
		}
		m.Order.Disabled = append(m.Order.Disabled, id)
	}
}

// checkSchema accepts the manifest versions that dbt itself still reads.
func checkSchema(version string) error {
	number := version[strings.LastIndexByte(version, '/')+1:]
	number = strings.TrimSuffix(strings.TrimPrefix(number, "v"), ".json")
	n, err := strconv.Atoi(number)
	if err != nil || !strings.Contains(version, "/manifest/") {
		return fmt.Errorf("%q is not a manifest schema version", version)
	}
	if n < 4 || n > 12 {
		return fmt.Errorf("manifest schema v%d is not supported: v4 to v12 are", n)
	}
	return nil
}
