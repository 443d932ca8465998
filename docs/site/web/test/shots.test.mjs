// Pictures of the shop's site for the manual; SITE_SHOTS says where to, and without it they
// are only taken.
import { join } from "node:path";
import { after, before, test } from "node:test";
import { file, launch, show, watched, work } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const out = process.env.SITE_SHOTS || work;
const SHOTS = [
  ["overview", "#/", "light"], ["model", "#/model.shop.fct_orders", "light"], ["model-dark", "#/model.shop.dim_customers", "dark"],
  ["lineage", "#/lineage/model.shop.fct_orders", "light"], ["entities", "#/entities", "light"],
];

test("pictures for the manual", async () => {
  for (const [name, hash, colorScheme] of SHOTS) {
    const page = await watched(browser, { colorScheme, viewport: { width: 1280, height: 800 } });
    await show(page, file("shop", "index.html"), hash);
    await page.waitForSelector(".tree li");
    if (name === "lineage") await page.waitForSelector(".lnode.focus");
    if (name === "entities") await page.waitForSelector(".entity");
    await page.screenshot({ path: join(out, `docs-${name}.png`) });
    if (name === "model") {
      await page.keyboard.press("/");
      await page.waitForFunction(() => document.querySelector("dialog.search .note")?.textContent.startsWith("Narrow"));
      await page.locator("dialog.search input").fill("type:model customer");
      await page.waitForSelector("#hits li");
      await page.screenshot({ path: join(out, "docs-search.png") });
    }
    await page.context().close();
  }
});
