import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { computeIntegrity, PlugmapError } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { serveFolder, startServer } from "../support/server.ts";

// T24: integrity metadata that pins nothing, or less than whoever wrote it believes.

const source = "export default {};\n";
const wrong = new TextEncoder().encode("other bytes");

/** Metadata for some bytes that is unusable. An empty hash once meant "no check" in another plugin system. */
const unusable: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  "is empty": () => "",
  "is blank": () => " \t\n",
  "is a word": () => "none",
  "has an unknown algorithm": (bytes) => computeIntegrity(bytes).replace("sha384", "sha3"),
  "has a weak algorithm": () => "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
  "has a broken algorithm": () => "md5-1B2M2Y8AsgTpgAmY7PhCfg==",
  "has no digest": () => "sha384-",
  "has a short digest": (bytes) => computeIntegrity(bytes).slice(0, -4),
  "has one byte of a digest": () => "sha256-AA==",
  "has a long digest": (bytes) => computeIntegrity(bytes).replace("-", "-AAAA"),
  "has the digest of another algorithm": (bytes) => computeIntegrity(bytes, "sha256").replace("sha256", "sha512"),
  "is in base64url": () => `sha256-${"-_".repeat(21)}A=`,
  "lacks its padding": (bytes) => computeIntegrity(bytes, "sha256").slice(0, -1),
  "is in hexadecimal": (bytes) => `sha256-${hex(computeIntegrity(bytes, "sha256"))}`,
  "has a colon": (bytes) => computeIntegrity(bytes).replace("-", ":"),
  "has a broken strong hash beside a good weak one": (bytes) => `sha512-AAAA ${computeIntegrity(bytes, "sha256")}`,
  "is of unknown algorithms only": () => "sha3-AAAA blake3-AAAA",
};

/** Metadata that is usable and is not that of the bytes. */
const mismatching: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  "is of other bytes": () => computeIntegrity(wrong),
  "is right in the weaker of two algorithms": (bytes) =>
    `${computeIntegrity(bytes, "sha256")} ${computeIntegrity(wrong, "sha512")}`,
  "is right in all but the strongest": (bytes) =>
    `${computeIntegrity(wrong, "sha512")} ${computeIntegrity(bytes, "sha384")} ${computeIntegrity(bytes, "sha256")}`,
};

function hex(integrity: string): string {
  return Array.from(atob(integrity.slice("sha256-".length)), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"))
    .join("");
}

const manifestBytes = ({ manifestUrl }: PluginFolder): Promise<Uint8Array> =>
  fetch(manifestUrl).then((response) => response.bytes());

/** The code of what is wrong with a plugin that is listed in an import map with this pin. */
async function codeInMap(manifestUrl: string, pin: string): Promise<string | undefined> {
  const importMap = { imports: { "plugins/sample": manifestUrl }, integrity: { [manifestUrl]: pin } };
  await using host = createTestHost([], { importMap });
  return (await host.load()).plugins[0]?.error?.code;
}

/** The code of what is wrong with a plugin that is loaded with this pin. */
async function codeAsOption(manifestUrl: string, integrity: string): Promise<string> {
  await using host = createTestHost([]);
  return (await assertRejects(() => host.loadPlugin(manifestUrl, { integrity }), PlugmapError)).code;
}

/** The code of what is wrong with a plugin whose manifest has this pin for its module. */
async function codeInManifest(integrity: string): Promise<string | undefined> {
  const modules = { "./mod.js": { integrity, size: source.length } };
  using plugin = createPluginFolder({ "mod.js": source }, { modules });
  await using host = createTestHost([plugin]);
  return (await host.load()).plugins[0]?.error?.code;
}

for (
  const [code, table] of [["integrity-invalid", unusable], ["integrity-mismatch", mismatching]] as const
) {
  describe(`T24, integrity metadata that is refused with ${code}`, () => {
    for (const [flaw, makePin] of Object.entries(table)) {
      it(`${flaw}: in the import map and as an option, for a file and for a URL`, async () => {
        using plugin = createPluginFolder({ "mod.js": source });
        await using server = await startServer({ "/": serveFolder(plugin.folder) });
        const pin = makePin(await manifestBytes(plugin));
        for (const manifestUrl of [plugin.manifestUrl, `${server.url}plugin.json`]) {
          assertEquals(await codeInMap(manifestUrl, pin), code);
          assertEquals(await codeAsOption(manifestUrl, pin), code);
        }
        // What pins nothing is known before anything is asked for.
        if (code === "integrity-invalid") assertEquals(server.requests, []);
      });

      it(`${flaw}: in the manifest`, async () => {
        assertEquals(await codeInManifest(makePin(new TextEncoder().encode(source))), code);
      });
    }
  });
}

describe("T24, integrity that is not there", () => {
  it("is refused for whatever comes over the network", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    await using host = createTestHost([{ name: "sample", manifestUrl: `${server.url}plugin.json` }]);
    assertEquals((await host.load()).plugins[0]?.error?.code, "integrity-missing");
    const error = await assertRejects(() => host.loadPlugin(`${server.url}plugin.json?2`), PlugmapError);
    assertEquals(error.code, "integrity-missing");
    assertEquals(server.requests, []);
  });

  it("is refused for any module, also one on disk", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, { modules: { "./mod.js": { size: source.length } } });
    await using host = createTestHost([plugin]);
    assertEquals((await host.load()).plugins[0]?.error?.code, "integrity-missing");
  });

  it("is not made up for by metadata of another address", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const manifestUrl = `${server.url}plugin.json`;
    for (const pinned of [`${manifestUrl}?1`, `${manifestUrl}#1`, `${server.url}PLUGIN.json`, server.url]) {
      const importMap = { imports: { "plugins/sample": manifestUrl }, integrity: { [pinned]: plugin.digest } };
      await using host = createTestHost([], { importMap });
      assertEquals((await host.load()).plugins[0]?.error?.code, "integrity-missing");
    }
  });

  it("is an error of the import map where it is not a string or its key is no URL", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    const imports = { "plugins/sample": plugin.manifestUrl };
    for (
      const integrity of [{ [plugin.manifestUrl]: null }, { [plugin.manifestUrl]: [plugin.digest] }, {
        sample: plugin.digest,
      }]
    ) {
      await using host = createTestHost([], { importMap: { imports, integrity: integrity as Record<string, string> } });
      assertEquals((await assertRejects(() => host.load(), PlugmapError)).code, "import-map-invalid");
    }
  });
});

describe("T24, integrity metadata in several hashes", () => {
  it("lets the bytes pass that have one of the strongest", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    const bytes = await manifestBytes(plugin);
    const [good, bad] = [computeIntegrity(bytes, "sha512"), computeIntegrity(wrong, "sha512")];
    for (const pin of [`${bad} ${good}`, `${good} ${computeIntegrity(wrong, "sha256")}`, `sha3-AAAA ${good}`]) {
      assertEquals(await codeInMap(plugin.manifestUrl, pin), undefined);
    }
  });

  it("is no way around the size in the manifest", async () => {
    const modules = manifestOf({ "mod.js": source })["modules"] as Readonly<Record<string, { size: number }>>;
    using plugin = createPluginFolder({ "mod.js": source }, {
      modules: { "./mod.js": { ...modules["./mod.js"], size: source.length + 1 } },
    });
    await using host = createTestHost([plugin]);
    const { error } = (await host.load()).plugins[0]!;
    assert(error?.code === "integrity-mismatch", error?.message);
  });
});
