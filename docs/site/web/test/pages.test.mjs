// Every kind of page of the gallery, from a disk, as one file and from the server, light and dark.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COLOURS, accessible, file, launch, quiet, show, watched, work } from "./browser.mjs";

const KINDS = {
  "#/": ["h1:gallery", "One of everything", "Needs attention"],
  "#/model.gallery.orders.v2": ["h1:orders.v2", "contract enforced", "public", "version 2 (latest)", "Quarantined", "5,400", "Messages waiting", "not null", "Amount in cents.", "nightly", "relationships", "source(", "Runs"],
  "#/model.gallery.orders.v1": ["deprecated from 2027-01-01", "latest is 2"],
  "#/model.gallery.customers": ["accepted_values", "warns only", "raw_customers", "customers_without_orders"],
  "#/model.gallery.broken": ["error", "no_such_column"],
  "#/source.gallery.shop.raw_orders": ["Live status", "Rows landed 1,200", "last commit not known watermark not known Last commit 2026-11-23 02:57:00 UTC", "h1:shop.raw_orders", "Freshness", "Newest row", "1 day", "a script", "What the shop writes."],
  "#/seed.gallery.raw_orders": ["h1:raw_orders", "Seed"],
  "#/snapshot.gallery.customer_history": ["Every name a customer had.", "strategy"],
  "#/analysis.gallery.how_many": ["how_many", "Analysis"],
  "#/macro.gallery.cents": ["An amount in cents.", "Arguments", "twice_cents", "orders.v1"],
  "#/test.gallery.accepted_values_customers_orders__False__7.c48efea678": ["accepted_values", "What it tests", "Got 2 results"],
  "#/test.gallery.no_negative_amounts": ["no_negative_amounts", "only warns"],
  "#/unit_test.gallery.customers.customers_without_orders": ["Given", "Expect", "Ada"],
  "#/exposure.gallery.report": ["h1:Weekly report", "Board office", "https://bi.gallery.example/report", "revenue"],
  "#/metric.gallery.revenue": ["h1:Revenue", "What customers paid.", "Measured by"],
  "#/semantic_model.gallery.orders": ["Orders for metrics.", "Dimensions", "Measures"],
  "#/saved_query.gallery.revenue_by_day": ["Revenue for the report.", "Query", "Exports"],
  "#/group.gallery.finance": ["Everything about money.", "orders.v2"],
  "#/package.gallery": ["h1:gallery", "Members", "customer_history"],
  "#/page.gallery.second.md": ["h1:Second page", "ornithopter", "page 2 of 4"],
  "#/list/page": ["h1:Pages 4", "third"],
  "#/column/model.gallery.orders.v2/order_id": ["h1:Lineage of orders.v2.order_id", "shop.raw_orders.id transform approximate", "customers.orders aggregate"],
  "#/column/source.gallery.shop.raw_orders/id": ["h1:Lineage of shop.raw_orders.id", "Nothing is known of what it is made from", "1 step", "2 steps", "customers.orders aggregate by orders.v2.order_id"],
  "#/column/model.gallery.customers/nothing": ["Not here"],
  "#/list/model": ["h1:Models 5", "time_spine"],
  "#/list/test": ["relationships", "unique"],
  "#/entities": ["h1:Entities", "customer_id"],
  "#/lineage": ["Most connected", "customers"],
  "#/lineage/model.gallery.customers": ["Lineage of customers", "report"],
  "#/lineage/model.gallery.customers?view=list": ["1 step before", "1 step after", "report"],
  "#/no.such.page": ["Not here", "no.such.page"],
};

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function holds(page, hash, texts) {
  const text = await page.locator("main").innerText(), low = text.toLowerCase().replace(/\s+/g, " ");
  for (const t of texts) {
    if (t.startsWith("h1:")) assert.equal((await page.locator("main h1").innerText()).replace(/\s+/g, " "), t.slice(3), hash);
    else assert.ok(low.includes(t.toLowerCase()), `${hash} shows ${JSON.stringify(t)}; it has ${JSON.stringify(text.slice(0, 1500))}`);
  }
}

for (const scheme of ["light", "dark"]) {
  test(`every page from a disk, ${scheme}: what it shows, accessible, silent`, async () => {
    const base = file("gallery", "index.html"), page = await watched(browser, { colorScheme: scheme });
    for (const [hash, texts] of Object.entries(KINDS)) {
      await show(page, base, hash);
      await page.waitForSelector(".tree li");
      await holds(page, hash, texts);
      await accessible(page, `${hash} ${scheme}`, scheme === "dark" ? COLOURS : undefined);
    }
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(background, scheme === "dark" ? "rgb(20, 25, 24)" : "rgb(251, 251, 250)");
    quiet(page, file("gallery"));
    await page.context().close();
  });
}

test("every page of the single file", async () => {
  const base = file("gallery", "single.html"), page = await watched(browser);
  for (const [hash, texts] of Object.entries(KINDS)) {
    await show(page, base, hash);
    await holds(page, hash, texts);
  }
  quiet(page, base);
  assert.deepEqual([...new Set(page.seen.requests.filter((u) => u.startsWith("file:")).map((u) => u.split("#")[0]))], [base], "one file is all it reads");
  await page.context().close();
});

test("markup in descriptions is text, and nothing in them is loaded or run", async () => {
  const page = await watched(browser);
  await show(page, file("gallery", "index.html"), "#/");
  const prose = page.locator(".overview .prose").first();
  assert.match(await prose.innerText(), /<script>alert\("markup is shown as text"\)<\/script>/);
  assert.equal(await prose.locator("script,img").count(), 0);
  assert.equal(await page.locator("a[href^='javascript']").count(), 0);
  assert.equal(await prose.locator("a", { hasText: "image elsewhere" }).getAttribute("href"), "https://example.com/x.png");
  await prose.locator("a", { hasText: "customers" }).click();
  await page.waitForFunction(() => document.querySelector("main h1")?.textContent === "customers");
  await page.context().close();
});

test("code links what it refers to, source and compiled", async () => {
  const page = await watched(browser);
  await show(page, file("gallery", "index.html"), "#/model.gallery.customers");
  const refs = async () => (await page.locator(".code .ref").evaluateAll((l) => l.map((a) => a.getAttribute("href")))).sort();
  assert.deepEqual(await refs(), ["#/model.gallery.orders.v2", "#/seed.gallery.raw_customers"]);
  await page.getByRole("button", { name: "Compiled" }).click();
  assert.deepEqual(await refs(), ["#/model.gallery.orders.v2", "#/seed.gallery.raw_customers"]);
  await page.context().close();
});

test("columns say where they come from and go to, how, and whether that is proven", async () => {
  const page = await watched(browser);
  await show(page, file("gallery", "index.html"), "#/model.gallery.orders.v2");
  assert.deepEqual((await page.locator("table.columns thead th").allInnerTexts()).slice(-2), ["Comes from", "Goes to"]);
  const row = page.locator("table.columns tbody tr", { has: page.locator("th", { hasText: "order_id" }) });
  assert.deepEqual((await row.locator("td").allInnerTexts()).slice(-2).map((t) => t.replace(/\s+/g, " ").trim()), ["shop.raw_orders.id transform approximate", "customers.orders aggregate"]);
  await row.getByRole("link", { name: "customers.orders" }).click();
  await page.waitForFunction(() => document.querySelector("main h1")?.textContent === "Lineage of customers.orders");
  assert.deepEqual(await page.locator("section[aria-label='Comes from'] li .node").allInnerTexts().then((l) => l.map((t) => t.replace(/^\S\s*/, ""))), ["orders.v2.order_id", "shop.raw_orders.id"]);
  quiet(page, file("gallery"));
  await page.context().close();
});

test("printing shows the page alone", async () => {
  const page = await watched(browser);
  await show(page, file("gallery", "index.html"), "#/model.gallery.customers");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("#side").isVisible(), false);
  assert.equal(await page.locator(".top").isVisible(), false);
  assert.equal(await page.locator("main h1").isVisible(), true);
  await page.context().close();
});

test("a narrow window hides the tree behind a button", async () => {
  const page = await watched(browser, { viewport: { width: 420, height: 800 } });
  await show(page, file("gallery", "index.html"), "#/model.gallery.customers");
  assert.equal(await page.locator("#side").isVisible(), false);
  await page.getByRole("button", { name: "Menu" }).click();
  assert.equal(await page.locator("#side").isVisible(), true);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
  await accessible(page, "narrow");
  await page.context().close();
});
