// A folder of markdown as pages of the site: their text, order, links, pictures and search.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { accessible, file, launch, quiet, settled, show, watched } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const to = (id) => "#/" + encodeURIComponent(id);
const heading = (page) => page.locator("main h1").innerText();
const loaded = (page) => page.waitForFunction(() => [...document.querySelectorAll(".manual img")].every((i) => i.complete && i.naturalWidth > 0));
const focused = (page, id) => page.waitForFunction((x) => document.activeElement?.id === x, id);

for (const [name, base] of [["folder", file("gallery", "index.html")], ["single file", file("gallery", "single.html")]]) {
  test(`pages of the ${name}: links, parts, pictures, files, order`, async () => {
    const page = await watched(browser);
    await show(page, base, "#/");
    await page.getByRole("link", { name: "Pages", exact: true }).click();
    await page.waitForSelector(".manual .prose img");
    assert.equal(await heading(page), "The handbook of the gallery");
    await loaded(page);
    const prose = page.locator(".manual .prose"), text = await prose.innerText();
    assert.match(text, /<script>alert\("a page"\)<\/script>/, "markup is text");
    assert.doesNotMatch(text, /A comment is not shown/);
    assert.equal(await prose.locator("script").count(), 0);
    assert.deepEqual(await prose.locator("a").allInnerTexts(), ["the second page", "what lies deeper", "own heading", "Data to keep", "Elsewhere", "a model"], "what leads nowhere is no link");
    const [download] = await Promise.all([page.waitForEvent("download"), prose.getByText("Data to keep").click()]);
    assert.equal(download.suggestedFilename(), "data.csv");
    assert.equal(readFileSync(await download.path(), "utf8"), "a,b\n");
    await accessible(page, "a page of the manual");

    await prose.getByText("own heading").click();
    await focused(page, "at-last-words");
    await page.locator(".contents a").nth(1).click();
    await focused(page, "at-last-words-1");
    await prose.getByText("what lies deeper").click();
    await page.waitForFunction(() => document.querySelector("main h1")?.textContent === "third");
    await focused(page, "at-a-heading-with-code");
    await loaded(page);
    assert.deepEqual(await page.locator(".turn a").allInnerTexts().then((l) => l.map((t) => t.replace(/\s+/g, " "))), ["Before Second page", "Next Not linked"]);
    await page.locator(".turn a[rel=prev]").click();
    await page.waitForFunction(() => document.querySelector("main h1")?.textContent === "Second page");
    await page.goto(base + to("page.gallery.deep/third.md") + "?at=a-heading-with-code");
    await focused(page, "at-a-heading-with-code");

    await page.waitForSelector(".tree li[aria-current]");
    const tree = await page.locator(".tree li").allInnerTexts();
    assert.match(tree[0], /Pages\s*4/);
    assert.deepEqual((await page.locator(".tree li a").allInnerTexts()).slice(0, 4).map((t) => t.replace(/^¶\s*/, "")), ["third", "The handbook of the gallery", "Second page", "Not linked"], "folders first, then in the order of reading");
    await page.keyboard.press("/");
    await page.waitForFunction(() => document.querySelector("dialog.search .note")?.textContent.startsWith("Narrow"));
    for (const [query, want] of [["ornithopter", "Second page"], ["type:page handbook", "The handbook of the gallery"]]) {
      await page.locator("dialog.search input").fill(query);
      await settled(page);
      assert.equal((await page.locator("#hits li .label").allInnerTexts())[0], want, query);
    }
    quiet(page, name === "folder" ? file("gallery") : base);
    await page.context().close();
  });
}

test("the manual of Millrace in the site of the shop: every link and picture of every page works", async () => {
  const base = file("shop", "index.html"), page = await watched(browser);
  await show(page, base, "#/");
  const pages = await page.evaluate(() => JSON.parse(document.getElementById("head").textContent).pages);
  assert.ok(pages.length >= 10, `${pages.length} pages`);
  const parts = new Map(), wanted = [];
  for (const id of pages) {
    await show(page, base, to(id));
    await page.waitForSelector(".manual .prose");
    await loaded(page);
    parts.set(id, await page.locator(".manual [id^=at-]").evaluateAll((l) => l.map((h) => h.id.slice(3))));
    for (const href of await page.locator(".manual .prose a").evaluateAll((l) => l.map((a) => a.getAttribute("href")))) {
      if (href === null || /^https?:|^site\/files\//.test(href)) continue;
      const [path, query] = href.replace(/^#\//, "").split("?");
      wanted.push([id, decodeURIComponent(path), new URLSearchParams(query).get("at")]);
    }
  }
  assert.ok(wanted.length >= 15, `${wanted.length} links`);
  for (const [from, target, at] of wanted) {
    assert.ok(parts.has(target), `${from} links to ${target}`);
    assert.ok(at === null || parts.get(target).includes(at), `${from} links to ${target}, where no heading is called ${at}`);
  }
  quiet(page, file("shop"));
  await page.context().close();
});
