package check

// Artifact is column_lineage.json.
type Artifact struct {
	Metadata ArtifactMetadata        `json:"metadata"`
	Nodes    map[string]ArtifactNode `json:"nodes"` // by unique_id
}

// ArtifactMetadata says who wrote an artifact.
type ArtifactMetadata struct {
	MillraceVersion string `json:"millrace_version"`
	GeneratedAt     string `json:"generated_at"`
	InvocationID    string `json:"invocation_id"`
}

// ArtifactNode is what the columns of one node are made from. Exact says that it is proven.
type ArtifactNode struct {
	Exact   bool                    `json:"exact"`
	Columns map[string][]FromColumn `json:"columns"`
	Rows    []FromColumn            `json:"rows,omitempty"` // what decides which rows there are
}

// FromColumn is a column that another one is made from: unique_id, name and kind.
type FromColumn [3]string

// Artifact gives the lineage of a report.
func (r *Report) Artifact(m ArtifactMetadata) *Artifact {
	a := &Artifact{Metadata: m, Nodes: map[string]ArtifactNode{}}
	for _, e := range r.Edges() {
		n, ok := a.Nodes[e.To.Node]
		if !ok {
			n = ArtifactNode{Exact: e.Exact, Columns: map[string][]FromColumn{}}
			a.Nodes[e.To.Node] = n
		}
		if e.To.Name == "" {
			n.Rows = append(n.Rows, FromColumn{e.From.Node, e.From.Name, e.Kind.String()})
			a.Nodes[e.To.Node] = n
			continue
		}
		n.Columns[e.To.Name] = append(n.Columns[e.To.Name], FromColumn{e.From.Node, e.From.Name, e.Kind.String()})
	}
	return a
}
