/**
 * A local stand-in for JSR's npm-compatible registry, for networks that reach npm but not JSR. It serves exactly the
 * `@jsr` packages that package-lock.json names: real copies of @std that other npm packages carry, and for @std/assert,
 * which none carries, the small package in std_assert/. See docs/decisions/0001-std-packages.md.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { npm, root } from "./process.mjs";
import { readTarball } from "./tar.mjs";

const cache = join(root, ".cache", "jsr_mirror");

const fedify = {
  package: "@fedify/fedify@1.5.9",
  archive: "fedify-fedify-1.5.9.tgz",
  sha512: "nwT3a9I2jyDMM1sS+3Qa7ehWY87n35/jqbaqPsSS61WHZOfu6K12/ktDNnVyAHEA5ZagvY3eVKzCDNubDGhtzw==",
};
const yahooFinance = {
  package: "yahoo-finance2@4.0.2",
  archive: "yahoo-finance2-4.0.2.tgz",
  sha512: "wjNd6/l7dS7NrBPePbX8r2P/MkXK6bL86wW6Mqd34GuY3Kab2s80DkrYEchcOoS569Q0loQUztz3NeNxjd827A==",
};

/** What each carrier holds; `folders` are those of the code and, where they are apart, of its types. */
const carried = [
  { name: "semver", version: "1.0.5", carrier: fedify, folders: ["esm", "types"], dependencies: {} },
  { name: "internal", version: "1.0.14", carrier: yahooFinance, folders: ["esm"], dependencies: {} },
  {
    name: "path",
    version: "1.1.6",
    carrier: yahooFinance,
    folders: ["esm"],
    dependencies: { "@jsr/std__internal": "^1.0.14" },
  },
];

/**
 * Starts the mirror on a free port of this machine.
 *
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function startMirror() {
  await mkdir(cache, { recursive: true });
  const folders = [];
  for (const one of carried) folders.push(await assemble(one));
  folders.push(join(root, "scripts", "std_assert"));
  const packages = await pack(folders);

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://mirror").pathname);
    const byName = packages.get(path.slice(1));
    const byArchive = [...packages.values()].find(({ archive }) => path === `/${basename(archive)}`);
    if (byName !== undefined) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(packument(byName, `http://${request.headers.host}`)));
    } else if (byArchive !== undefined) {
      response.end(byArchive.bytes);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

function packument({ manifest, archive, bytes }, origin) {
  const integrity = `sha512-${sha512(bytes)}`;
  const dist = { tarball: `${origin}/${basename(archive)}`, integrity };
  const { name, version } = manifest;
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

/** Lays one carried package out as the package that JSR would serve, and returns its folder. */
async function assemble({ name, version, carrier, folders, dependencies }) {
  const folder = join(cache, "packages", name);
  await rm(folder, { recursive: true, force: true });
  const carriedFiles = readTarball(await fetchCarrier(carrier));
  const entries = {};
  for (const [path, bytes] of carriedFiles) {
    const home = folders.map((top) => `package/${top}/deps/jsr.io/@std/${name}/${version}/`)
      .find((prefix) => path.startsWith(prefix));
    if (home === undefined || !/\.(?:js|d\.ts)$/.test(path)) continue;
    const file = path.slice(home.length);
    await write(join(folder, file), asPublished(bytes.toString("utf8")));
    const entry = /^((?:[a-z]+\/)?[a-z]\w*)\.js$/.exec(file)?.[1];
    if (entry !== undefined) {
      const specifier = entry === "mod" ? "." : `./${entry.replaceAll("_", "-")}`;
      entries[specifier] = { types: `./${entry}.d.ts`, default: `./${file}` };
    }
  }
  const manifest = {
    name: `@jsr/std__${name}`,
    version,
    type: "module",
    license: "MIT",
    exports: entries,
    dependencies,
  };
  await write(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  return folder;
}

/** Undoes what the bundling into the carrier changed: global object shims, paths to sister packages, source maps. */
function asPublished(source) {
  return source
    .replace(/^import \* as dntShim from .*$/m, "const dntShim = { dntGlobalThis: globalThis };")
    .replace(/(from\s+")(?:\.\.\/)+(\w+)\/\d[^/]*\/(\w+)\.js"/g, '$1@jsr/std__$2/$3"')
    .replace(/^\/\/# sourceMappingURL=.*$/m, "");
}

async function fetchCarrier(carrier) {
  const path = join(cache, carrier.archive);
  let bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || sha512(bytes) !== carrier.sha512) {
    await npm(["pack", "--silent", carrier.package, "--pack-destination", cache]);
    bytes = await readFile(path);
  }
  if (sha512(bytes) !== carrier.sha512) {
    await rm(path);
    throw new Error(`The archive of ${carrier.package} does not have the pinned sha512.`);
  }
  return bytes;
}

/** Packs package folders as npm does. */
async function pack(folders) {
  const packed = JSON.parse(await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", cache, ...folders]));
  const packages = new Map();
  for (const [index, { name, filename }] of Object.values(packed).entries()) {
    const archive = join(cache, basename(filename));
    const manifest = JSON.parse(await readFile(join(folders[index], "package.json"), "utf8"));
    packages.set(name, { manifest, archive, bytes: await readFile(archive) });
  }
  return packages;
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function sha512(bytes) {
  return createHash("sha512").update(bytes).digest("base64");
}
