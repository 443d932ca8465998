package follow

import (
	"context"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// Behind are the streams of which some of the given models have not taken everything in.
func (f *Follower) Behind(ctx context.Context, models []string) ([]string, error) {
	c, err := f.session.Engine.Conn(ctx, "stream ledger")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	behind := map[string]bool{}
	for _, id := range models {
		n := f.session.Manifest.Nodes[id]
		if n == nil || !f.Follows(n) {
			continue
		}
		positions, err := f.ledger.ModelPositions(ctx, c, f.name(id))
		if err != nil {
			return nil, err
		}
		for _, root := range f.streamsAbove(id) {
			direct, ok := positions[f.name(root)]
			up, err := f.ledger.Upper(ctx, c, root, direct.Frontier)
			if err != nil {
				return nil, err
			}
			switch {
			case len(positions) == 0, ok && !ledger.Empty(direct.Frontier, up):
				behind[root] = true
			case !ok: // it reads the stream through another relation
				for _, p := range positions {
					behind[root] = behind[root] || before(p.Frontier, up)
				}
			}
		}
	}
	if err := c.Rollback(ctx); err != nil {
		return nil, err
	}
	var out []string
	for _, id := range f.session.Manifest.Order.Sources {
		if behind[id] {
			out = append(out, id)
		}
	}
	return out, nil
}

// before reports that a frontier is behind another one in a partition that both know.
func before(f, up ledger.Frontier) bool {
	for topic, partitions := range up.Offsets {
		for part, next := range partitions {
			if at, ok := f.Offsets[topic][part]; ok && at < next {
				return true
			}
		}
	}
	return false
}

// streamsAbove are the streams that a node hangs below.
func (f *Follower) streamsAbove(id string) []string {
	var out []string
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		if src := f.session.Manifest.Sources[id]; src != nil {
			if declare.Has(src) {
				out = append(out, id)
			}
			return
		}
		if n := f.session.Manifest.Nodes[id]; n != nil {
			for _, up := range n.DependsOn.Nodes {
				visit(up)
			}
		}
	}
	visit(id)
	return out
}
