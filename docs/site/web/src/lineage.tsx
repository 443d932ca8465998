import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { graph, type Graph } from "./data";
import { STATUS } from "./format";
import { around, between } from "./graph";
import { place, type Placed } from "./layout";
import { go, link, toLineage, toNode, type Route } from "./route";
import { Failed, Glyph, Loading, NodeLink, Status, TYPE_NAMES, useAsync } from "./ui";
import { Edges, Viewport } from "./viewport";
import { Picker } from "./picker";

const LIMIT = 300;
const HOPS = 2;

interface State { focus: string; up: number; down: number; by: "" | "folder" | "group" | "package"; open: Set<string>; to: string; list: boolean }

function read(r: Route): State {
  const n = (k: string) => { const v = r.query.get(k); return v === null ? HOPS : Math.min(50, Math.max(0, Number.parseInt(v, 10) || 0)); };
  const by = r.query.get("by") ?? "";
  return {
    focus: r.path[1] ?? "", up: n("up"), down: n("down"), by: (["folder", "group", "package"].includes(by) ? by : "") as State["by"],
    open: new Set((r.query.get("open") ?? "").split(",").filter(Boolean)), to: r.query.get("to") ?? "", list: r.query.get("view") === "list",
  };
}

function url(s: State): string {
  return link(["lineage", s.focus], {
    up: s.up === HOPS ? undefined : s.up, down: s.down === HOPS ? undefined : s.down, by: s.by, open: [...s.open].sort().join(","), to: s.to, view: s.list ? "list" : undefined,
  });
}

/** Item is what is drawn: one doc, or a collapsed group of them. */
interface Item { key: string; label: string; docs: number[]; group: boolean }

export function Lineage({ route }: { route: Route }) {
  const { value: g, error } = useAsync(graph, []);
  const s = read(route);
  if (error) return <Failed error={error} />;
  if (!g) return <Loading />;
  const focus = s.focus ? g.index(s.focus) : -1;
  if (focus < 0) return <Start g={g} missing={s.focus} />;
  return <View g={g} s={s} focus={focus} />;
}

function Start({ g, missing }: { g: Graph; missing: string }) {
  // What most depends on is a good place to begin.
  const most = useMemo(() => Array.from({ length: g.length }, (_, i) => i)
    .filter((i) => g.at[i + 1]! > g.at[i]!)
    .sort((a, b) => degree(g, b) - degree(g, a) || a - b).slice(0, 12), [g]);
  return <div class="narrow">
    <h1 tabIndex={-1}>Lineage</h1>
    {missing && <p role="alert">Nothing is called <code>{missing}</code>.</p>}
    <p>Choose where to begin. The graph shows what is a few steps before and after it.</p>
    <Picker g={g} label="Begin at" onPick={(id) => go(toLineage(id))} />
    <h2>Most connected</h2>
    <ul class="plain cols2">{most.map((i) => <li><a class="node" href={toLineage(g.ids[i]!)}><Glyph type={g.kind(i)} /><span>{g.labels[i]}</span></a> <span class="dim">{degree(g, i)} connections</span></li>)}</ul>
  </div>;
}

const degree = (g: Graph, i: number) => g.at[i + 1]! - g.at[i]! + g.backAt[i + 1]! - g.backAt[i]!;

function View({ g, s, focus }: { g: Graph; s: State; focus: number }) {
  const [picking, setPicking] = useState(false);
  const shown = useMemo(() => choose(g, s, focus), [g, url(s)]);
  const set = (change: Partial<State>) => go(url({ ...s, ...change }), true);
  const hops = (label: string, key: "up" | "down") => <label>{label} <input type="number" min={0} max={50} value={s[key]} disabled={s.to !== ""}
    onChange={(e) => set({ [key]: Math.max(0, Number.parseInt(e.currentTarget.value, 10) || 0) })} /></label>;
  return <div class="lineage">
    <div class="toolbar">
      <h1 tabIndex={-1}>Lineage of <a href={toNode(s.focus)}>{g.labels[focus]}</a></h1>
      <div class="controls">
        {hops("Before", "up")} {hops("After", "down")}
        <label>Collapse <select value={s.by} onChange={(e) => set({ by: e.currentTarget.value as State["by"], open: new Set() })}>
          <option value="">nothing</option><option value="folder">folders</option><option value="group">groups</option><option value="package">packages</option>
        </select></label>
        {s.to
          ? <button onClick={() => set({ to: "" })}>Path to {g.labels[g.index(s.to)] ?? s.to} ✕<span class="sr"> (show surroundings again)</span></button>
          : <button aria-expanded={picking} onClick={() => setPicking(!picking)}>Path to…</button>}
        <div class="switch" role="group" aria-label="Show as">
          <button aria-pressed={!s.list} onClick={() => set({ list: false })}>Graph</button>
          <button aria-pressed={s.list} onClick={() => set({ list: true })}>List</button>
        </div>
      </div>
      {picking && <Picker g={g} label="Path to" autofocus onPick={(to) => { setPicking(false); set({ to }); }} />}
      <p class="note" role="status">
        {shown.note}
        {shown.left > 0 && <strong> {shown.left.toLocaleString("en")} more are left out; take fewer steps or collapse folders.</strong>}
      </p>
    </div>
    {s.list ? <List g={g} focus={focus} shown={shown} /> : <Drawing g={g} s={s} focus={focus} shown={shown} set={set} />}
  </div>;
}

interface Shown { items: Item[]; edges: [number, number][]; at: Map<number, number>; levels: Map<number, number>; left: number; path: Set<number>; note: string }

/** choose says what is drawn: the docs around the focus or on the way to another, collapsed as asked. */
function choose(g: Graph, s: State, focus: number): Shown {
  let docs: number[], levels = new Map<number, number>(), left = 0, path = new Set<number>(), note: string;
  const to = s.to ? g.index(s.to) : -1;
  if (to >= 0) {
    const b = between(g, focus, to);
    docs = [...b.nodes];
    path = new Set(b.path);
    note = b.path.length === 0 ? `There is no path between ${g.labels[focus]} and ${g.labels[to]}.`
      : `${docs.length} on any path, ${b.path.length - 1} steps on the shortest.`;
    if (docs.length > LIMIT && !s.by) {
      const keep = [...docs.filter((d) => path.has(d)), ...docs.filter((d) => !path.has(d))];
      left = docs.length - LIMIT;
      docs = keep.slice(0, LIMIT);
    }
    docs.forEach((d) => levels.set(d, 0));
  } else {
    const near = around(g, focus, s.up, s.down, s.by ? LIMIT * 20 : LIMIT);
    levels = near.nodes;
    docs = [...near.nodes.keys()];
    left = near.left;
    const before = docs.filter((d) => levels.get(d)! < 0).length, after = docs.filter((d) => levels.get(d)! > 0).length;
    note = `${before} before, ${after} after.`;
  }
  const items: Item[] = [], at = new Map<number, number>(), groups = new Map<string, Item>();
  for (const d of docs) {
    const name = s.by && d !== focus && d !== to ? groupName(g, d, s.by) : "";
    if (!name || s.open.has(name)) { at.set(d, items.length); items.push({ key: g.ids[d]!, label: g.labels[d]!, docs: [d], group: false }); continue; }
    // What lies before and what lies after the focus are not one group.
    const key = name + (levels.get(d)! < 0 ? "←" : "→");
    let item = groups.get(key);
    if (!item) { item = { key: name, label: name, docs: [], group: true }; groups.set(key, item); items.push(item); }
    item.docs.push(d);
    at.set(d, items.indexOf(item));
  }
  for (const i of items) if (i.group && i.docs.length === 1) Object.assign(i, { key: g.ids[i.docs[0]!]!, label: g.labels[i.docs[0]!]!, group: false });
  const seen = new Set<number>(), edges: [number, number][] = [];
  for (const d of docs) for (const c of g.children(d)) {
    const a = at.get(d)!, b = at.get(c);
    if (b === undefined || a === b || seen.has(a * 65536 + b)) continue;
    seen.add(a * 65536 + b);
    edges.push([a, b]);
  }
  return { items, edges, at, levels, left, path, note };
}

function groupName(g: Graph, d: number, by: State["by"]): string {
  switch (by) {
    case "folder": return g.text(g.folder, d) || g.kind(d);
    case "group": return g.text(g.group, d) || "no group";
    default: return g.text(g.pkg, d);
  }
}

const HEIGHT = 44;
const width = (label: string) => Math.min(280, Math.max(120, label.length * 8.3 + 62));

function Drawing({ g, s, focus, shown, set }: { g: Graph; s: State; focus: number; shown: Shown; set: (c: Partial<State>) => void }) {
  const [placed, setPlaced] = useState<{ shown: Shown; placed: Placed }>();
  const [error, setError] = useState<Error>();
  const [active, setActive] = useState<number>(-1);
  const refs = useRef<(HTMLElement | null)[]>([]);
  useEffect(() => {
    let live = true;
    place(shown.items.map((i) => [width(i.label), HEIGHT]), shown.edges).then((p) => live && setPlaced({ shown, placed: p }), (e: Error) => live && setError(e));
    return () => { live = false; };
  }, [shown]);
  if (error) return <Failed error={error} />;
  if (!placed) return <Loading />;
  const { items, edges, path } = placed.shown, p = placed.placed;
  const home = placed.shown.at.get(focus) ?? 0;
  const current = active >= 0 && active < items.length ? active : home;
  const move = (to: number | undefined) => { if (to !== undefined) { setActive(to); refs.current[to]?.focus(); } };
  const key = (e: KeyboardEvent, i: number) => {
    const [x, y] = p.nodes[i]!;
    const near = (list: number[]) => list.sort((a, b) => Math.abs(p.nodes[a]![1] - y) - Math.abs(p.nodes[b]![1] - y))[0];
    const column = items.map((_, j) => j).filter((j) => Math.abs(p.nodes[j]![0] - x) < 130);
    switch (e.key) {
      case "ArrowLeft": move(near(edges.filter((t) => t[1] === i).map((t) => t[0]))); break;
      case "ArrowRight": move(near(edges.filter((t) => t[0] === i).map((t) => t[1]))); break;
      case "ArrowUp": move(column.filter((j) => p.nodes[j]![1] < y).sort((a, b) => p.nodes[b]![1] - p.nodes[a]![1])[0]); break;
      case "ArrowDown": move(column.filter((j) => p.nodes[j]![1] > y).sort((a, b) => p.nodes[a]![1] - p.nodes[b]![1])[0]); break;
      case "Home": move(home); break;
      case "o": if (!items[i]!.group) go(toNode(items[i]!.key)); break;
      default: return;
    }
    e.preventDefault();
    e.stopPropagation();
  };
  const touching = new Set(edges.flatMap((t, k) => (t[0] === current || t[1] === current ? [k] : [])));
  const onPath = (k: number) => { const [a, b] = edges[k]!; return items[a]!.docs.some((d) => path.has(d)) && items[b]!.docs.some((d) => path.has(d)); };
  return <Viewport placed={p} focus={home} label={`Graph of ${items.length} nodes. Arrow keys move along the edges, Enter makes a node the middle, o opens its page.`}>
    <Edges placed={p} marked={(k) => (path.size > 0 ? onPath(k) : active >= 0 && touching.has(k))} />
    {items.map((item, i) => {
      const [x, y] = p.nodes[i]!, w = width(item.label), d = item.docs[0]!;
      const style = { left: x - w / 2 + "px", top: y - HEIGHT / 2 + "px", width: w + "px", height: HEIGHT + "px" };
      const common = { ref: (el: HTMLElement | null) => { refs.current[i] = el; }, tabIndex: i === current ? 0 : -1, style, "data-node": item.key, onKeyDown: (e: KeyboardEvent) => key(e, i), onFocus: () => setActive(i) };
      if (item.group) return <button key={item.key + i} {...common} class="lnode lgroup" title={`Open ${item.label}`} onClick={() => set({ open: new Set([...s.open, item.key]) })}>
        <span class="stack" aria-hidden="true" /><span class="lname">{item.label}</span><span class="lsub">{item.docs.length} nodes</span></button>;
      const state = STATUS[Math.max(g.status[d]!, g.tested[d]!)]!;
      return <a key={item.key} {...common} class={`lnode t-${g.kind(d)}${d === focus ? " focus" : ""}${path.has(d) ? " on" : ""}`} href={d === focus ? toNode(item.key) : toLineage(item.key)} aria-current={d === focus ? "true" : undefined}>
        <Glyph type={g.kind(d)} /><span class="lname" title={item.key}>{item.label}</span>
        <span class="lsub">{g.kind(d) === "model" ? g.text(g.mat, d) : TYPE_NAMES[g.kind(d)][0].toLowerCase()}{state === "error" || state === "warn" ? <> · <Status status={state} /></> : null}</span></a>;
    })}
  </Viewport>;
}

/** List tells the same in words: what is before and after, step by step. */
function List({ g, focus, shown }: { g: Graph; focus: number; shown: Shown }) {
  const steps = [...new Set(shown.levels.values())].filter((l) => l !== 0);
  const level = (l: number) => [...shown.levels].filter(([, x]) => x === l).map(([d]) => d).sort((a, b) => (g.labels[a]! < g.labels[b]! ? -1 : 1));
  const side = (title: string, list: number[]) => <section aria-label={title}><h2>{title}</h2>
    {list.length === 0 ? <p class="dim">Nothing.</p> : list.map((l) => <><h3>{Math.abs(l)} {Math.abs(l) === 1 ? "step" : "steps"} {l < 0 ? "before" : "after"}</h3>
      <ul class="plain">{level(l).map((d) => <li><NodeLink id={g.ids[d]!} label={g.labels[d]!} /> <a class="dim" href={toLineage(g.ids[d]!)}>lineage<span class="sr"> of {g.labels[d]}</span></a></li>)}</ul></>)}</section>;
  if (shown.path.size > 0) return <div class="lists one"><section aria-label="Shortest path"><h2>Shortest path</h2>
    <ol>{[...shown.path].map((d) => <li><NodeLink id={g.ids[d]!} label={g.labels[d]!} /></li>)}</ol>
    {shown.levels.size > shown.path.size && <><h2>On other paths</h2><ul class="plain">{[...shown.levels.keys()].filter((d) => !shown.path.has(d) && d !== focus).map((d) => <li><NodeLink id={g.ids[d]!} label={g.labels[d]!} /></li>)}</ul></>}
  </section></div>;
  return <div class="lists">
    {side("Before", steps.filter((l) => l < 0).sort((a, b) => b - a))}
    {side("After", steps.filter((l) => l > 0).sort((a, b) => a - b))}
  </div>;
}
