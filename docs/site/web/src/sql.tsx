import type { ComponentChildren } from "preact";
import type { Link } from "./format";
import { toNode } from "./route";

const KEYWORDS = new Set(("select from where group by order having limit offset qualify window with recursive as on using join inner left right full outer cross lateral " +
  "union all distinct except intersect case when then else end and or not in is null like ilike between exists over partition rows range unbounded preceding following current row " +
  "cast interval true false asc desc nulls first last values insert into update set delete create replace table view materialized temporary if macro endmacro endif for endfor set do call config " +
  "filter within array struct return elif import def class lambda try raise yield pass").split(" "));

const TOKEN = /(\{#[\s\S]*?#\}|--[^\n]*|\/\*[\s\S]*?\*\/)|(\{%-?|-?%\}|\{\{-?|-?\}\})|('(?:[^'\\\n]|''|\\.)*'?)|("(?:[^"]|"")*"?(?:\."(?:[^"]|"")*")*)|(\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|([A-Za-z_][\w$]*)/g;

/** code colours SQL, Jinja and Python, and links what a template refers to. */
export function code(text: string, parents: Link[], macros: Link[]): ComponentChildren[] {
  const relations = new Map<string, Link>();
  for (const p of parents) if (p[2]) relations.set(p[2].toLowerCase(), p);
  const names = new Map<string, Link>();
  for (const p of parents) for (const n of [p[1], p[0].split(".")[2] ?? p[1]]) names.set(n, p);
  const calls = new Map(macros.map((m) => [m[1], m]));
  const out: ComponentChildren[] = [];
  let last = 0, jinja = false;
  for (const m of text.matchAll(TOKEN)) {
    const at = m.index, t = m[0];
    if (at > last) out.push(text.slice(last, at));
    last = at + t.length;
    if (m[1]) out.push(<span class="c">{t}</span>);
    else if (m[2]) { jinja = t[0] === "{"; out.push(<span class="j">{t}</span>); }
    else if (m[3] || m[4]) {
      const inner = t.replace(/^['"]|['"]$/g, "");
      const target = (jinja && referred(text, at, inner, names)) || relations.get(t.toLowerCase());
      out.push(target ? <a class="ref" href={toNode(target[0])}>{t}</a> : <span class={m[3] ? "s" : "i"}>{t}</span>);
    } else if (m[5]) out.push(<span class="n">{t}</span>);
    else if (jinja && calls.has(t) && text[last] === "(") out.push(<a class="ref" href={toNode(calls.get(t)![0])}>{t}</a>);
    else if (KEYWORDS.has(t.toLowerCase())) out.push(<span class="k">{t}</span>);
    else out.push(t);
  }
  if (last < text.length) out.push(text.slice(last));
  return out;
}

/** referred finds what ref('x'), ref('pkg', 'x'), ref('x', v=2) and source('s', 't') name. */
function referred(text: string, at: number, inner: string, names: Map<string, Link>): Link | undefined {
  const before = text.slice(Math.max(0, at - 120), at);
  const source = /source\(\s*['"]([^'"]*)['"]\s*,\s*$/.exec(before);
  if (source) return names.get(source[1] + "." + inner);
  if (/ref\(\s*(?:['"][^'"]*['"]\s*,\s*)?$/.test(before)) {
    const version = /^['"]\s*,\s*v(?:ersion)?\s*=\s*['"]?([\w.]+)/.exec(text.slice(at + inner.length + 1, at + inner.length + 60));
    return (version && names.get(`${inner}.v${version[1]}`)) || names.get(inner);
  }
  return undefined;
}
