import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createHost, PlugmapError } from "../../mod.ts";
import type { HostReport } from "../../mod.ts";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import { reply, startServer } from "../support/server.ts";

// T23: text of a plugin's reorders, hides or forges lines of a terminal or a log (CVE-2021-42574, GlassWorm).

/** Texts that would say something else than they seem to. */
const hidden: Readonly<Record<string, string>> = {
  "controls of a terminal": "a\u001b[2K\u001b[1A\u009b31m\u0007\u0008\0\u007fok",
  "line breaks": "a\nb\rc\u0085d\u2028e\u2029ok",
  "bidi controls": "a\u202eko\u202c\u2067ko\u2069\u061c\u200fok",
  "characters that are drawn as nothing":
    "a\u00ad\u200b\u200d\u2060\ufeff\u{e006f}\u{e006b}\ufe0f\u{e0100}\u3164\u115f\u034fok",
  "a lone surrogate": "a\ud800ok",
};

/** What must not be in a text that people read: controls, formats, separators of lines, and what is drawn as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** All texts of an error that people read, and those of what caused it if it is one of ours; a pointer is for programs. */
function assertSeen(error: unknown): void {
  assert(error instanceof PlugmapError, `${error}`);
  for (const text of [error.message, error.problem, error.mend ?? ""]) {
    assert(!unseen.test(text), JSON.stringify(text));
  }
  if (error.cause instanceof PlugmapError) assertSeen(error.cause);
}

/** Checks the texts of a report, and that it tells of a problem or a failure. */
function assertReportSeen({ plugins, problems }: HostReport): void {
  const texts = [...problems, ...plugins.flatMap(({ error }) => error === undefined ? [] : [error.message])];
  assert(texts.length > 0, "nothing is wrong");
  for (const text of texts) assert(!unseen.test(text), JSON.stringify(text));
}

const source = "export default {};";
const pinned = manifestOf({ "mod.js": source });

/** Manifests that have a text in each place that an error can tell of. */
function manifestsWith(text: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return {
    "the name": { name: text },
    "the version": { version: text },
    "the entry": { entry: `./${text}` },
    "an unknown member": { [text]: 1 },
    "a module's path": { modules: { ...pinned["modules"] as object, [`./${text}`]: { integrity: text, size: text } } },
    "an integrity": { modules: { "./mod.js": { integrity: text, size: 1 } } },
    "an import": { imports: { [text]: text } },
    "a dependency": { dependencies: { [text]: text } },
    "an optional dependency": { dependencies: { a: { version: text, [text]: true } } },
    "an engine": { engines: { deno: text, [text]: "*" } },
    "a permission": { permissions: { net: [text], [text]: true } },
    "a permission that is not granted": { permissions: { env: [text], read: [`/${text}`], run: [text] } },
    "a hook": { hooks: [text, text] },
  };
}

describe("T23, what a manifest says", () => {
  for (const [what, text] of Object.entries(hidden)) {
    it(`${what} are escaped wherever an error tells of them`, async () => {
      for (const overrides of Object.values(manifestsWith(text))) {
        using plugin = createPluginFolder({ "mod.js": source }, overrides);
        await using host = createTestHost([{ name: "sample", manifestUrl: plugin.manifestUrl }]);
        assertReportSeen(await host.load());
        assertSeen(await host.loadPlugin(plugin.manifestUrl).catch((error) => error));
      }
    });
  }

  it("a manifest that is no JSON is quoted without what is hidden in it", async () => {
    for (const text of Object.values(hidden)) {
      using plugin = createPluginFolder({ "mod.js": source });
      for (const manifest of [text, `{ "name": ${text} }`, `{ "${text}": 1, "${text}": 2 }`]) {
        plugin.write("plugin.json", manifest);
        await using host = createTestHost([{ name: "sample", manifestUrl: plugin.manifestUrl }]);
        assertReportSeen(await host.load());
      }
    }
  });
});

describe("T23, what a module says", () => {
  /** Entry modules that fail with a text, each in another place. */
  const modulesWith = (text: string): readonly string[] => [
    `throw new Error(${text});`,
    `throw ${text};`,
    `throw Object.assign(new Error(""), { name: ${text} });`,
    `throw { toString: () => ${text} };`,
    `await import(${text});`,
    `await import("./" + ${text});`,
    `await import("npm:" + ${text});`,
    `await import("plugins/" + ${text});`,
    `export default { [${text}]: 1 };`,
    `export default { hooks: { [${text}]: () => 1 } };`,
    `export default { hooks: { greeting: { [${text}]: 1 } } };`,
    `export default { setup() { throw new Error(${text}); } };`,
    `export default { async setup() { throw ${text}; } };`,
  ];
  for (const [what, text] of Object.entries(hidden)) {
    it(`${what} are escaped wherever an error tells of them`, async () => {
      // Escaped in the source, so that it is the runtime that makes the text.
      const literal = `"${
        Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`)
          .join("")
      }"`;
      for (const code of modulesWith(literal)) {
        using plugin = createPluginFolder({ "mod.js": code });
        await using host = createTestHost([plugin]);
        assertReportSeen(await host.load());
      }
      using plugin = createPluginFolder({
        "mod.js": `const fail = () => { throw new Error(${literal}); };
export default { hooks: { greeting: fail, probe: async () => fail() }, dispose: fail };`,
      });
      const host = createTestHost([plugin]);
      await host.load();
      assertSeen(await Promise.resolve().then(() => host.hooks.greeting({ name: "" })).catch((error) => error));
      assertSeen(await host.hooks.probe({}).catch((error) => error));
      assertSeen(await host.close().catch((error) => error));
    });
  }

  it("a module that cannot be parsed is quoted without what is hidden in it", async () => {
    for (const text of Object.values(hidden)) {
      for (
        const code of [`import "${text}";`, `import x from "./${text}.js"; x;`, `export default ${text} {`, `'${text}`]
      ) {
        using plugin = createPluginFolder({ "mod.js": code, "mod.ts": code });
        await using host = createTestHost([plugin]);
        assertReportSeen(await host.load());
      }
    }
  });
});

describe("T23, what others say", () => {
  it("an import map's names and addresses are escaped", async () => {
    for (const text of Object.values(hidden)) {
      const imports = { [`plugins/${text}`]: "./a.json", "plugins/a": text, "plugins/b": `https://a.example/${text}` };
      await using host = createTestHost([], { importMap: { imports } });
      assertReportSeen(await host.load());
      for (const integrity of [{ [text]: "sha256-A" }, { "./a": text, "./b/../a": text }]) {
        assertSeen(await createTestHost([], { importMap: { integrity } }).load().catch((error) => error));
      }
    }
  });

  it("options, names and policies are escaped", async () => {
    for (const text of Object.values(hidden)) {
      const host = createTestHost([], { enabled: [text] });
      assertSeen(await host.load().catch((error) => error));
      for (const call of [host.loadPlugin(text), host.reload(text), host.loadPlugin(`x:${text}`)]) {
        assertSeen(await call.catch((error) => error));
      }
      for (const policy of [{ [text]: 1 }, { default: { tier: text } }, { redirects: [text] }, `./${text}.json`]) {
        assertSeen(await createTestHost([], { policy }).load().catch((error) => error));
      }
      for (const importMap of [`./${text}.json`, `x:${text}`]) {
        assertSeen(await createTestHost([], { importMap }).load().catch((error) => error));
      }
      assertSeen(await Promise.resolve().then(() => createHost({ hooks: {}, [text]: 1 })).catch((error) => error));
    }
  });

  it("a server's words are escaped", async () => {
    await using server = await startServer({
      "/to/plugin.json": reply(302, "", { location: "https://a.example/\u009b31m\u00ad" }),
      "/as/plugin.json": reply(200, "{}", { "content-encoding": "\u009b31m" }),
    });
    for (const path of ["to", "as"]) {
      const manifestUrl = `${server.url}${path}/plugin.json`;
      await using host = createTestHost([{ name: "sample", manifestUrl, digest: computeIntegrity(new Uint8Array()) }]);
      const report = await host.load();
      assertReportSeen(report);
      assertEquals(report.plugins[0]?.state, "failed");
    }
  });
});
