import { useEffect, useMemo, useRef } from "preact/hooks";
import { fileURL, head } from "./data";
import type { Page } from "./format";
import { readPage } from "./markdown";
import { link, toNode } from "./route";
import { Glyph } from "./ui";

const toPart = (id: string, at: string) => link([id], { at });

/** Manual is a page of text, with what stands on it and what to read before and after. */
export function Manual({ p, at }: { p: Page; at: string }) {
  const { html, headings } = useMemo(() => readPage(p.text ?? "", p.links ?? {}, toPart, p.id), [p]);
  const prose = useRef<HTMLDivElement>(null);
  useEffect(() => {
    for (const el of prose.current!.querySelectorAll<HTMLElement>("[data-file]")) {
      const name = el.dataset["file"]!;
      fileURL(name).then((url) => {
        if (el instanceof HTMLImageElement) el.src = url;
        else { el.setAttribute("href", url); el.setAttribute("download", name.split("/").at(-1)!); }
      }, () => el.classList.add("failed"));
    }
  }, [html]);
  useEffect(() => {
    if (!at) return undefined;
    const show = () => {
      const h = document.getElementById("at-" + at);
      h?.focus({ preventScroll: true });
      h?.scrollIntoView({ block: "start" });
    };
    // After the page has taken its own heading, and again when pictures have made room.
    const soon = requestAnimationFrame(show), pictures = [...prose.current!.querySelectorAll("img")].filter((i) => !i.complete);
    pictures.forEach((i) => i.addEventListener("load", show, { once: true }));
    return () => { cancelAnimationFrame(soon); pictures.forEach((i) => i.removeEventListener("load", show)); };
  }, [html, at]);
  const parts = headings.filter((h) => h.depth <= 3), before = p.parents?.[0], after = p.children?.[0];
  return <article class="page manual">
    <header class="title">
      <p class="eyebrow"><Glyph type="page" /> Page{head.pages && head.pages.length > 1 ? ` ${head.pages.indexOf(p.id) + 1} of ${head.pages.length}` : ""} · <code>{p.path}</code></p>
      <h1 tabIndex={-1}>{p.name}</h1>
    </header>
    <div class="read">
      {parts.length > 1 && <nav class="contents" aria-label="On this page"><h2>On this page</h2>
        <ul>{parts.map((h) => <li class={h.depth > 2 ? "deep" : ""}><a href={toPart(p.id, h.slug)} aria-current={h.slug === at ? "true" : undefined}>{h.text}</a></li>)}</ul></nav>}
      <div class="prose" ref={prose} dangerouslySetInnerHTML={{ __html: html }} />
    </div>
    {(before || after) && <nav class="turn" aria-label="Neighbouring pages">
      {before ? <a href={toNode(before[0])} rel="prev"><span class="dim">Before</span> {before[1]}</a> : <span />}
      {after && <a href={toNode(after[0])} rel="next"><span class="dim">Next</span> {after[1]}</a>}
    </nav>}
  </article>;
}
