import { Marked, type Tokens } from "marked";

const escape = (s: string) => s.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]!);

/** safe keeps links that lead to a page, never to a script. */
function safe(href: string): string | undefined {
  const h = href.trim();
  const old = /^#!\/[a-z_]+\/(.+)$/.exec(h);
  if (old) return "#/" + old[1];
  if (/^(https?:|mailto:)/i.test(h) || h.startsWith("#")) return h;
  if (/^[a-z0-9_.\-]+(\/|$|[?#.])/i.test(h) && !/^[a-z][a-z0-9+.\-]*:/i.test(h)) return h;
  return undefined;
}

const outside = (href: string) => (/^https?:/i.test(href) ? ' rel="noopener noreferrer"' : "");
const named = (title?: string | null) => (title ? ` title="${escape(title)}"` : "");

/** Place is where a text stands: how its headings rank, and what its links and pictures mean. */
interface Place {
  heading: (inner: string, text: string, depth: number) => string;
  link: (href: string) => string | undefined; // attributes of <a>
  image: (href: string, text: string) => string | undefined;
  comments: boolean; // shown as text, like all markup
  table: () => string; // its name
}

const elsewhere = (href: string, text: string) => {
  const to = safe(href);
  return to ? `<a href="${escape(to)}" rel="noopener noreferrer">${escape(text || href)} (image elsewhere)</a>` : escape(text);
};

// Texts are written by many hands, and copied from databases: markup in them is shown as
// text, and nothing is loaded from elsewhere.
function reader(place: Place): Marked {
  return new Marked({
    gfm: true, breaks: false,
    renderer: {
      html: ({ text }) => (!place.comments && /^\s*<!--[\s\S]*-->\s*$/.test(text) ? "" : escape(text)),
      heading(token) { return place.heading(this.parser.parseInline(token.tokens), plain(token.tokens), token.depth); },
      link({ href, title, tokens }) {
        const text = this.parser.parseInline(tokens), to = place.link(href);
        return to === undefined ? text : `<a ${to}${named(title)}>${text}</a>`;
      },
      image: ({ href, text }) => place.image(href, text) ?? elsewhere(href, text),
      table(token) {
        const cells = (row: typeof token.header, tag: string) => row.map((c) => `<${tag}>${this.parser.parseInline(c.tokens)}</${tag}>`).join("");
        return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(place.table())}"><table><thead><tr>${cells(token.header, "th")}</tr></thead><tbody>${token.rows.map((r) => `<tr>${cells(r, "td")}</tr>`).join("")}</tbody></table></div>`;
      },
      code: ({ text }) => `<pre tabindex="0"><code>${escape(text)}</code></pre>`,
      checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    },
  });
}

const plain = (tokens: Tokens.Generic[]): string => tokens.map((t) => (Array.isArray(t["tokens"]) ? plain(t["tokens"] as Tokens.Generic[]) : String(t["text"] ?? ""))).join("");
const known = (href: string) => { const to = safe(href); return to && `href="${escape(to)}"${outside(to)}`; };

const md = reader({
  heading: (inner, _, depth) => { const level = Math.min(6, depth + 2); return `<h${level}>${inner}</h${level}>`; },
  link: known,
  image: (href, text) => (/^data:image\/(png|jpeg|gif|webp);/i.test(href) || (!/^[a-z][a-z0-9+.\-]*:|^\/\//i.test(href)) ? `<img src="${escape(href)}" alt="${escape(text)}" loading="lazy">` : undefined),
  comments: true,
  table: () => "Table",
});

export const markdown = (text: string) => md.parse(text, { async: false });
export const inline = (text: string) => md.parseInline(text, { async: false }) as string;

export interface Heading { slug: string; text: string; depth: number }

/** readPage gives a page of the manual as HTML, with its headings. Pictures and files get their address later: data-file names them. */
export function readPage(text: string, links: Record<string, string>, href: (id: string, at: string) => string, self: string): { html: string; headings: Heading[] } {
  const headings: Heading[] = [], count = new Map<string, number>();
  let tables = 0;
  const target = (to: string) => (Object.hasOwn(links, to) ? links[to]! : undefined);
  const html = reader({
    heading: (inner, text, depth) => {
      const base = slug(text), n = count.get(base) ?? 0, level = Math.max(2, depth);
      count.set(base, n + 1);
      const name = n === 0 ? base : `${base}-${n}`;
      headings.push({ slug: name, text, depth: level });
      return `<h${level} id="at-${escape(name)}" tabindex="-1">${inner}</h${level}>`;
    },
    link: (to) => {
      if (to.startsWith("#") && !to.startsWith("#/") && !to.startsWith("#!")) return `href="${escape(href(self, to.slice(1)))}"`;
      const found = target(to);
      if (found?.startsWith("file:")) return `data-file="${escape(found.slice(5))}"`;
      if (found) { const [id = "", at = ""] = split(found); return `href="${escape(href(id, at))}"`; }
      return /^(https?:|mailto:|#)/i.test(to) ? known(to) : undefined;
    },
    image: (to, alt) => {
      const found = target(to);
      if (found?.startsWith("file:")) return `<img data-file="${escape(found.slice(5))}" alt="${escape(alt)}">`;
      return /^https?:/i.test(to) ? undefined : escape(alt);
    },
    comments: false,
    table: () => `Table ${++tables}`,
  }).parse(text, { async: false });
  return { html, headings };
}

const split = (target: string) => { const i = target.indexOf("#"); return i < 0 ? [target] : [target.slice(0, i), target.slice(i + 1)]; };

/** slug is the name of a heading as GitHub makes it. */
const slug = (text: string) => text.toLowerCase().trim().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
