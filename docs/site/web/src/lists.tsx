import { useMemo, useState } from "preact/hooks";
import { graph, tests, type Docs } from "./data";
import { FLAG, STATUS, TYPES, type Type } from "./format";
import { toNode } from "./route";
import { Failed, Glyph, Loading, Scroll, Status, TYPE_NAMES, useAsync } from "./ui";

const STEP = 200;
type Column = "name" | "where" | "kind" | "owner" | "columns" | "tests" | "status";

/** List is every doc of a type, sorted and filtered. */
export function List({ type }: { type: string }) {
  const known = (TYPES as readonly string[]).includes(type);
  const { value, error } = useAsync(async () => (type === "test" || type === "unit_test" ? await tests() : await graph()), [type]);
  if (!known) return <div class="narrow"><h1 tabIndex={-1}>Not here</h1><p>There is no list called <code>{type}</code>.</p></div>;
  if (error) return <Failed error={error} />;
  if (!value) return <Loading />;
  return <Table key={type} d={value} type={type as Type} />;
}

function Table({ d, type }: { d: Docs; type: Type }) {
  const [filter, setFilter] = useState("");
  const [sort, setSort] = useState<{ by: Column; up: boolean }>({ by: "name", up: true });
  const [most, setMost] = useState(STEP);
  const [builtin, setBuiltin] = useState(false);
  const isTest = type === "test" || type === "unit_test", data = ["model", "seed", "snapshot", "source"].includes(type);
  const mine = useMemo(() => Array.from({ length: d.length }, (_, i) => i).filter((i) => d.kind(i) === type), [d, type]);
  const some = mine.some((i) => d.flags[i]! & FLAG.builtin);
  const where = (i: number) => (isTest ? d.text(d.subject, i).split(".").slice(2).join(".") : type === "source" ? d.text(d.schema, i) : [d.text(d.pkg, i), d.text(d.folder, i)].filter(Boolean).join("/"));
  const status = (i: number) => (data ? Math.max(d.status[i]!, d.tested[i]!) : d.status[i]!);
  const cell: Record<Column, (i: number) => string | number> = {
    name: (i) => d.labels[i]!.toLowerCase(), where, kind: (i) => d.text(d.mat, i), owner: (i) => d.text(d.owner, i), columns: (i) => d.cols[i]!, tests: (i) => d.tests[i]!, status,
  };
  const rows = useMemo(() => {
    const q = filter.trim().toLowerCase(), key = cell[sort.by];
    return mine.filter((i) => (builtin || !(d.flags[i]! & FLAG.builtin)) && (!q || (d.labels[i] + " " + where(i) + " " + d.text(d.owner, i)).toLowerCase().includes(q)))
      .sort((a, b) => { const x = key(a), y = key(b); return (x < y ? -1 : x > y ? 1 : a - b) * (sort.up ? 1 : -1); });
  }, [mine, filter, sort, builtin]);
  const columns: [Column, string][] = [["name", "Name"], ["where", isTest ? "Tests" : type === "source" ? "Schema" : "Folder"]];
  if (["model", "test"].includes(type)) columns.push(["kind", type === "test" ? "Kind" : "Built as"]);
  if (mine.some((i) => d.owner[i] !== 0)) columns.push(["owner", "Owner"]);
  if (data) columns.push(["columns", "Columns"], ["tests", "Tests"]);
  if (data || isTest) columns.push(["status", "Status"]);
  return <div class="list">
    <h1 tabIndex={-1}>{TYPE_NAMES[type][1]} <span class="count">{rows.length.toLocaleString("en")}</span></h1>
    <div class="controls"><label class="grow"><span class="sr">Filter</span><input type="search" placeholder="Filter by name, folder or owner" value={filter} onInput={(e) => { setFilter(e.currentTarget.value); setMost(STEP); }} /></label>
      {some && <label><input type="checkbox" checked={builtin} onChange={(e) => setBuiltin(e.currentTarget.checked)} /> built-in too</label>}</div>
    <Scroll label={TYPE_NAMES[type][1]}><table><thead><tr>{columns.map(([k, title]) => <th scope="col" class={k === "columns" || k === "tests" ? "num" : ""} aria-sort={sort.by === k ? (sort.up ? "ascending" : "descending") : undefined}>
      <button class="sort" onClick={() => setSort({ by: k, up: sort.by === k ? !sort.up : k !== "status" })}>{title}<span aria-hidden="true">{sort.by === k ? (sort.up ? " ↑" : " ↓") : ""}</span></button></th>)}</tr></thead>
      <tbody>{rows.slice(0, most).map((i) => <tr key={i}>{columns.map(([k]) => k === "name"
        ? <th scope="row"><a class="node" href={toNode(d.ids[i]!)}><Glyph type={type} /><span>{d.labels[i]}</span></a></th>
        : k === "status" ? <td><Status status={STATUS[status(i)]} /></td>
        : <td class={k === "columns" || k === "tests" ? "num" : "dim"}>{cell[k](i)}</td>)}</tr>)}</tbody></table></Scroll>
    {rows.length === 0 && <p class="dim">Nothing matches.</p>}
    {most < rows.length && <p><button onClick={() => setMost(most + STEP * 5)}>Show more</button> <span class="dim">{most} of {rows.length.toLocaleString("en")}</span></p>}
  </div>;
}
