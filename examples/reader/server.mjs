/**
 * The server that two strangers' plugins come from: it serves `plugins/` as it is, except that it changes one byte of
 * one file on the way.
 *
 *     node examples/reader/server.mjs [--port 8787] [--honest]     with --honest it changes nothing
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8787" }, honest: { type: "boolean", default: false } },
});

const plugins = new URL("plugins/", import.meta.url);
const safePath = /^\/((?:[\w-]+\/)+[\w-]+\.\w+)$/;

const server = createServer(async (request, response) => {
  try {
    const [, path] = safePath.exec(request.url);
    const bytes = await readFile(new URL(path, plugins));
    if (path === "glossary/terms.json" && !values.honest) misspell(bytes);
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});

/** Makes "whatwg.org" a domain that anyone could register. */
function misspell(bytes) {
  bytes[bytes.indexOf("whatwg.org") + "what".length] = "v".charCodeAt(0);
}

server.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
