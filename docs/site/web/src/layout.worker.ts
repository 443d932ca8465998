import { Graph, layout } from "@dagrejs/dagre";

export interface Job { id: number; nodes: [width: number, height: number][]; edges: [number, number][]; rank: number }
export interface Placed { id: number; nodes: [x: number, y: number][]; edges: [number, number][][]; width: number; height: number }

// Layered from left to right; names stand for nodes so that messages stay small.
self.onmessage = (e: MessageEvent<Job>) => {
  const { id, nodes, edges, rank } = e.data;
  const g = new Graph({ multigraph: false });
  g.setGraph({ rankdir: "LR", nodesep: 14, ranksep: rank, marginx: 24, marginy: 24 });
  g.setDefaultEdgeLabel(() => ({}));
  nodes.forEach(([width, height], i) => g.setNode(String(i), { width, height }));
  for (const [a, b] of edges) g.setEdge(String(a), String(b));
  layout(g);
  const label = g.graph() as { width?: number; height?: number };
  const placed: Placed = {
    id, width: label.width ?? 0, height: label.height ?? 0,
    nodes: nodes.map((_, i) => { const n = g.node(String(i)) as { x: number; y: number }; return [n.x, n.y]; }),
    edges: edges.map(([a, b]) => {
      // Edges leave on the right and arrive on the left; between ranks they keep the way that crosses least.
      const { points } = g.edge(String(a), String(b)) as { points: { x: number; y: number }[] };
      const from = g.node(String(a)) as { x: number; y: number }, to = g.node(String(b)) as { x: number; y: number };
      const back = to.x < from.x ? -1 : 1;
      const way = points.length > 3 ? points.slice(1, -1).map((p): [number, number] => [p.x, p.y]) : [];
      return [[from.x + (back * nodes[a]![0]) / 2, from.y], ...way, [to.x - (back * nodes[b]![0]) / 2, to.y]];
    }),
  };
  self.postMessage(placed);
};
