import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { graph, head, type Graph } from "./data";
import { FLAG, type Type } from "./format";
import { link, toNode } from "./route";
import { Glyph, TYPE_NAMES, typeOf, useAsync } from "./ui";

interface Branch { key: string; label: string; id?: string; type?: Type; children: Branch[]; count: number }

const ORDER: Type[] = ["page", "source", "seed", "snapshot", "model", "function", "analysis", "exposure", "semantic_model", "metric", "saved_query", "macro", "group", "package"];
const MOST = 300; // rows of one folder; the list and the search show the rest
type By = "folder" | "schema" | "group" | "owner";

/** grow sorts docs into branches: type, package when there are several, then folders or what was chosen. */
function grow(g: Graph, by: By): Branch {
  const root: Branch = { key: "", label: "", children: [], count: 0 };
  const index = new Map<string, Branch>([["", root]]);
  const into = (parent: Branch, label: string): Branch => {
    const key = parent.key + "/" + label;
    let b = index.get(key);
    if (!b) { index.set(key, (b = { key, label, children: [], count: 0 })); parent.children.push(b); }
    return b;
  };
  for (const t of ORDER) if (head.counts[t]) into(root, TYPE_NAMES[t][1]).type = t;
  for (let i = 0; i < g.length; i++) {
    if (g.flags[i]! & FLAG.builtin) continue;
    const type = g.kind(i), path: string[] = [TYPE_NAMES[type][1]];
    if (by === "folder") {
      const pkg = g.text(g.pkg, i);
      if (pkg !== head.project && type !== "package" && type !== "source") path.push(pkg);
      if (type !== "group" && type !== "package" && type !== "exposure") path.push(...g.text(g.folder, i).split("/").filter(Boolean));
    } else if (type !== "group" && type !== "package" && type !== "page") path.push(g.text(by === "schema" ? g.schema : by === "group" ? g.group : g.owner, i) || `no ${by}`);
    let b = root;
    for (const p of path) { b = into(b, p); b.count++; }
    b.children.push({ key: g.ids[i]!, label: type === "source" && by === "folder" ? g.labels[i]!.slice(g.labels[i]!.indexOf(".") + 1) : g.labels[i]!, id: g.ids[i]!, type, children: [], count: 0 });
  }
  const reading = new Map((head.pages ?? []).map((id, k) => [id, k]));
  const tidy = (b: Branch) => {
    // A chain of folders with one child each is one row.
    while (!b.id && b.type === undefined && b.children.length === 1 && !b.children[0]!.id) {
      const only = b.children[0]!;
      b.label += "/" + only.label; b.key = only.key; b.children = only.children;
    }
    // Pages of a manual have an order of their own.
    b.children.sort((x, y) => Number(Boolean(x.id)) - Number(Boolean(y.id)) || (reading.get(x.id ?? "") ?? 0) - (reading.get(y.id ?? "") ?? 0) || (x.label < y.label ? -1 : 1));
    b.children.forEach(tidy);
  };
  root.children.forEach(tidy);
  return root;
}

interface Row { branch: Branch; level: number; more?: number; set: number; at: number }

export function Tree({ current }: { current: string }) {
  const { value: g, error } = useAsync(graph, []);
  const [by, setBy] = useState<By>("folder");
  const root = useMemo(() => g && grow(g, by), [g, by]);
  const [open, setOpen] = useState<Set<string>>(new Set(["/Models"]));
  const [at, setAt] = useState("");
  const list = useRef<HTMLUListElement>(null);
  // The page that is shown has its folders open.
  useEffect(() => {
    if (!root || !current) return;
    const trail: string[] = [];
    const seek = (b: Branch): boolean => b.id === current || b.children.some((c) => { if (!seek(c)) return false; if (b.key) trail.push(b.key); return true; });
    if (seek(root)) { setOpen((o) => new Set([...o, ...trail])); setAt(current); }
  }, [root, current]);
  useEffect(() => { list.current?.querySelector(`[data-key="${CSS.escape(current)}"]`)?.scrollIntoView({ block: "nearest" }); }, [open, current]);
  const rows = useMemo(() => {
    const out: Row[] = [];
    const walk = (b: Branch, level: number) => b.children.forEach((c, k) => {
      if (k === MOST) out.push({ branch: { ...b, key: b.key + "/more", id: undefined, children: [], label: "", count: 0 }, level, more: b.children.length - MOST, set: b.children.length, at: k + 1 });
      if (k >= MOST && c.id !== current) return;
      out.push({ branch: c, level, set: b.children.length, at: k + 1 });
      if (open.has(c.key)) walk(c, level + 1);
    });
    if (root) walk(root, 1);
    return out;
  }, [root, open, current]);
  if (error) return <p class="failed">{error.message}</p>;
  if (!root) return <p class="loading">Loading…</p>;
  const active = rows.some((r) => r.branch.key === at) ? at : rows[0]?.branch.key ?? "";
  const toggle = (key: string, to?: boolean) => setOpen((o) => { const n = new Set(o); if (to ?? !n.has(key)) n.add(key); else n.delete(key); return n; });
  const focus = (key: string | undefined) => { if (key === undefined) return; setAt(key); list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus(); };
  const key = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const i = rows.findIndex((r) => r.branch.key === active), row = rows[i];
    if (!row) return;
    const folder = !row.branch.id && row.more === undefined;
    switch (e.key) {
      case "ArrowDown": focus(rows[i + 1]?.branch.key); break;
      case "ArrowUp": focus(rows[i - 1]?.branch.key); break;
      case "Home": focus(rows[0]?.branch.key); break;
      case "End": focus(rows.at(-1)?.branch.key); break;
      case "ArrowRight": if (folder && !open.has(active)) toggle(active, true); else if (folder) focus(rows[i + 1]?.branch.key); break;
      case "ArrowLeft": if (folder && open.has(active)) toggle(active, false); else focus(rows.slice(0, i).reverse().find((r) => r.level < row.level)?.branch.key); break;
      case "Enter": case " ": if (folder) toggle(active); else list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(active)}"] a`)?.click(); break;
      default:
        if (e.key.length !== 1 || "/?gt[]".includes(e.key)) return;
        focus([...rows.slice(i + 1), ...rows.slice(0, i)].find((r) => r.branch.label.toLowerCase().startsWith(e.key.toLowerCase()))?.branch.key);
    }
    e.preventDefault();
  };
  return <>
    <label class="by">Arrange by <select value={by} onChange={(e) => setBy(e.currentTarget.value as By)}><option value="folder">folder</option><option value="schema">schema</option><option value="group">group</option><option value="owner">owner</option></select></label>
    <ul class="tree" role="tree" aria-label="Everything in this project" ref={list} onKeyDown={key}>{rows.map((r) => {
      const b = r.branch, tab = b.key === active ? 0 : -1, style = { paddingLeft: (r.level - 1) * 14 + 8 + "px" };
      if (r.more !== undefined) return <li role="treeitem" data-key={b.key} tabIndex={tab} aria-level={r.level} style={style} class="leaf" onFocus={() => setAt(b.key)}><a tabIndex={-1} href={link(["list", b.type ?? "model"])}>{r.more.toLocaleString("en")} more…</a></li>;
      if (b.id) return <li role="treeitem" data-key={b.key} tabIndex={tab} aria-level={r.level} aria-setsize={r.set} aria-posinset={r.at} aria-current={b.id === current ? "page" : undefined} class="leaf" style={style} onFocus={() => setAt(b.key)}>
        <a tabIndex={-1} href={toNode(b.id)}><Glyph type={typeOf(b.id)} /><span>{b.label}</span></a></li>;
      const isOpen = open.has(b.key);
      return <li role="treeitem" data-key={b.key} tabIndex={tab} aria-level={r.level} aria-setsize={r.set} aria-posinset={r.at} aria-expanded={isOpen} class={r.level === 1 ? "kind" : "folder"} style={style} onFocus={() => setAt(b.key)} onClick={() => { setAt(b.key); toggle(b.key); }}>
        <span class="twist" aria-hidden="true">{isOpen ? "▾" : "▸"}</span><span>{b.label}</span><span class="count">{b.count.toLocaleString("en")}</span></li>;
    })}</ul></>;
}
