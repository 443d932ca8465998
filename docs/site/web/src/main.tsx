import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { graph, head } from "./data";
import { ColumnPage } from "./columns";
import { Entities } from "./entities";
import { Help } from "./help";
import { Lineage } from "./lineage";
import { List } from "./lists";
import { Overview } from "./overview";
import { NodePage } from "./page";
import { Search } from "./palette";
import { go, link, toLineage, toNode, useRoute, type Route } from "./route";
import { Tree } from "./tree";

type Theme = "system" | "light" | "dark";
const THEMES: Theme[] = ["system", "light", "dark"];

function stored(): Theme {
  try { const t = localStorage.getItem("millrace-theme"); return THEMES.includes(t as Theme) ? (t as Theme) : "system"; } catch { return "system"; }
}
function apply(t: Theme) {
  if (t === "system") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = t;
  try { localStorage.setItem("millrace-theme", t); } catch { /* a page from a disk may have no storage */ }
}
apply(stored());

const FIXED = new Set(["lineage", "column", "entities", "list"]);
const nodeOf = (r: Route) => (r.path[0] === "lineage" || r.path[0] === "column" ? r.path[1] ?? "" : r.path.length > 0 && !FIXED.has(r.path[0]!) ? r.path.join("/") : "");

function App() {
  const route = useRoute();
  const [search, setSearch] = useState<string>();
  const [help, setHelp] = useState(false);
  const [theme, setTheme] = useState<Theme>(stored);
  const [menu, setMenu] = useState(false);
  // The tree needs the graph, which comes after the first picture.
  const [later, setLater] = useState(false);
  const main = useRef<HTMLElement>(null);
  const pending = useRef(false);
  const node = nodeOf(route), where = route.path.join("/");

  useEffect(() => { requestAnimationFrame(() => setTimeout(() => setLater(true), 0)); }, []);
  useEffect(() => { if (later && node) graph().catch(() => undefined); }, [later, node]);
  const first = useRef(true);
  useEffect(() => {
    const name = node ? node.split(".").slice(2).join(".") || node : route.path[0] === "list" ? route.path[1] : route.path[0];
    document.title = (name ? name + " · " : "") + head.title;
    setMenu(false);
    if (first.current) { first.current = false; return; }
    main.current?.scrollTo(0, 0);
    // Someone who does not see the page change hears its heading.
    const focusHeading = () => { const h = main.current?.querySelector<HTMLElement>("h1"); h?.focus({ preventScroll: true }); return Boolean(h); };
    if (!focusHeading()) {
      const o = new MutationObserver(() => { if (focusHeading()) o.disconnect(); });
      if (main.current) o.observe(main.current, { childList: true, subtree: true });
      const stop = setTimeout(() => o.disconnect(), 4000);
      return () => { o.disconnect(); clearTimeout(stop); };
    }
    return undefined;
  }, [where]);

  const cycle = () => setTheme((t) => { const n = THEMES[(THEMES.indexOf(t) + 1) % 3]!; apply(n); return n; });
  useEffect(() => {
    const onSearch = (e: Event) => setSearch((e as CustomEvent<string>).detail);
    const onKey = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); setSearch(""); return; }
      const t = e.target as HTMLElement;
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || t.closest("input,select,textarea,dialog")) return;
      if (pending.current) {
        pending.current = false;
        const to: Record<string, string> = { o: "#/", l: node ? toLineage(node) : link(["lineage"]), e: link(["entities"]), m: link(["list", "model"]), s: link(["list", "source"]), t: link(["list", "test"]), p: node ? toNode(node) : "#/" };
        if (to[e.key]) { e.preventDefault(); go(to[e.key]!); return; }
      }
      switch (e.key) {
        case "/": setSearch(""); break;
        case "?": setHelp(true); break;
        case "g": pending.current = true; setTimeout(() => { pending.current = false; }, 1200); break;
        case "t": cycle(); break;
        case "[": document.querySelector<HTMLElement>(".tree [tabindex='0']")?.focus(); break;
        case "]": main.current?.querySelector<HTMLElement>("h1")?.focus(); break;
        default: return;
      }
      e.preventDefault();
    };
    addEventListener("millrace:search", onSearch);
    addEventListener("keydown", onKey);
    return () => { removeEventListener("millrace:search", onSearch); removeEventListener("keydown", onKey); };
  }, [node]);

  const here = (k: string) => ((route.path[0] ?? "") === k ? "page" as const : undefined);
  return <>
    <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>Skip to the page</a>
    <header class="top">
      <button class="menu quiet" aria-expanded={menu} aria-controls="side" onClick={() => setMenu(!menu)}>☰<span class="sr"> Menu</span></button>
      <a class="brand" href="#/" aria-current={here("")}><svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true"><circle cx="16" cy="16" r="15" /><path d="M5 13c4-4.500 7-4.500 11 0s7 4.500 11 0M5 20c4-4.500 7-4.500 11 0s7 4.500 11 0" /></svg><span>{head.title}</span></a>
      <button class="find" aria-label="Search" onClick={() => setSearch("")}><span>Search</span> <kbd aria-hidden="true">/</kbd></button>
      <nav aria-label="Views"><a href={link(["lineage"])} aria-current={here("lineage")} onClick={(e) => { if (node) { e.preventDefault(); go(toLineage(node)); } }}>Lineage</a>
        {head.pages && <a href={toNode(head.pages[0]!)} aria-current={node.startsWith("page.") ? "page" : undefined}>Pages</a>}
        {head.entities > 0 && <a href={link(["entities"])} aria-current={here("entities")}>Entities</a>}</nav>
      <button class="quiet" onClick={cycle} aria-label={`Theme: ${theme}. Change`} title={`Theme: ${theme}`}>{theme === "system" ? "◐" : theme === "light" ? "☀" : "☾"}</button>
      <button class="quiet" onClick={() => setHelp(true)} aria-label="Keys and help">?</button>
    </header>
    <div class="body">
      <nav id="side" class={"side" + (menu ? " open" : "")} aria-label="Project">{later ? <Tree current={node} /> : <p class="loading">Loading…</p>}</nav>
      <main id="main" ref={main} tabIndex={-1}>{view(route)}</main>
    </div>
    {search !== undefined && <Search start={search} onClose={() => setSearch(undefined)} />}
    {help && <Help onClose={() => setHelp(false)} />}
  </>;
}

function view(route: Route) {
  switch (route.path[0]) {
    case undefined: return <Overview />;
    case "lineage": return <Lineage route={route} />;
    case "column": return <ColumnPage id={route.path[1] ?? ""} column={route.path.slice(2).join("/")} />;
    case "entities": return <Entities route={route} />;
    case "list": return <List type={route.path[1] ?? ""} />;
    default: return <NodePage id={route.path.join("/")} at={route.query.get("at") ?? ""} />;
  }
}

render(<App />, document.getElementById("app")!);

// `docs serve` says when the artifacts have changed.
if (head.live && location.protocol.startsWith("http")) {
  const events = new EventSource(head.live);
  events.onmessage = (e) => { if (e.data !== head.build) location.reload(); };
}
