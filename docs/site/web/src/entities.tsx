import { useEffect, useMemo, useState } from "preact/hooks";
import { entities, graph, head, type Graph } from "./data";
import { STATUS, type Entity } from "./format";
import { place, type Placed } from "./layout";
import { go, link, toNode, type Route } from "./route";
import { Failed, Loading, NodeLink, Scroll, Status, useAsync } from "./ui";
import { Edges, Viewport } from "./viewport";

// A diagram of more tables than this is a wall, not a picture.
const LIMIT = 80;

interface Box { id: string; label: string; columns: string[] }

/** Entities draws tables and the keys between them, as relationships tests assert them. */
export function Entities({ route }: { route: Route }) {
  const { value, error } = useAsync(() => Promise.all([entities(), graph()]), []);
  const focus = route.query.get("focus") ?? "";
  if (error) return <Failed error={error} />;
  if (!value) return <Loading />;
  const [all, g] = value;
  if (all.length === 0) return <div class="narrow"><h1 tabIndex={-1}>Entities</h1><p>There are no <code>relationships</code> tests, so nothing says how tables belong together. Add one to a foreign key and it appears here.</p></div>;
  return <Diagram all={all} g={g} focus={focus} />;
}

function Diagram({ all, g, focus }: { all: Entity[]; g: Graph; focus: string }) {
  const label = (id: string) => g.labels[g.index(id)] ?? id;
  const names = useMemo(() => [...new Set(all.flatMap((e) => [e[0], e[2]]))].sort((a, b) => (label(a) < label(b) ? -1 : 1)), [all]);
  const shown = useMemo(() => {
    if (focus) return all.filter((e) => e[0] === focus || e[2] === focus);
    const keep = new Set<string>();
    return all.filter((e) => {
      const more = (keep.has(e[0]) ? 0 : 1) + (keep.has(e[2]) ? 0 : 1);
      if (keep.size + more > LIMIT) return false;
      keep.add(e[0]); keep.add(e[2]);
      return true;
    });
  }, [all, focus]);
  const boxes = useMemo(() => {
    const map = new Map<string, Box>();
    const add = (id: string, column: string) => {
      let b = map.get(id);
      if (!b) map.set(id, (b = { id, label: label(id), columns: [] }));
      if (column && !b.columns.includes(column)) b.columns.push(column);
    };
    for (const e of shown) { add(e[2], e[3]); add(e[0], e[1]); }
    return [...map.values()];
  }, [shown]);
  const [placed, setPlaced] = useState<{ boxes: Box[]; placed: Placed }>();
  const [error, setError] = useState<Error>();
  const size = (b: Box): [number, number] => [Math.min(300, Math.max(140, b.label.length * 8.6 + 44, ...b.columns.map((c) => c.length * 7.8 + 62))), 40 + b.columns.length * 24];
  useEffect(() => {
    let live = true;
    const at = new Map(boxes.map((b, i) => [b.id, i]));
    place(boxes.map(size), shown.filter((e) => e[0] !== e[2]).map((e) => [at.get(e[0])!, at.get(e[2])!]), 90).then((p) => live && setPlaced({ boxes, placed: p }), (e: Error) => live && setError(e));
    return () => { live = false; };
  }, [boxes]);
  const keys = new Set(shown.map((e) => e[2] + " " + e[3]));
  return <div class="lineage">
    <div class="toolbar"><h1 tabIndex={-1}>Entities</h1>
      <div class="controls"><label>Around <select value={focus} onChange={(e) => go(link(["entities"], { focus: e.currentTarget.value }), true)}>
        <option value="">all tables</option>{names.map((id) => <option value={id}>{label(id)}</option>)}</select></label></div>
      <p class="note" role="status">{shown.length} of {head.entities} relationships, as tests assert them.</p></div>
    {error ? <Failed error={error} /> : !placed ? <Loading /> : <Viewport placed={placed.placed} label={`Entity diagram of ${placed.boxes.length} tables; the table below says the same.`}>
      <Edges placed={placed.placed} />
      {placed.boxes.map((b, i) => {
        const [x, y] = placed.placed.nodes[i]!, [w, h] = size(b);
        return <div class="entity" data-node={b.id} style={{ left: x - w / 2 + "px", top: y - h / 2 + "px", width: w + "px", height: h + "px" }}><a href={toNode(b.id)}>{b.label}</a>
          <ul>{b.columns.map((c) => <li><span class="keymark">{keys.has(b.id + " " + c) ? "PK" : "FK"}</span> {c}</li>)}</ul></div>;
      })}
    </Viewport>}
    <Scroll label="Relationships"><table><caption class="sr">Relationships</caption><thead><tr><th>From</th><th>Column</th><th>To</th><th>Column</th><th>Test</th></tr></thead>
      <tbody>{shown.map((e) => <tr><td><NodeLink id={e[0]} label={label(e[0])} /></td><td><code>{e[1]}</code></td><td><NodeLink id={e[2]} label={label(e[2])} /></td><td><code>{e[3]}</code></td><td><a href={toNode(e[4])}><Status status={STATUS[e[5]]} /></a></td></tr>)}</tbody></table></Scroll>
  </div>;
}
