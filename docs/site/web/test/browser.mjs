// What the tests share: a browser that may reach nothing, and what a page must never do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const work = process.env.SITE_WORK;
if (!work) throw new Error("SITE_WORK is not set; run test.sh");

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

export const file = (...path) => pathToFileURL(join(work, ...path)).href;

/** Watched is a page with everything it said and asked for. */
export async function watched(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const seen = { console: [], errors: [], requests: [] };
  page.on("console", (m) => seen.console.push(`${m.type()}: ${m.text()}`));
  page.on("pageerror", (e) => seen.errors.push(String(e.stack)));
  page.on("request", (r) => seen.requests.push(r.url()));
  page.seen = seen;
  return page;
}

/** quiet asserts that the page said nothing and asked nobody but the place it came from. */
export function quiet(page, origin) {
  assert.deepEqual(page.seen.console, [], "console");
  assert.deepEqual(page.seen.errors, [], "errors");
  for (const url of page.seen.requests) assert.ok(url.startsWith(origin) || /^(blob|data):/.test(url), `a request went to ${url}`);
}

export async function show(page, base, hash) {
  if (page.url().split("#")[0] === base) await page.evaluate((h) => { location.hash = h; }, hash);
  else await page.goto(base + hash);
  await page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector("main .loading"));
  await settled(page);
}

/** settled waits for the frame after the last change. */
export const settled = (page) => page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));

const RULES = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
export const COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/** accessible holds the page to axe's rules; where only colours differ from a page that was held to all, to those of colours. */
export async function accessible(page, what, runOnly = RULES) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }), runOnly);
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 4).map((n) => n.html.slice(0, 160) + " — " + n.failureSummary.replace(/\s+/g, " ").slice(0, 200)).join(" | ")}`), [], what);
}
