/**
 * A local stand-in for an npm registry, and so for the npm-compatible side of JSR: what Deno and Bun need to install a
 * package, kept in memory.
 *
 * @see https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md for the protocol
 * @module
 */
// @ts-self-types="./npm_registry.d.mts"
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readTarball } from "../../scripts/tar.mjs";

// Deno 2.9 does not use versions younger than a day, see its minimumDependencyAge.
const published = new Date(Date.now() - 48 * 60 * 60 * 1000).toISOString();

/**
 * Starts a registry on this machine.
 *
 * @returns a handle: see npm_registry.d.mts
 */
export async function startNpmRegistry() {
  const packages = new Map();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://registry").pathname).slice(1);
    const { archive } = packages.get(path.replace(/\/-\/.*$/, "")) ?? {};
    if (archive === undefined) response.writeHead(404, { "content-type": "application/json" }).end("{}");
    else if (path.endsWith(".tgz")) response.end(archive);
    else {
      const { manifest } = packages.get(path);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(packument(manifest, archive, `http://${request.headers.host}`)));
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));

  function add(files, name) {
    const manifest = JSON.parse(String(files.get("package/package.json")));
    if (name !== undefined) manifest.name = name;
    files.set("package/package.json", Buffer.from(JSON.stringify(manifest)));
    packages.set(manifest.name, { manifest, archive: writeTarball(files) });
  }

  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    addArchive: (archive, name) => add(readTarball(archive), name),
    async addFolder(path) {
      const files = new Map();
      for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        files.set(`package/${file.slice(path.length + 1).replaceAll("\\", "/")}`, await readFile(file));
      }
      add(files);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

/** All that the registry says of a package: there is one version of it, the one added last. */
function packument(manifest, archive, origin) {
  const { name, version } = manifest;
  const dist = {
    tarball: `${origin}/${name}/-/${version}.tgz`,
    integrity: `sha512-${createHash("sha512").update(archive).digest("base64")}`,
    shasum: createHash("sha1").update(archive).digest("hex"),
  };
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { created: published, modified: published, [version]: published },
  };
}

/** A gzipped tar archive in the ustar format. */
function writeTarball(files) {
  const blocks = [];
  for (const [path, bytes] of files) {
    blocks.push(ustarHeader(path, bytes.length), bytes, Buffer.alloc(-bytes.length & 511));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function ustarHeader(path, size) {
  const header = Buffer.alloc(512);
  const fields = [[0, path], [100, "0000644"], [124, size.toString(8).padStart(11, "0")], [156, "0"], [
    257,
    "ustar\0" + "00",
  ]];
  if (Buffer.byteLength(path) > 100) throw new Error(`The path ${path} does not fit into a ustar header`);
  for (const [offset, text] of fields) header.write(text, offset);
  // The checksum is that of the header with blanks in its place.
  header.write(" ".repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0`, 148);
  return header;
}
