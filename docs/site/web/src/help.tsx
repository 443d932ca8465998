import { useEffect, useRef } from "preact/hooks";

const KEYS: [string[], string][] = [
  [["/"], "Search (also Ctrl K)"], [["g", "o"], "Overview"], [["g", "l"], "Lineage, of the open page if there is one"], [["g", "e"], "Entities"],
  [["g", "m"], "Models"], [["g", "s"], "Sources"], [["g", "t"], "Tests"], [["g", "p"], "Page of the node in the lineage"], [["["], "To the tree"], [["]"], "To the page"], [["t"], "Light, dark, as the system"], [["?"], "This help"], [["Esc"], "Close"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return <dialog class="help" ref={dialog} aria-labelledby="help-title" onClose={onClose} onClick={(e) => { if (e.target === dialog.current) dialog.current?.close(); }}>
    <h2 id="help-title">Keys</h2>
    <dl>{KEYS.map(([k, what]) => <div><dt>{k.map((x) => <kbd>{x}</kbd>)}</dt><dd>{what}</dd></div>)}</dl>
    <p>In the tree and in the graph the arrow keys move, Enter opens. In the graph <kbd>+</kbd> <kbd>-</kbd> zoom, <kbd>0</kbd> fits, <kbd>o</kbd> opens the page.</p>
    <h2>Search</h2>
    <p>All words must match. <code>type:</code> <code>tag:</code> <code>owner:</code> <code>col:</code> <code>name:</code> <code>desc:</code> <code>group:</code> <code>package:</code> <code>path:</code> <code>schema:</code> <code>mat:</code> <code>status:</code> narrow it, as do <code>is:undocumented</code> <code>is:untested</code> <code>is:failing</code> <code>is:contract</code> <code>is:stream</code>; quotes keep words together, <code>-</code> leaves out.</p>
    <form method="dialog"><button>Close</button></form>
  </dialog>;
}
