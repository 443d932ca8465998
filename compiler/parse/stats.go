package parse

import (
	"sync/atomic"
	"time"
)

// Stats says where the time of a parse went.
type Stats struct {
	Rendered, Static          int // node bodies that were rendered, and that need not be
	Nodes, Tests, SchemaFiles int
	Macros, Bodies, Schema    time.Duration
	Resolve, Total            time.Duration

	rendered, static atomic.Int64
}

func (s *Stats) countRendered() { s.rendered.Add(1) }
func (s *Stats) countStatic()   { s.static.Add(1) }

func (s *Stats) finish(p *parser) {
	s.Rendered, s.Static = int(s.rendered.Load()), int(s.static.Load())
	s.Nodes, s.Tests = len(p.drafts), len(p.tests)
}

// CostPerNode is the average time a node or test took.
func (s *Stats) CostPerNode() time.Duration {
	if n := s.Nodes + s.Tests; n > 0 {
		return s.Total / time.Duration(n)
	}
	return 0
}
