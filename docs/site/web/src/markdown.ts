import { Marked } from "marked";

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

// Descriptions are written by many hands, and copied from databases: markup in them is
// shown as text, and nothing is loaded from elsewhere.
const md = new Marked({
  gfm: true, breaks: false,
  renderer: {
    html: ({ text }) => escape(text),
    heading({ tokens, depth }) {
      const level = Math.min(6, depth + 2);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    link({ href, title, tokens }) {
      const text = this.parser.parseInline(tokens), to = safe(href);
      if (!to) return text;
      return `<a href="${escape(to)}"${title ? ` title="${escape(title)}"` : ""}${/^https?:/i.test(to) ? ' rel="noopener noreferrer"' : ""}>${text}</a>`;
    },
    image({ href, text }) {
      if (/^data:image\/(png|jpeg|gif|webp);/i.test(href) || (!/^[a-z][a-z0-9+.\-]*:|^\/\//i.test(href))) return `<img src="${escape(href)}" alt="${escape(text)}" loading="lazy">`;
      const to = safe(href);
      return to ? `<a href="${escape(to)}" rel="noopener noreferrer">${escape(text || href)} (image elsewhere)</a>` : escape(text);
    },
    table(token) {
      const cells = (row: typeof token.header, tag: string) => row.map((c) => `<${tag}>${this.parser.parseInline(c.tokens)}</${tag}>`).join("");
      return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${cells(token.header, "th")}</tr></thead><tbody>${token.rows.map((r) => `<tr>${cells(r, "td")}</tr>`).join("")}</tbody></table></div>`;
    },
    code: ({ text }) => `<pre tabindex="0"><code>${escape(text)}</code></pre>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

export const markdown = (text: string) => md.parse(text, { async: false });
export const inline = (text: string) => md.parseInline(text, { async: false }) as string;
