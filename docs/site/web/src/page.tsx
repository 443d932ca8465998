import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { graph, page as load, tests } from "./data";
import { TYPES, type Column, type ColumnEdge, type HistoryRow, type Link, type Page, type TestRow } from "./format";
import { Manual } from "./manual";
import { Kind, nameOf, toColumn } from "./columns";
import { link, toLineage, toNode } from "./route";
import { code } from "./sql";
import { Copy, Failed, Glyph, Inline, Loading, Markdown, NodeLink, Scroll, Section, Status, TYPE_NAMES, seconds, typeOf, useAsync, when } from "./ui";

export function NodePage({ id, at }: { id: string; at: string }) {
  const { value: found, error } = useAsync(async () => ({ page: await load(id) }), [id]);
  if (error) return <Failed error={error} />;
  if (!found) return <Loading />;
  if (!found.page) return <div class="narrow"><h1 tabIndex={-1}>Not here</h1><p>This documentation has no page called <code>{id}</code>. It may have been renamed or removed. Press <kbd>/</kbd> to search.</p></div>;
  return found.page.type === "page" ? <Manual key={id} p={found.page} at={at} /> : <Body key={id} p={found.page} />;
}

const DATA = new Set(["model", "seed", "snapshot", "source", "function"]);

function Body({ p }: { p: Page }) {
  const label = p.label ?? p.name;
  const parents = p.parents ?? [], children = p.children ?? [], rows = p.tests ?? [];
  const isTest = p.type === "test" || p.type === "unit_test";
  const flows = !isTest && !["macro", "group", "package"].includes(p.type);
  const sections: [string, string][] = [];
  const has = (id: string, title: string, yes: unknown) => { if (yes) sections.push([id, title]); return Boolean(yes); };
  const body = <>
    {has("about", "Description", true) && <Section id="about" title="Description">
      {p.desc?.trim() ? <Markdown text={p.desc} /> : p.comment ? <Markdown text={p.comment} /> : <p class="dim">No description yet.</p>}
      {typeof p.source_description === "string" && <Markdown text={p.source_description} />}
    </Section>}
    {has("stream", "Live status", p.stream) && <Section id="stream" title="Live status"><Stream s={p.stream!} /></Section>}
    {has("fresh", "Freshness", p.fresh || p.criteria) && <Section id="fresh" title="Freshness"><Fresh p={p} /></Section>}
    {has("cols", "Columns", p.cols) && <Section id="cols" title="Columns" count={p.cols!.length}><Columns p={p} /></Section>}
    {has("tests", "Tests", DATA.has(p.type) && (rows.length > 0 || p.type === "model")) && <Section id="tests" title="Tests" count={rows.length}><Tests rows={rows} /></Section>}
    {has("unit", "Cases", p.type === "unit_test") && <Section id="unit" title="Cases"><Unit p={p} /></Section>}
    {has("defs", "Definition", defs(p).length > 0) && <Section id="defs" title="Definition">{defs(p).map(([k, v]) => <><h3>{k}</h3><Value v={v} /></>)}</Section>}
    {has("constraints", "Constraints", p.constraints) && <Section id="constraints" title="Constraints"><ul>{p.constraints!.map((c) => <li><code>{[c.type, c.columns?.join(", "), c.expression].filter(Boolean).join(" · ")}</code></li>)}</ul></Section>}
    {has("code", "Code", p.raw || p.compiled) && <Section id="code" title="Code"><Code p={p} /></Section>}
    {has("lineage", isTest ? "Tests" : "Lineage", flows || isTest) && <Section id="lineage" title={isTest ? "What it tests" : "Lineage"}>
      {isTest ? <Links list={parents} empty="Nothing." /> : <Neighbours p={p} parents={parents} children={children} />}
    </Section>}
    {has("macros", "Macros", p.macros) && <Section id="macros" title="Macros it calls" count={p.macros!.length}><Links list={p.macros!} empty="" /></Section>}
    {has("used", "Used by", p.type === "macro") && <Section id="used" title="Used by" count={p.usedBy?.length ?? 0}><Links list={p.usedBy ?? []} empty="Nothing uses it." /></Section>}
    {has("members", "Members", p.type === "group" || p.type === "package") && <Section id="members" title="Members"><Members p={p} /></Section>}
    {has("runs", "Runs", p.runs) && <Section id="runs" title="Runs" count={p.runs!.length}><Runs runs={p.runs!} test={isTest} /></Section>}
    {has("more", "Configuration", settings(p).length > 0 || p.stats?.has_stats?.value === true) && <Section id="more" title="Configuration"><Settings p={p} /></Section>}
  </>;
  return <article class="page">
    <header class="title">
      <p class="eyebrow"><Glyph type={p.type} /> {TYPE_NAMES[p.type][0]}{p.mat && p.mat !== "seed" && p.mat !== "snapshot" && !isTest && p.type !== "macro" ? ` · ${p.mat}` : ""} · {p.type === "package" ? "installed" : <a href={toNode("package." + p.pkg)}>{p.pkg}</a>}</p>
      <h1 tabIndex={-1}>{typeof p.title === "string" ? p.title : label}</h1>
      <div class="badges">
        {p.runs?.[0] && <Status status={p.runs[0][1]} />}
        {p.contract && <span class="badge">contract enforced</span>}
        {p.access && p.access !== "protected" && <span class="badge">{p.access}</span>}
        {p.version && <span class="badge">version {p.version}{p.latest === p.version ? " (latest)" : p.latest ? `, latest is ${p.latest}` : ""}</span>}
        {typeof p.deprecation === "string" && <span class="badge warn">deprecated from {p.deprecation.slice(0, 10)}</span>}
        {p.severity === "warn" && <span class="badge">only warns</span>}
        {p.tags?.map((t) => <span class="badge tag"><span class="sr">tag </span>{t}</span>)}
      </div>
      <Facts p={p} />
      {sections.length > 2 && <nav class="jump" aria-label="On this page">{sections.slice(1).map(([id, title]) => <button class="quiet" onClick={() => {
        const h = document.getElementById("h-" + id);
        h?.focus({ preventScroll: true });
        h?.scrollIntoView({ block: "start" });
      }}>{title}</button>)}</nav>}
    </header>
    {body}
  </article>;
}

function Facts({ p }: { p: Page }) {
  const facts: [string, ComponentChildren][] = [];
  if (p.owner) facts.push(["Owner", p.email ? <a href={"mailto:" + p.email}>{p.owner}</a> : p.owner]);
  if (p.group) facts.push(["Group", <a href={toNode(`group.${p.pkg}.${p.group}`)}>{p.group}</a>]);
  if (p.relation) facts.push(["Relation", <code>{p.relation}</code>]);
  if (p.relkind) facts.push(["In the database", p.relkind.toLowerCase()]);
  if (p.test) facts.push(["Test", <code>{p.test}</code>]);
  if (p.column) facts.push(["Column", <code>{p.column}</code>]);
  for (const [key, name] of [["kind", "Kind"], ["maturity", "Maturity"], ["loader", "Loaded by"], ["time_granularity", "Granularity"]] as const) if (typeof p[key] === "string") facts.push([name, p[key] as string]);
  if (typeof p.url === "string") facts.push(["Link", /^https?:\/\//i.test(p.url) ? <a href={p.url} rel="noopener noreferrer">{p.url}</a> : p.url]);
  if (p.path) facts.push(["File", <code>{p.path}</code>]);
  if (facts.length === 0) return null;
  return <dl class="facts">{facts.map(([k, v]) => <div><dt>{k}</dt><dd>{v}</dd></div>)}</dl>;
}

function Columns({ p }: { p: Page }) {
  const byColumn = new Map<string, TestRow[]>();
  for (const t of p.tests ?? []) { const k = t[2].toLowerCase(); if (k) byColumn.set(k, [...(byColumn.get(k) ?? []), t]); }
  const sides = ([["Comes from", p.colEdges], ["Goes to", p.colUses]] as const).filter(([, list]) => list).map(([title, list]) => [title, byName(list!)] as const);
  const withTests = byColumn.size > 0, typed = p.cols!.some((c) => c.t);
  return <Scroll label="Columns"><table class="columns"><thead><tr><th scope="col">Name</th>{typed && <th scope="col">Type</th>}<th scope="col">Description</th>{withTests && <th scope="col">Tests</th>}{sides.map(([title]) => <th scope="col">{title}</th>)}</tr></thead>
    <tbody>{p.cols!.map((c) => <tr>
      <th scope="row">{sides.length > 0 ? <a href={toColumn(p.id, c.n)} title="Lineage of this column"><code>{c.n}</code></a> : <code>{c.n}</code>}<Marks c={c} /></th>
      {typed && <td><code class="dim">{c.t ?? ""}</code></td>}
      <td>{c.d ? <Inline text={c.d} /> : <span class="dim">—</span>}</td>
      {withTests && <td><ul class="tests">{(byColumn.get(c.n.toLowerCase()) ?? []).map((t) => <li><a href={toNode(t[0])}>{t[1]}</a> <Status status={t[3]} /></li>)}</ul></td>}
      {sides.map(([title, edges]) => <td key={title}><Edges list={edges.get(c.n.toLowerCase()) ?? []} /></td>)}
    </tr>)}</tbody></table></Scroll>;
}

const byName = (list: ColumnEdge[]) => {
  const out = new Map<string, ColumnEdge[]>();
  for (const e of list) { const k = e[0].toLowerCase(); out.set(k, [...(out.get(k) ?? []), e]); }
  return out;
};

const FEW = 6;

/** Edges are the columns at the other end, how they get there, and whether that is proven. */
function Edges({ list }: { list: ColumnEdge[] }) {
  const [all, set] = useState(false);
  return <><ul class="tests">{(all ? list : list.slice(0, FEW)).map((e) => <li><a href={toColumn(e[1], e[2])}>{nameOf(e[1])}.{e[2]}</a> <Kind edge={e} /></li>)}</ul>
    {!all && list.length > FEW && <button class="quiet" onClick={() => set(true)}>{list.length - FEW} more</button>}</>;
}

function Marks({ c }: { c: Column }) {
  return <>{c.constraints?.map((k) => <span class="badge">{k.type.replace("_", " ")}</span>)}{c.tags?.map((t) => <span class="badge tag">{t}</span>)}</>;
}

function Tests({ rows }: { rows: TestRow[] }) {
  if (rows.length === 0) return <p class="dim">No tests.</p>;
  const order = (s: string) => ["fail", "error", "warn", "skipped", "", "pass", "success"].indexOf(s);
  return <Scroll label="Tests"><table><thead><tr><th scope="col">Test</th><th scope="col">Column</th><th scope="col">Last status</th><th scope="col" class="num">Failing rows</th></tr></thead>
    <tbody>{[...rows].sort((a, b) => order(a[3]) - order(b[3])).map((t) => <tr><td><a class="node" href={toNode(t[0])}><Glyph type={typeOf(t[0])} /><span>{t[1]}</span></a></td><td>{t[2] ? <code>{t[2]}</code> : <span class="dim">table</span>}</td><td><Status status={t[3]} />{t[5] === "warn" && <span class="dim"> warns only</span>}</td><td class="num">{t[4] ?? ""}</td></tr>)}</tbody></table></Scroll>;
}

function Code({ p }: { p: Page }) {
  const both = p.raw !== undefined && p.compiled !== undefined && p.raw !== p.compiled;
  const [which, set] = useState<"raw" | "compiled">(p.raw ? "raw" : "compiled");
  const text = String((which === "raw" ? p.raw : p.compiled) ?? "");
  return <div class="code">
    <div class="codebar">{both ? <div class="switch" role="group" aria-label="Show code">
      <button aria-pressed={which === "raw"} onClick={() => set("raw")}>Source</button><button aria-pressed={which === "compiled"} onClick={() => set("compiled")}>Compiled</button></div> : <span class="dim">{p.raw ? "Source" : "Compiled"}</span>}
      <Copy text={text} /></div>
    <pre tabIndex={0} aria-label={which === "raw" ? "Source" : "Compiled SQL"}><code>{code(text, p.parents ?? [], p.macros ?? [])}</code></pre>
  </div>;
}

function Links({ list, empty }: { list: Link[]; empty: string }) {
  const [all, set] = useState(false);
  if (list.length === 0) return <p class="dim">{empty}</p>;
  const few = all ? list : list.slice(0, 40);
  return <><ul class="plain cols2">{few.map((l) => <li><NodeLink id={l[0]} label={l[1]} /></li>)}</ul>{few.length < list.length && <button onClick={() => set(true)}>Show all {list.length}</button>}</>;
}

function Neighbours({ p, parents, children }: { p: Page; parents: Link[]; children: Link[] }) {
  const side = (title: string, list: Link[]) => <div class="flow"><h3>{title} <span class="count">{list.length}</span></h3>
    {list.length === 0 ? <p class="dim">Nothing</p> : <ul class="plain">{list.slice(0, 12).map((l) => <li><NodeLink id={l[0]} label={l[1]} /></li>)}</ul>}
    {list.length > 12 && <a href={toLineage(p.id)}>and {list.length - 12} more</a>}</div>;
  return <><div class="neighbours">{side("Reads from", parents)}<div class="here" aria-hidden="true"><Glyph type={p.type} /> {p.label ?? p.name}</div>{side("Feeds", children)}</div>
    <p><a class="button" href={toLineage(p.id)}>Open the graph</a> {(p.tests ?? []).some((t) => t[1] === "relationships") && <a class="button" href={link(["entities"], { focus: p.id })}>Entity diagram</a>}</p></>;
}

function Runs({ runs, test }: { runs: HistoryRow[]; test: boolean }) {
  const longest = Math.max(...runs.map((r) => r[2]), 1e-9);
  return <Scroll label="Runs"><table class="runs"><thead><tr><th scope="col">When</th><th scope="col">Status</th><th scope="col">Time</th><th scope="col" class="num">{test ? "Failing rows" : "Rows"}</th><th scope="col">Message</th></tr></thead>
    <tbody>{runs.map((r) => <tr><td class="nowrap">{when(r[0])}</td><td><Status status={r[1]} /></td>
      <td class="nowrap"><span class="bar" style={{ width: `${Math.max(2, (r[2] / longest) * 90)}px` }} aria-hidden="true" /> {seconds(r[2])}</td>
      <td class="num">{(test ? r[4] : r[3])?.toLocaleString("en") ?? ""}</td><td class="message">{r[5] ?? ""}</td></tr>)}</tbody></table></Scroll>;
}

function Fresh({ p }: { p: Page }) {
  const f = p.fresh as { status?: string; max_loaded_at?: string; snapshotted_at?: string; max_loaded_at_time_ago_in_s?: number; error?: string } | undefined;
  const c = p.criteria as Record<string, { count: number | null; period: string | null } | string | null> | undefined;
  const limit = (k: string) => { const x = c?.[k]; return x && typeof x === "object" && x.count ? `${x.count} ${x.period}${x.count > 1 ? "s" : ""}` : undefined; };
  return <><dl class="facts">
    {f?.status && <div><dt>Status</dt><dd><Status status={f.status} /></dd></div>}
    {f?.max_loaded_at && <div><dt>Newest row</dt><dd>{when(f.max_loaded_at)}</dd></div>}
    {f?.max_loaded_at_time_ago_in_s !== undefined && <div><dt>Age when measured</dt><dd>{seconds(f.max_loaded_at_time_ago_in_s)}</dd></div>}
    {limit("warn_after") && <div><dt>Warns after</dt><dd>{limit("warn_after")}</dd></div>}
    {limit("error_after") && <div><dt>Fails after</dt><dd>{limit("error_after")}</dd></div>}
    {typeof p.loaded_at_field === "string" && <div><dt>Measured by</dt><dd><code>{p.loaded_at_field}</code></dd></div>}
  </dl>{f?.error && <p class="failed">{f.error}</p>}{!f && <p class="dim">Not measured yet.</p>}</>;
}

const STREAM: Record<string, string> = { state: "State", topic: "Topic", lag_seconds: "Behind by", lag_messages: "Messages waiting at the last commit", rows_per_second: "Rows a second", rows_in_last_hour: "Rows in the hour before", landed: "Rows landed", batches: "Batches", quarantined: "Quarantined", gaps: "Gaps", last_commit_at: "Last commit", newest_record_at: "Newest record", watermark_at: "Watermark", schema_versions: "Schema versions", updated_at: "As of" };

/** Stream is what is recorded of a stream; what is not recorded is not known, which is not zero. */
function Stream({ s }: { s: Record<string, unknown> }) {
  const show = (k: string, v: unknown): ComponentChildren => v === null ? <span class="dim">not known</span> : k === "lag_seconds" && typeof v === "number" ? seconds(v) : k.endsWith("_at") && typeof v === "string" ? when(v) : typeof v === "number" ? v.toLocaleString("en") : <Value v={v} />;
  return <dl class="facts">{Object.entries(s).map(([k, v]) => <div><dt>{STREAM[k] ?? k.replaceAll("_", " ")}</dt><dd>{show(k, v)}</dd></div>)}</dl>;
}

function Unit({ p }: { p: Page }) {
  const given = (Array.isArray(p.given) ? p.given : []) as { input: string; rows: unknown; fixture?: string }[];
  const expect = p.expect as { rows: unknown; fixture?: string } | undefined;
  const rows = (x: { rows: unknown; fixture?: string }, label: string) => Array.isArray(x.rows) ? <Rows rows={x.rows as Record<string, unknown>[]} label={label} /> : <pre tabIndex={0}><code>{String(x.rows ?? x.fixture ?? "")}</code></pre>;
  return <>{given.map((g) => <><h3>Given <code>{g.input}</code></h3>{rows(g, "Given " + g.input)}</>)}{expect && <><h3>Expect</h3>{rows(expect, "Expected rows")}</>}</>;
}

function Rows({ rows, label }: { rows: Record<string, unknown>[]; label: string }) {
  if (rows.length === 0) return <p class="dim">No rows.</p>;
  const keys = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  return <Scroll label={label}><table><thead><tr>{keys.map((k) => <th scope="col">{k}</th>)}</tr></thead><tbody>{rows.map((r) => <tr>{keys.map((k) => <td><Value v={r[k]} /></td>)}</tr>)}</tbody></table></Scroll>;
}

const DEFS: [string, string][] = [["type_params", "Measured by"], ["filter", "Filter"], ["entities", "Entities"], ["dimensions", "Dimensions"], ["measures", "Measures"], ["query_params", "Query"], ["exports", "Exports"], ["returns", "Returns"], ["overrides", "Overrides"], ["arguments", "Arguments"]];
const defs = (p: Page) => DEFS.filter(([k]) => p[k] !== undefined).map(([k, title]) => [title, p[k]] as [string, unknown]);

const settings = (p: Page) => Object.entries(p).filter(([k, v]) => (k.startsWith("config.") || k === "meta" || k === "primary_key" || k === "patch_path") && v !== undefined);

function Settings({ p }: { p: Page }) {
  const stats = Object.values(p.stats ?? {}).filter((s) => s.include && s.label !== "Has Stats?");
  return <dl class="facts wide">{settings(p).map(([k, v]) => <div><dt>{k === "patch_path" ? "Described in" : k.replace("config.", "").replaceAll("_", " ")}</dt><dd><Value v={v} /></dd></div>)}
    {stats.map((s) => <div><dt>{s.label}</dt><dd><Value v={s.value} /></dd></div>)}</dl>;
}

/** Value shows a piece of YAML as text. */
function Value({ v }: { v: unknown }) {
  if (v === null || v === undefined) return <span class="dim">—</span>;
  if (typeof v !== "object") return <code>{String(v)}</code>;
  const clean = (x: unknown): unknown => Array.isArray(x) ? x.map(clean) : x && typeof x === "object" ? Object.fromEntries(Object.entries(x).filter(([, y]) => y !== null && !(Array.isArray(y) && y.length === 0)).map(([k, y]) => [k, clean(y)])) : x;
  if (Array.isArray(v) && v.every((x) => typeof x !== "object")) return <code>{v.join(", ")}</code>;
  return <pre class="value" tabIndex={0}><code>{JSON.stringify(clean(v), null, 2)}</code></pre>;
}

function Members({ p }: { p: Page }) {
  const { value, error } = useAsync(() => Promise.all([graph(), tests()]), []);
  if (error) return <Failed error={error} />;
  if (!value) return <Loading />;
  const [g, t] = value;
  const lists = TYPES.map((type, k) => ({ type, ids: [] as Link[], k }));
  for (const d of [g, t]) for (let i = 0; i < d.length; i++) {
    const mine = p.type === "group" ? d.text(d.group, i) === p.name : d.text(d.pkg, i) === p.name && d.kind(i) !== "package";
    if (mine) lists[d.type[i]!]!.ids.push([d.ids[i]!, d.labels[i]!]);
  }
  return <>{lists.filter((l) => l.ids.length > 0).map((l) => <><h3>{TYPE_NAMES[l.type][1]} <span class="count">{l.ids.length}</span></h3><Links list={l.ids} empty="" /></>)}</>;
}
