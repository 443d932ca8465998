package dag

// Ancestors are the nodes from which a member of from can be reached over at most depth
// edges; depth < 0 is no limit. A member itself is included only when it is an ancestor
// of another member. Test edges do not count.
func (g *Graph) Ancestors(from Set, depth int) Set { return g.reach(from, depth, g.up) }

// Descendants are the nodes that can be reached from a member over at most depth edges;
// depth < 0 is no limit. Test edges do not count.
func (g *Graph) Descendants(from Set, depth int) Set { return g.reach(from, depth, g.down) }

func (g *Graph) reach(from Set, depth int, next adjacency) Set {
	found := g.NewSet()
	var layer, following []int32
	from.Each(func(i int) { layer = append(layer, int32(i)) })
	for ; len(layer) > 0 && depth != 0; depth-- {
		following = following[:0]
		for _, i := range layer {
			for _, j := range next.of(int(i)) {
				if !found.Has(int(j)) {
					found.Add(int(j))
					following = append(following, j)
				}
			}
		}
		layer, following = following, layer
	}
	return found
}

// ChildrensParents is the selector's @: the set, its descendants, and all ancestors of those.
func (g *Graph) ChildrensParents(from Set) Set {
	all := g.Descendants(from, -1)
	all.Union(from)
	all.Union(g.Ancestors(all, -1))
	return all
}

// Successors are the direct children of the members.
func (g *Graph) Successors(from Set) Set {
	found := g.NewSet()
	from.Each(func(i int) {
		for _, j := range g.down.of(i) {
			found.Add(int(j))
		}
	})
	return found
}

// Dependents is everything that must not run when node i failed: all nodes behind it,
// over test edges too.
func (g *Graph) Dependents(i int) Set {
	found := g.NewSet()
	stack := []int32{int32(i)}
	visit := func(to []int32) {
		for _, j := range to {
			if !found.Has(int(j)) {
				found.Add(int(j))
				stack = append(stack, j)
			}
		}
	}
	for len(stack) > 0 {
		k := int(stack[len(stack)-1])
		stack = stack[:len(stack)-1]
		visit(g.down.of(k))
		visit(g.tests.of(k))
	}
	return found
}
