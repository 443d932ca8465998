import { useEffect, useRef, useState } from "preact/hooks";
import { go, toLineage, toNode } from "./route";
import { searcher, type Hit, type Searcher } from "./search";
import { Glyph, TYPE_NAMES } from "./ui";

/** Search is a dialog: type, choose with the arrows, Enter opens, Ctrl+Enter shows the lineage. */
export function Search({ start, onClose }: { start: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null), input = useRef<HTMLInputElement>(null), list = useRef<HTMLUListElement>(null);
  const [text, setText] = useState(start);
  const [engine, setEngine] = useState<Searcher>();
  const [error, setError] = useState("");
  const [result, setResult] = useState<{ hits: Hit[]; total: number; took: number }>({ hits: [], total: 0, took: 0 });
  const [at, setAt] = useState(0);
  useEffect(() => {
    dialog.current?.showModal();
    input.current?.select();
    searcher().then(setEngine, (e: Error) => setError(e.message));
  }, []);
  useEffect(() => {
    if (!engine) return;
    const t = performance.now();
    const r = engine.find(text);
    setResult({ ...r, took: performance.now() - t });
    setAt(0);
  }, [engine, text]);
  useEffect(() => { list.current?.children[at]?.scrollIntoView({ block: "nearest" }); }, [at]);
  const pick = (h: Hit | undefined, lineage: boolean) => { if (h) { dialog.current?.close(); go(lineage ? toLineage(h.id) : toNode(h.id)); } };
  const { hits, total } = result;
  return <dialog class="search" ref={dialog} aria-label="Search" onClose={onClose} onClick={(e) => { if (e.target === dialog.current) dialog.current?.close(); }}>
    <input ref={input} type="text" role="combobox" aria-label="Search names, columns, descriptions, tags and owners" aria-expanded={hits.length > 0} aria-controls="hits" aria-autocomplete="list" aria-activedescendant={hits.length ? "hit-" + at : undefined}
      placeholder="Search names, columns, descriptions, tags, owners" autocomplete="off" spellcheck={false} value={text} onInput={(e) => setText(e.currentTarget.value)}
      onKeyDown={(e) => {
        if (e.key === "ArrowDown") setAt(Math.min(hits.length - 1, at + 1));
        else if (e.key === "ArrowUp") setAt(Math.max(0, at - 1));
        else if (e.key === "PageDown") setAt(Math.min(hits.length - 1, at + 8));
        else if (e.key === "PageUp") setAt(Math.max(0, at - 8));
        else if (e.key === "Enter") pick(hits[at], e.ctrlKey || e.metaKey);
        else return;
        e.preventDefault();
      }} />
    <p class="note" role="status" data-took={result.took.toFixed(2)}>{error || (!engine ? "Loading the index…" : text.trim() === "" ? <Hints /> : total === 0 ? "Nothing found." : `${total.toLocaleString("en")} found${total > hits.length ? `, the best ${hits.length}` : ""}`)}</p>
    <ul id="hits" role="listbox" aria-label="Results" ref={list} hidden={hits.length === 0}>{hits.map((h, i) => <li id={"hit-" + i} role="option" aria-selected={i === at} onMouseMove={() => setAt(i)} onClick={(e) => pick(h, e.ctrlKey || e.metaKey)}>
      <Glyph type={h.type} /><div><span class="label"><Mark text={h.label} query={text} /></span> <span class="dim">{TYPE_NAMES[h.type as keyof typeof TYPE_NAMES][0].toLowerCase()} · {h.where}</span>
        {(h.field !== "name" && h.match) || h.more.length > 0 ? <div class="why">{h.more.length > 0 ? <>columns {h.more.map((c, k) => <>{k > 0 && ", "}<code><Mark text={c} query={text} /></code></>)}</> : <>{h.field} <code>{h.match}</code></>}</div> : null}</div></li>)}</ul>
    <p class="keys"><kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Enter</kbd> open <kbd>Ctrl</kbd> <kbd>Enter</kbd> lineage <kbd>Esc</kbd> close</p>
  </dialog>;
}

function Hints() {
  return <>Narrow it with <code>type:model</code> <code>tag:</code> <code>owner:</code> <code>col:</code> <code>group:</code> <code>path:</code> <code>schema:</code> <code>status:error</code> <code>is:untested</code> <code>-not</code></>;
}

function Mark({ text, query }: { text: string; query: string }) {
  const words = query.toLowerCase().split(/\s+/).map((w) => w.replace(/^-?[a-z]+:/, "").replaceAll('"', "")).filter((w) => w.length > 1);
  const lower = text.toLowerCase();
  for (const w of words) {
    const p = lower.indexOf(w);
    if (p >= 0) return <>{text.slice(0, p)}<mark>{text.slice(p, p + w.length)}</mark>{text.slice(p + w.length)}</>;
  }
  return <>{text}</>;
}
