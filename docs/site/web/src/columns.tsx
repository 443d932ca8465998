import { page } from "./data";
import type { ColumnEdge } from "./format";
import { link, toNode } from "./route";
import { Failed, Glyph, Loading, typeOf, useAsync } from "./ui";

const DEPTH = 12, MOST = 400;

export const toColumn = (id: string, column: string) => link(["column", id, column]);
export const nameOf = (id: string) => id.split(".").slice(2).join(".") || id;

/** Kind says how a column is made from another one, and when that is only likely. */
export function Kind({ edge }: { edge: ColumnEdge }) {
  return <><span class="badge">{edge[3]}</span>{edge[4] && <> <span class="badge warn" title="The query could not be judged as a whole, so this is likely but not proven">approximate</span></>}</>;
}

interface Step { node: string; column: string; depth: number; edge: ColumnEdge; of: string }

/** walk follows a column through the pages of the nodes it passes, nearest first, each column once. */
async function walk(node: string, column: string, side: "colEdges" | "colUses"): Promise<{ steps: Step[]; more: boolean }> {
  const key = (n: string, c: string) => n + " " + c.toLowerCase();
  const seen = new Set([key(node, column)]), steps: Step[] = [];
  let layer = [[node, column] as const], more = false;
  for (let depth = 1; layer.length > 0 && depth <= DEPTH; depth++) {
    const next: (readonly [string, string])[] = [];
    const pages = await Promise.all(layer.map(([n]) => page(n)));
    layer.forEach(([n, c], k) => {
      for (const edge of pages[k]?.[side] ?? []) {
        if (edge[0].toLowerCase() !== c.toLowerCase()) continue;
        if (steps.length === MOST) { more = true; continue; }
        steps.push({ node: edge[1], column: edge[2], depth, edge, of: `${nameOf(n)}.${edge[0]}` });
        if (!seen.has(key(edge[1], edge[2]))) { seen.add(key(edge[1], edge[2])); next.push([edge[1], edge[2]]); }
      }
    });
    layer = next;
  }
  return { steps, more: more || layer.length > 0 };
}

/** ColumnPage is one column: everything it is made from and everything that is made from it. */
export function ColumnPage({ id, column }: { id: string; column: string }) {
  const { value, error } = useAsync(async () => ({ p: await page(id), up: await walk(id, column, "colEdges"), down: await walk(id, column, "colUses") }), [id, column]);
  if (error) return <Failed error={error} />;
  if (!value) return <Loading />;
  const known = value.p?.cols?.some((c) => c.n.toLowerCase() === column.toLowerCase());
  if (!value.p || !known && value.up.steps.length + value.down.steps.length === 0) return <div class="narrow"><h1 tabIndex={-1}>Not here</h1><p>There is no column <code>{column}</code> in <code>{id}</code>.</p></div>;
  const side = (title: string, empty: string, w: { steps: Step[]; more: boolean }) => <section aria-label={title}><h2>{title} <span class="count">{w.steps.length}</span></h2>
    {w.steps.length === 0 ? <p class="dim">{empty}</p> : [...new Set(w.steps.map((s) => s.depth))].map((d) => <><h3>{d} {d === 1 ? "step" : "steps"}</h3>
      <ul class="plain">{w.steps.filter((s) => s.depth === d).map((s) => <li><a class="node" href={toColumn(s.node, s.column)}><Glyph type={typeOf(s.node)} /><span>{nameOf(s.node)}.{s.column}</span></a> <Kind edge={s.edge} />{d > 1 && <span class="dim"> by {s.of}</span>}</li>)}</ul></>)}
    {w.more && <p class="dim">There is more beyond; go on from a column above.</p>}</section>;
  return <div class="lineage">
    <div class="toolbar"><h1 tabIndex={-1}>Lineage of <a href={toNode(id)}>{nameOf(id)}</a>.{column}</h1>
      <p class="note">passthrough: unchanged · transform: computed · aggregate: of many rows · filter: decides which rows · unknown: not traced</p></div>
    <div class="lists">{side("Comes from", "Nothing is known of what it is made from.", value.up)}{side("Goes to", "Nothing is known to use it.", value.down)}</div>
  </div>;
}
