import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Graph } from "./data";
import { Glyph } from "./ui";

/** Picker chooses one node by typing a part of its name. */
export function Picker({ g, label, onPick, autofocus }: { g: Graph; label: string; onPick: (id: string) => void; autofocus?: boolean }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => { if (autofocus) input.current?.focus(); }, []);
  const found = useMemo(() => {
    const q = text.trim().toLowerCase();
    if (!q) return [];
    const list: [number, number][] = [];
    for (let i = 0; i < g.length; i++) {
      if (g.kind(i) === "macro" || g.kind(i) === "group" || g.kind(i) === "package") continue;
      const l = g.labels[i]!.toLowerCase(), p = l.indexOf(q);
      if (p >= 0 || g.ids[i]!.toLowerCase() === q) list.push([l === q ? -2 : p === 0 ? -1 : p, i]);
    }
    return list.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 12).map((x) => x[1]);
  }, [g, text]);
  const pick = (i: number | undefined) => { if (i !== undefined) { setText(""); onPick(g.ids[i]!); } };
  return <div class="picker">
    <label class="sr" for={"pick-" + label}>{label}</label>
    <input id={"pick-" + label} ref={input} type="text" autocomplete="off" spellcheck={false} placeholder={label + "…"} value={text} role="combobox" aria-expanded={found.length > 0} aria-controls={"list-" + label} aria-autocomplete="list"
      aria-activedescendant={found.length ? `opt-${label}-${at}` : undefined}
      onInput={(e) => { setText(e.currentTarget.value); setAt(0); }}
      onKeyDown={(e) => {
        if (e.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
        else if (e.key === "ArrowUp") setAt(Math.max(0, at - 1));
        else if (e.key === "Enter") pick(found[at]);
        else return;
        e.preventDefault();
      }} />
    <ul id={"list-" + label} role="listbox" aria-label={label} hidden={found.length === 0}>{found.map((i, k) => <li id={`opt-${label}-${k}`} role="option" aria-selected={k === at} onMouseDown={(e) => { e.preventDefault(); pick(i); }}><Glyph type={g.kind(i)} /> {g.labels[i]} <span class="dim">{g.text(g.folder, i)}</span></li>)}</ul>
  </div>;
}
