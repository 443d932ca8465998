// Search, lineage, keyboard and theme, as people use them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, file, launch, quiet, settled, show, watched } from "./browser.mjs";

let browser;
const gallery = file("gallery", "index.html"), shop = file("shop", "index.html");
before(async () => { browser = await launch(); });
after(() => browser.close());

const hits = (page) => page.locator("#hits li .label").allInnerTexts();
const hash = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const heading = (page) => page.locator("main h1").innerText();

async function search(page, text) {
  await page.locator("dialog.search input").fill(text);
  await settled(page);
  return hits(page);
}

test("search: names, columns, descriptions, tags, owners, the query language, misspellings", async () => {
  const page = await watched(browser);
  await show(page, shop, "#/");
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.querySelector("dialog.search .note")?.textContent.startsWith("Narrow"));
  const first = async (q) => (await search(page, q))[0];
  assert.equal(await first("fct_orders"), "fct_orders");
  assert.equal(await first("fct_ord"), "fct_orders", "beginnings");
  assert.equal(await first("type:exposure report"), "executive_report");
  assert.equal(await first("fct_oders"), "fct_orders", "a letter missing");
  assert.equal(await first("dim_cutsomers"), "dim_customers", "letters swapped");
  assert.equal(await first("dimcust"), "dim_customers", "an abbreviation");
  assert.equal(await first("col:lifetime_value"), "dim_customers");
  assert.deepEqual((await search(page, "type:model owner:growth")).sort(), ["dim_customers", "fct_attribution", "fct_product_performance"]);
  assert.deepEqual((await search(page, "type:model group:risk")).sort(), ["fct_fraud_signals"]);
  assert.deepEqual((await search(page, "type:model tag:marts -fct_")).sort(), ["dim_customers", "exec_kpis"]);
  assert.deepEqual((await search(page, "type:model is:undocumented")).sort(), ["int_order_payments", "int_order_totals"]);
  assert.deepEqual(await search(page, "type:model mat:incremental"), ["fct_orders"]);
  assert.deepEqual((await search(page, "type:model path:intermediate")).sort(), ["int_order_payments", "int_order_totals"]);
  assert.equal(await first("management team"), "executive_report", "a description");
  assert.ok((await search(page, "type:test not_null_fct_orders_order_id")).includes("not_null_fct_orders_order_id"), "the name of a test");
  assert.deepEqual(await search(page, "zzzzqqq"), []);
  assert.match(await page.locator("dialog.search .note").innerText(), /Nothing found/);
  await search(page, "customer_id");
  await accessible(page, "search");
  quiet(page, file("shop"));
  await page.context().close();
});

test("search by keyboard: arrows choose, Enter opens, Ctrl+Enter shows the lineage, Esc closes", async () => {
  const page = await watched(browser);
  await show(page, shop, "#/");
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.querySelector("dialog.search .note")?.textContent.startsWith("Narrow"));
  const list = await search(page, "type:model stg_");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.locator("#hits li[aria-selected=true] .label").innerText(), list[1]);
  await page.keyboard.press("Enter");
  await page.waitForFunction((t) => document.querySelector("main h1")?.textContent === t, list[1]);
  assert.equal(await page.locator("dialog").count(), 0);
  await page.keyboard.press("Control+k");
  await search(page, "fct_orders");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => location.hash.startsWith("#/lineage/"));
  assert.equal(await hash(page), "#/lineage/model.shop.fct_orders");
  await page.keyboard.press("/");
  await page.locator("dialog.search").waitFor(); // Escape closes what is open, not what is about to open
  await page.keyboard.press("Escape");
  await settled(page);
  assert.equal(await page.locator("dialog").count(), 0);
  await page.context().close();
});

test("keys: g shortcuts, help, theme, the tree", async () => {
  const page = await watched(browser);
  await show(page, gallery, "#/model.gallery.customers");
  const go = async (key, to) => { await page.keyboard.press("g"); await page.keyboard.press(key); await page.waitForFunction((t) => decodeURIComponent(location.hash) === t, to); };
  await go("l", "#/lineage/model.gallery.customers");
  await go("p", "#/model.gallery.customers");
  await go("m", "#/list/model");
  await go("s", "#/list/source");
  await go("t", "#/list/test");
  await go("e", "#/entities");
  await go("o", "#/");
  await page.keyboard.press("?");
  assert.equal(await page.locator("dialog.help").isVisible(), true);
  await accessible(page, "help");
  await page.keyboard.press("Escape");
  await settled(page);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.keyboard.press("t");
  await page.keyboard.press("t");
  assert.notEqual(await background(), light, "t changes the theme");
  await page.reload();
  await page.waitForSelector(".tree li");
  assert.notEqual(await background(), light, "and it stays");
  await page.keyboard.press("[");
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  const start = await focused();
  await page.keyboard.press("End");
  assert.match(await focused(), /Packages/);
  await page.keyboard.press("Home");
  assert.notEqual(await focused(), await page.locator(".tree li").last().innerText());
  await page.keyboard.press("m");
  assert.match(await focused(), /Models/, "typing finds a row");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.startsWith("#/model."));
  assert.equal(await page.locator(".tree [tabindex='0']").count(), 1, "one stop for Tab");
  assert.ok(start);
  quiet(page, file("gallery"));
  await page.context().close();
});

const nodes = (page) => page.locator(".lnode .lname").allInnerTexts().then((l) => l.sort());
const drawn = (page) => page.waitForSelector(".lnode.focus");

test("lineage: steps, focus, collapse, path, keyboard, list, and all of it in the address", async () => {
  const page = await watched(browser);
  await show(page, shop, "#/lineage/model.shop.fct_orders?up=1&down=1");
  await drawn(page);
  assert.deepEqual(await nodes(page), ["dim_customers", "fct_attribution", "fct_daily_revenue", "fct_fraud_signals", "fct_orders", "int_order_payments", "int_order_totals", "stg_orders"]);
  const inside = await page.locator(".lnode.focus").evaluate((n) => { const r = n.getBoundingClientRect(), b = document.querySelector(".viewport").getBoundingClientRect(); return r.left > b.left && r.right < b.right && r.top > b.top && r.bottom < b.bottom; });
  assert.ok(inside, "the focus is in view");
  const overlap = await page.locator(".lnode").evaluateAll((list) => { const r = list.map((n) => n.getBoundingClientRect()); return r.some((a, i) => r.some((b, j) => i < j && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)); });
  assert.equal(overlap, false, "nodes do not overlap");

  await page.locator(".lnode.focus").focus();
  await page.keyboard.press("ArrowLeft");
  const left = await page.evaluate(() => document.activeElement.dataset.node);
  assert.match(left, /int_order|stg_orders/);
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.node), "model.shop.fct_orders");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !location.hash.includes("fct_orders"));
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes("fct_orders"));
  await drawn(page);

  await page.getByLabel("Before").fill("3");
  await page.getByLabel("Before").press("Tab");
  await page.waitForFunction(() => location.hash.includes("up=3"));
  await page.getByLabel("Collapse").selectOption("folder");
  await page.waitForSelector(".lgroup");
  assert.match(await hash(page), /by=folder/);
  const collapsed = (await nodes(page)).length;
  await page.locator(".lgroup").first().click();
  await page.waitForFunction((n) => document.querySelectorAll(".lnode").length > n, collapsed);
  assert.match(await hash(page), /open=/);

  await show(page, shop, "#/lineage/seed.shop.raw_orders");
  await drawn(page);
  await page.getByRole("button", { name: "Path to…" }).click();
  await page.keyboard.type("executive");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("to=exposure.shop.executive_report"));
  await page.waitForSelector(".edges path.on");
  await page.getByRole("button", { name: "List" }).click();
  const path = await page.locator(".lists ol li").allInnerTexts();
  assert.match(path[0], /raw_orders/);
  assert.match(path.at(-1), /executive_report/);
  await accessible(page, "path as a list");

  await show(page, shop, "#/lineage/model.shop.fct_orders");
  await drawn(page);
  await accessible(page, "graph");
  const before = await page.locator(".plane").evaluate((p) => p.style.transform);
  await page.getByRole("button", { name: "Zoom in" }).click();
  assert.notEqual(await page.locator(".plane").evaluate((p) => p.style.transform), before);
  await page.getByRole("button", { name: "Fit" }).click();
  quiet(page, file("shop"));
  await page.context().close();
});

test("old addresses of dbt's own site lead to the same page", async () => {
  const page = await watched(browser);
  await show(page, gallery, "#!/model/model.gallery.customers");
  assert.equal(await heading(page), "customers");
  await page.context().close();
});

test("lists sort and filter", async () => {
  const page = await watched(browser);
  await show(page, shop, "#/list/model");
  await page.getByPlaceholder("Filter by name").fill("marts");
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 7);
  await page.getByRole("button", { name: "Columns" }).click();
  const counts = (await page.locator("main tbody tr td.num:nth-of-type(4)").allInnerTexts()).map(Number);
  assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
  await page.context().close();
});
