// Bundles src/ into assets/: one script, one style, one page. The same sources and the
// pinned tools give the same bytes; docs/site/assets_test.go checks that.
import { build } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "..", "assets"));
mkdirSync(out, { recursive: true });

const common = { bundle: true, minify: true, format: "iife", target: ["es2022"], charset: "utf8", legalComments: "none", write: false, absWorkingDir: here };

// A worker's program is bundled on its own and stands in the main script as a string.
const workers = {
  name: "workers",
  setup(b) {
    b.onResolve({ filter: /^worker:/ }, (a) => ({ path: resolve(a.resolveDir, a.path.slice("worker:".length)), namespace: "worker" }));
    b.onLoad({ filter: /.*/, namespace: "worker" }, async (a) => {
      const r = await build({ ...common, entryPoints: [a.path] });
      return { contents: r.outputFiles[0].text, loader: "text" };
    });
  },
};

const script = await build({ ...common, entryPoints: ["src/main.tsx"], jsx: "automatic", jsxImportSource: "preact", plugins: [workers] });
const style = await build({ ...common, entryPoints: ["src/style.css"] });
writeFileSync(join(out, "app.js"), licenses() + script.outputFiles[0].text);
writeFileSync(join(out, "app.css"), style.outputFiles[0].text);
writeFileSync(join(out, "index.html"), readFileSync(join(here, "src", "index.html")));

// The licenses of the bundled libraries ask that their text goes with them.
function licenses() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  const names = [...Object.keys(dependencies), "@dagrejs/graphlib"].sort();
  const texts = names.map((name) => {
    const { version } = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim()}\n`;
  });
  return `/*! This file contains the following libraries.\n\n${texts.join("\n----\n").replaceAll("*/", "* /")}*/\n`;
}
