/**
 * A local stand-in for the JSR registry: modules can be read from it as `jsr:` imports read them, and the real
 * `deno publish` can publish to it. It keeps everything as files, in the layout of the URLs it serves.
 *
 *     node tests/registry/jsr_registry.mjs [--port N] [--data FOLDER]
 *
 * @see https://jsr.io/docs/api for the protocol
 * @module
 */
// @ts-self-types="./jsr_registry.d.mts"
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { isMain } from "../../scripts/process.mjs";
import { readTarball } from "../../scripts/tar.mjs";

const packageName = /^@([a-z0-9-]{2,32})\/([a-z0-9-]{2,58})$/;
const filePath = /^(?:\/(?!\.\.?(?:\/|$))[\w$()+\-.@[\]{}~]+)+$/;
const uploadLimit = 20 * 2 ** 20;
// Deno 2.9 does not use versions younger than a day, see its minimumDependencyAge.
const age = 48 * 60 * 60 * 1000;

const contentTypes = new Map([
  [".ts", "text/typescript"],
  [".mts", "text/typescript"],
  [".tsx", "text/tsx"],
  [".js", "text/javascript"],
  [".mjs", "text/javascript"],
  [".jsx", "text/jsx"],
  [".json", "application/json"],
  [".wasm", "application/wasm"],
]);

/** What the registry answers instead of accepting something: an HTTP status and JSR's `{ code, message }`. */
class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Starts a registry on this machine.
 *
 * @param {{ port?: number, data?: string }} [options] `port` 0 is any free one; without `data`, a temporary folder that
 *   is removed on closing.
 * @returns a handle: see jsr_registry.d.mts
 */
export async function startJsrRegistry({ port = 0, data } = {}) {
  const store = data ?? await mkdtemp(join(tmpdir(), "jsr-registry-"));
  const server = createServer(async (request, response) => {
    try {
      const { status = 200, type = "application/json", body } = await answer(store, request);
      response.writeHead(status, { "content-type": type }).end(body);
    } catch (error) {
      const { status, code, message } = error instanceof Refusal ? error : new Refusal(500, "internal", String(error));
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ code, message }));
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    publish: (release) => publish(store, release),
    yank: (name, version) => changeVersion(store, name, version, { yanked: true }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (data === undefined) await rm(store, { recursive: true, force: true });
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

async function answer(store, request) {
  const url = new URL(request.url, "http://registry");
  const path = decodeURIComponent(url.pathname);
  const api = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/.exec(path);
  if (api === null) return await readStored(store, path);
  const [, scope, packageId, version] = api;
  const name = `@${scope}/${packageId}`;
  // Packages need not be created first, as on JSR they must be: any name can be published to.
  if (version === undefined) return { body: JSON.stringify({ scope, name: packageId }) };
  if (request.method === "POST") {
    await receive(store, name, version, url.searchParams.get("config") ?? "", request);
    return { body: JSON.stringify({ id: randomUUID(), status: "success", error: null }) };
  }
  if (!existsSync(metadataPath(store, name, version))) {
    throw new Refusal(404, "packageVersionNotFound", "The requested package version was not found.");
  }
  return { body: JSON.stringify({ scope, package: packageId, version }) };
}

/** The read side: `/@scope/name/meta.json`, `/@scope/name/1.0.0_meta.json`, `/@scope/name/1.0.0/mod.ts`. */
async function readStored(store, path) {
  try {
    if (!filePath.test(path)) throw new Error(`Cannot serve "${path}"`);
    const body = await readFile(join(store, path));
    return { body, type: contentTypes.get(extname(path)) ?? "application/octet-stream" };
  } catch {
    throw new Refusal(404, "notFound", "The requested path was not found.");
  }
}

/** The write side: takes the archive that `deno publish` uploads, checks it as JSR does, and stores it. */
async function receive(store, name, version, configPath, request) {
  if (!/^(?:Bearer|githuboidc) ./.test(request.headers.authorization ?? "")) {
    throw new Refusal(401, "missingAuthentication", "This request requires authentication.");
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const archive = Buffer.concat(chunks);
  if (archive.length > uploadLimit) {
    throw new Refusal(413, "tarballSizeLimitExceeded", "The uploaded tarball exceeds 20 MiB.");
  }
  const files = new Map();
  for (const [path, bytes] of readTarball(archive)) files.set(`/${path}`, bytes);
  const config = JSON.parse(String(files.get(configPath) ?? "{}"));
  if (config.name !== name) {
    throw new Refusal(400, "configFileNameMismatch", `Expected ${name} in "${configPath}", got ${config.name}.`);
  }
  if (config.version !== undefined && config.version !== version) {
    throw new Refusal(400, "configFileVersionMismatch", `Expected ${version}, got ${config.version}.`);
  }
  const exports = typeof config.exports === "string" ? { ".": config.exports } : config.exports;
  await publish(store, { name, version, exports, files: Object.fromEntries(files) });
}

/** Stores a version and lists it. Versions never change once published. */
async function publish(store, { name, version, files, exports, createdAt = new Date(Date.now() - age) }) {
  if (!packageName.test(name)) throw new Refusal(400, "invalidName", `"${name}" is not a package name.`);
  if (existsSync(metadataPath(store, name, version))) {
    throw new Refusal(400, "duplicateVersionPublish", `${name}@${version} is already published.`);
  }
  for (const path of Object.values(exports ?? {})) {
    if (!Object.hasOwn(files, path.slice(1))) throw new Refusal(400, "graphError", `Export "${path}" is not a file.`);
  }
  const manifest = {};
  for (const [path, content] of Object.entries(files)) {
    if (!filePath.test(path)) throw new Refusal(400, "invalidPath", `"${path}" is not a path that JSR allows.`);
    const bytes = Buffer.from(content);
    manifest[path] = { size: bytes.length, checksum: `sha256-${createHash("sha256").update(bytes).digest("hex")}` };
    await write(join(store, name, version, path), bytes);
  }
  await write(metadataPath(store, name, version), JSON.stringify({ manifest, exports }));
  await changeVersion(store, name, version, { createdAt: createdAt.toISOString() });
}

async function changeVersion(store, name, version, change) {
  const path = join(store, name, "meta.json");
  const [scope, packageId] = name.slice(1).split("/");
  const meta = existsSync(path)
    ? JSON.parse(await readFile(path, "utf8"))
    : { scope, name: packageId, latest: version, versions: {} };
  meta.versions[version] = { ...meta.versions[version], ...change };
  await write(path, JSON.stringify(meta));
}

function metadataPath(store, name, version) {
  return join(store, name, `${version}_meta.json`);
}

async function write(path, content) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" }, data: { type: "string" } } });
  const { url } = await startJsrRegistry({ port: Number(values.port), data: values.data });
  console.log(`listening on ${url.slice(0, -1)}`);
}
