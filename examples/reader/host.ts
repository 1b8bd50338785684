/**
 * Reader, a static site generator that leaves everything interesting to plugins. It runs unchanged on Deno and on Bun.
 *
 * - `--import-map FILE` lists the plugins; default `plugins.json` beside this file
 * - `--site FOLDER` is where the pages go; default `site/pages` beside this file
 * - `--json` prints the host's report as JSON instead of a line for each plugin
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createHost } from "@plugmap/plugmap";
import { hooks } from "./hooks.ts";
import type { ReaderContext } from "./hooks.ts";
import { buildSite, readArticles } from "./site.ts";

const { values } = parseArgs({
  options: { "import-map": { type: "string" }, site: { type: "string" }, json: { type: "boolean" } },
});
const here = (path: string): URL => new URL(path, import.meta.url);
const articles = here("articles/");
const context: ReaderContext = { articles: articles.href };

await using host = createHost({
  hooks,
  importMap: values["import-map"] ?? here("plugins.json"),
  policy: here("plugins.policy.json"),
  context,
  version: "1.0.0",
});

// A plugin that is refused does not stop the others, nor the site: the report says what became of each.
const report = await host.load();

const site = values.site === undefined ? here("site/pages/") : pathToFileURL(`${values.site}/`);
const files = await buildSite(await readArticles(articles), host.hooks);
await mkdir(site, { recursive: true });
for (const [name, content] of files) await writeFile(new URL(name, site), content);

if (values.json) {
  console.log(JSON.stringify(report, null, 2));
} else {
  for (const { name, state, error } of report.plugins) console.log(error?.message ?? `${name} is ${state}`);
  console.log(`${files.size} pages are in ${site.href}`);
}
