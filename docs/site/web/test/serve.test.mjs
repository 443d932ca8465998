// `docs serve`: live reload, its policy, and any base path.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, quiet, show, watched, work } from "./browser.mjs";

let browser, server, base;
before(async () => {
  browser = await launch();
  server = spawn(join(work, "gen"), ["-serve", join(work, "artifacts")]);
  base = await new Promise((resolve, reject) => {
    server.stdout.once("data", (d) => resolve(String(d).trim()));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
});
after(async () => { server.kill(); await browser.close(); });

test("served pages obey their policy, and reload when the artifacts change", async () => {
  const page = await watched(browser);
  await show(page, base, "#/model.gallery.customers");
  await show(page, base, "#/lineage/model.gallery.customers");
  await page.waitForSelector(".lnode.focus");
  await show(page, base, "#/model.gallery.customers");
  const manifest = join(work, "artifacts", "manifest.json"), old = readFileSync(manifest, "utf8");
  assert.ok(old.includes("Customers with the number of their orders."));
  writeFileSync(manifest, old.replaceAll("Customers with the number of their orders.", "Customers, told anew."));
  await page.waitForFunction(() => document.querySelector("main")?.innerText.includes("told anew"), null, { timeout: 15000 });
  writeFileSync(manifest, '{"metadata": ');
  await new Promise((r) => setTimeout(r, 600));
  await page.reload();
  await page.waitForFunction(() => document.querySelector("main")?.innerText.includes("told anew"), null, { timeout: 15000 });
  writeFileSync(manifest, old);
  await page.waitForFunction(() => document.querySelector("main")?.innerText.includes("the number of their orders"), null, { timeout: 15000 });
  quiet(page, base);
  await page.context().close();
});

test("below a base path of a proxy that keeps it", async () => {
  const proxy = http.createServer((req, res) => {
    const to = new URL(req.url, base);
    http.get(to, { headers: req.headers }, (r) => { res.writeHead(r.statusCode, r.headers); r.pipe(res); }).on("error", () => res.destroy());
  });
  await new Promise((r) => proxy.listen(0, "127.0.0.1", r));
  const at = `http://127.0.0.1:${proxy.address().port}/team/data/docs`;
  const page = await watched(browser);
  await page.goto(at);
  assert.equal(page.url(), at + "/");
  await show(page, at + "/", "#/model.gallery.customers");
  assert.equal(await page.locator("main h1").innerText(), "customers");
  quiet(page, at);
  await page.context().close();
  proxy.closeAllConnections();
  proxy.close();
});
