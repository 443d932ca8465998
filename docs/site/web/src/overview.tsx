import { head } from "./data";
import { TYPES, type RunRow } from "./format";
import { link } from "./route";
import { Markdown, NodeLink, Scroll, Section, Status, TYPE_NAMES, seconds, when } from "./ui";

const percent = (a: number, b: number) => (b === 0 ? 0 : Math.round((a / b) * 100));

export function Overview() {
  const c = head.coverage, r = head.run;
  return <div class="overview">
    <header class="title"><p class="eyebrow">{head.adapter ? head.adapter + " project" : "Project"}</p><h1 tabIndex={-1}>{head.title}</h1></header>
    <ul class="tiles" aria-label="What there is">{TYPES.filter((t) => (head.counts[t] ?? 0) > 0).map((t) => <li><a href={link(["list", t])}><strong>{head.counts[t]!.toLocaleString("en")}</strong> {head.counts[t] === 1 ? TYPE_NAMES[t][0] : TYPE_NAMES[t][1]}</a></li>)}</ul>
    {head.overview && <div class="card"><Section id="about" title="About"><Markdown text={head.overview} /></Section></div>}
    <div class="split">
      <Section id="coverage" title="Coverage">
        <Meter name="Models described" a={c.described} b={c.models} query="type:model is:undocumented" />
        <Meter name="Columns described" a={c.columnsDescribed} b={c.columns} />
        <Meter name="Models tested" a={c.tested} b={c.models} query="type:model is:untested" />
      </Section>
      <Section id="run" title="Last run">
        {!r ? <p class="dim">No results yet. Run <code>build</code>, then generate the documentation again.</p> : <>
          <p>{r.command && <code>{r.command}</code>} on {when(r.at)}, {seconds(r.elapsed)}.</p>
          <ul class="chips">{Object.entries(r.counts).map(([s, n]) => <li><Status status={s} /> <strong>{n.toLocaleString("en")}</strong></li>)}</ul></>}
      </Section>
    </div>
    {r?.bad && <Section id="bad" title="Needs attention"><Rows rows={r.bad} label="Needs attention" message /></Section>}
    {r?.slow && <Section id="slow" title="Slowest"><Rows rows={r.slow} label="Slowest" /></Section>}
    <p class="dim foot">{head.generated && <>Generated {when(head.generated)}{head.program ? ` by Millrace ${head.program}` : ""}, dbt {head.dbt} artifacts. </>}Press <kbd>/</kbd> to search, <kbd>?</kbd> for all keys.</p>
  </div>;
}

function Meter({ name, a, b, query }: { name: string; a: number; b: number; query?: string }) {
  return <div class="meter"><span>{name}</span>
    <span class="track" aria-hidden="true"><span style={{ width: percent(a, b) + "%" }} /></span>
    <span class="num">{percent(a, b)} % <span class="dim">({a.toLocaleString("en")} of {b.toLocaleString("en")})</span>
      {query && a < b && <button class="quiet" onClick={() => dispatchEvent(new CustomEvent("millrace:search", { detail: query }))}>show the rest<span class="sr"> of: {name}</span></button>}</span></div>;
}

function Rows({ rows, label, message }: { rows: RunRow[]; label: string; message?: boolean }) {
  return <Scroll label={label}><table><thead><tr><th scope="col">Name</th><th scope="col">Status</th><th scope="col" class="num">Time</th>{message && <th scope="col">Message</th>}</tr></thead>
    <tbody>{rows.map((r) => <tr><td><NodeLink id={r[0]} label={r[1]} /></td><td><Status status={r[2]} /></td><td class="num nowrap">{seconds(r[3])}</td>{message && <td class="message">{r[4]}</td>}</tr>)}</tbody></table></Scroll>;
}
