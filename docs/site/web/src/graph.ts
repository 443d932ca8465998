import type { Graph } from "./data";

/** around finds what is at most up steps before and down steps after a doc, nearest first. */
export function around(g: Graph, focus: number, up: number, down: number, limit: number): { nodes: Map<number, number>; left: number } {
  const nodes = new Map([[focus, 0]]);
  let left = 0;
  const sides = [{ step: 1, far: down, edge: [focus] }, { step: -1, far: up, edge: [focus] }];
  for (let d = 1; sides.some((s) => d <= s.far && s.edge.length > 0); d++) {
    for (const s of sides) {
      if (d > s.far) continue;
      const next: number[] = [];
      for (const i of s.edge) {
        for (const j of s.step > 0 ? g.children(i) : g.parents(i)) {
          if (nodes.has(j)) continue;
          if (nodes.size >= limit) { left++; continue; }
          nodes.set(j, d * s.step);
          next.push(j);
        }
      }
      s.edge = next;
    }
  }
  return { nodes, left };
}

/** reach is everything before (back) or after a doc, itself included. */
export function reach(g: Graph, from: number, back: boolean): Set<number> {
  const seen = new Set([from]);
  const stack = [from];
  while (stack.length > 0) {
    const i = stack.pop()!;
    for (const j of back ? g.parents(i) : g.children(i)) {
      if (!seen.has(j)) { seen.add(j); stack.push(j); }
    }
  }
  return seen;
}

/** between is what lies on any path from a to b, in either direction, and one shortest path. */
export function between(g: Graph, a: number, b: number): { nodes: Set<number>; path: number[] } {
  for (const [x, y] of [[a, b], [b, a]] as const) {
    const after = reach(g, x, false);
    if (!after.has(y)) continue;
    const nodes = new Set([...reach(g, y, true)].filter((i) => after.has(i)));
    return { nodes, path: shortest(g, x, y) };
  }
  return { nodes: new Set([a, b]), path: [] };
}

function shortest(g: Graph, a: number, b: number): number[] {
  const from = new Map([[a, -1]]);
  let edge = [a];
  while (edge.length > 0 && !from.has(b)) {
    const next: number[] = [];
    for (const i of edge) for (const j of g.children(i)) if (!from.has(j)) { from.set(j, i); next.push(j); }
    edge = next;
  }
  const path: number[] = [];
  for (let i = b; i >= 0; i = from.get(i) ?? -1) path.unshift(i);
  return path;
}
