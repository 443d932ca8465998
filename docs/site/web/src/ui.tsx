import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Type } from "./format";
import { inline, markdown } from "./markdown";
import { toNode } from "./route";

export const TYPE_NAMES: Record<Type, [one: string, many: string]> = {
  model: ["Model", "Models"], seed: ["Seed", "Seeds"], snapshot: ["Snapshot", "Snapshots"], source: ["Source", "Sources"],
  analysis: ["Analysis", "Analyses"], exposure: ["Exposure", "Exposures"], metric: ["Metric", "Metrics"],
  semantic_model: ["Semantic model", "Semantic models"], saved_query: ["Saved query", "Saved queries"], function: ["Function", "Functions"],
  macro: ["Macro", "Macros"], group: ["Group", "Groups"], package: ["Package", "Packages"], test: ["Test", "Data tests"], unit_test: ["Unit test", "Unit tests"],
  page: ["Page", "Pages"],
};

const LETTERS: Record<string, string> = {
  model: "M", seed: "S", snapshot: "H", source: "R", analysis: "A", exposure: "E", metric: "K", semantic_model: "Σ", saved_query: "Q",
  function: "ƒ", macro: "{}", group: "G", package: "P", test: "T", unit_test: "U", page: "¶",
};

export const typeOf = (id: string) => id.slice(0, id.indexOf(".")) as Type;

/** Glyph shows a type by a letter and a colour; the text beside it says it too. */
export function Glyph({ type }: { type: string }) {
  return <span class={"glyph g-" + type} aria-hidden="true">{LETTERS[type] ?? "?"}</span>;
}

export function NodeLink({ id, label }: { id: string; label: string }) {
  const type = typeOf(id);
  return <a class="node" href={toNode(id)}><Glyph type={type} /><span>{label}</span><span class="sr"> ({TYPE_NAMES[type]?.[0] ?? type})</span></a>;
}

const MARKS: Record<string, [mark: string, cls: string]> = {
  success: ["✓", "ok"], pass: ["✓", "ok"], "no-op": ["✓", "ok"], reused: ["✓", "ok"], warn: ["!", "warn"], error: ["✕", "bad"], fail: ["✕", "bad"],
  "runtime error": ["✕", "bad"], "partial success": ["✕", "bad"], skipped: ["–", "skip"],
};

export function Status({ status }: { status?: string }) {
  if (!status || status === "none") return <span class="status none">not run</span>;
  const [mark, cls] = MARKS[status] ?? ["•", "skip"];
  return <span class={"status " + cls}><span aria-hidden="true">{mark}</span> {status}</span>;
}

export function Markdown({ text }: { text: string }) {
  return <div class="prose" dangerouslySetInnerHTML={{ __html: markdown(text) }} />;
}
export function Inline({ text }: { text: string }) {
  return /\n\s*\n|^\s*[|#>*-]/m.test(text) ? <Markdown text={text} /> : <span dangerouslySetInnerHTML={{ __html: inline(text) }} />;
}

export function Section({ id, title, count, children }: { id: string; title: string; count?: number; children: ComponentChildren }) {
  return <section id={"s-" + id} aria-labelledby={"h-" + id}>
    <h2 id={"h-" + id} tabIndex={-1}>{title}{count !== undefined && <span class="count"> {count.toLocaleString("en")}</span>}</h2>
    {children}
  </section>;
}

export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll" tabIndex={0} role="region" aria-label={label + ", table"}>{children}</div>;
}

export function seconds(s: number): string {
  if (s < 0.001) return "< 1 ms";
  if (s < 1) return Math.round(s * 1000) + " ms";
  if (s < 60) return s.toFixed(s < 10 ? 2 : 1) + " s";
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.round((s % 86400) / 3600)} h`;
}

/** when is a moment in UTC, so that everybody reads the same page. */
export const when = (iso: string) => iso.replace("T", " ").replace(/\.\d+/, "").replace(/(Z|\+00:00)$/, " UTC");

export function useAsync<T>(load: () => Promise<T>, deps: unknown[]): { value?: T; error?: Error } {
  const [state, set] = useState<{ value?: T; error?: Error; key?: string }>({});
  const key = JSON.stringify(deps);
  useEffect(() => {
    let live = true;
    load().then((value) => live && set({ value, key }), (error: Error) => live && set({ error, key }));
    return () => { live = false; };
  }, deps);
  return state.key === key ? state : {};
}

export function Loading() { return <p class="loading" role="status">Loading…</p>; }
export function Failed({ error }: { error: Error }) { return <p class="failed" role="alert">{error.message}</p>; }

export function Copy({ text }: { text: string }) {
  const [done, set] = useState(false);
  return <button class="quiet" onClick={async () => {
    try { await navigator.clipboard.writeText(text); } catch { return; }
    set(true);
    setTimeout(() => set(false), 1500);
  }}>{done ? "Copied" : "Copy"}</button>;
}
