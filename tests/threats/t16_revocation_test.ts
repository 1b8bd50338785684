import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import process from "node:process";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError, signRotation } from "../../mod.ts";
import type { PluginReport, RevocationOptions, SigningKey } from "../../mod.ts";
import { createDependent, createPlugin, greetings, reportOn } from "../host/sample_plugins.ts";
import { plugmap, runProgram } from "../support/child.ts";
import { createTestHost } from "../support/host.ts";
import { reply, serveFolder, startServer } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import type { TemporaryFolder } from "../support/temporary_folder.ts";
import { at, createKeys, createLockPlace, createVersion, listOf, startOnce, writeList } from "../support/updates.ts";

let issuer: SigningKey;
let stranger: SigningKey;
before(async () => {
  [issuer, stranger] = await createKeys(2) as [SigningKey, SigningKey];
});

const reason = "Sends what it reads to strangers";

function optionsFor({ path }: TemporaryFolder, more: Partial<RevocationOptions> = {}): RevocationOptions {
  return { source: join(path, "revoked.json"), key: issuer.publicKey, ...more };
}

/** What becomes of version 1.2.0 of a plugin under such a list. */
async function startUnder(
  revoked: readonly unknown[],
  overrides: Readonly<Record<string, unknown>> = {},
  { by = issuer, options = {} }: { by?: SigningKey; options?: Partial<RevocationOptions> } = {},
): Promise<PluginReport> {
  using plugin = createVersion("1.2.0");
  using folder = createTemporaryFolder();
  const revocations = optionsFor(folder, options);
  await writeList(String(revocations.source), listOf(revoked, overrides), by);
  return (await startOnce([plugin], { revocations })).plugins[0]!;
}

/** Waits until something holds, for as long as a test may take. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("T16, a plugin that was revoked", () => {
  it("is not loaded, and the reason is told", async () => {
    const { state, error } = await startUnder([{ name: "sample", reason }]);
    assertEquals([state, error?.code, error?.step], ["failed", "plugin-revoked", "verify"]);
    assertStringIncludes(error?.message ?? "", reason);
  });

  it("is told by name, by version, by digest, or by all of them", async () => {
    using plugin = createVersion("1.2.0");
    const [digest] = [plugin.digest];
    const other = digest.replace(/.$/, (last) => last === "A" ? "B" : "A");
    const cases: readonly (readonly [object, boolean])[] = [
      [{ name: "other" }, false],
      [{ name: "constructor" }, false],
      [{ name: "sample", versions: "<=1.2.0" }, true],
      [{ name: "sample", versions: "<1.2.0" }, false],
      [{ name: "sample", versions: "*" }, true],
      [{ name: "sample", versions: "1.0.0 || 1.2.0" }, true],
      [{ digest }, true],
      [{ digest: other }, false],
      [{ name: "sample", digest: other }, false],
      [{ name: "other", digest }, false],
    ];
    for (const [revocation, isRevoked] of cases) {
      const { error } = await startUnder([{ ...revocation, reason }]);
      assertEquals([revocation, error?.code], [revocation, isRevoked ? "plugin-revoked" : undefined]);
    }
  });

  it("cannot slip through as a prerelease", async () => {
    using folder = createTemporaryFolder();
    using plugin = createVersion("1.2.0-beta.1");
    const revocations = optionsFor(folder);
    await writeList(String(revocations.source), listOf([{ name: "sample", versions: "<1.2.0", reason }]), issuer);
    const { plugins } = await startOnce([plugin], { revocations });
    assertEquals(plugins[0]?.error?.code, "plugin-revoked");
  });

  it("is taken out while it is active, with what depends on it, when a new list says so", async () => {
    using folder = createTemporaryFolder();
    using bad = createPlugin("bad");
    using needing = createDependent("needing", { bad: "*" });
    using further = createDependent("further", { needing: "*" });
    using good = createPlugin("good");
    const revocations = optionsFor(folder, { interval: 20 });
    const source = String(revocations.source);
    await writeList(source, listOf([]), issuer);
    const notes: string[] = [];
    const reported: PlugmapError[] = [];
    await using host = createTestHost([bad, needing, further, good], {
      revocations,
      context: { notes },
      report: (problem) => void reported.push(problem),
    });
    await host.load();
    assertEquals(host.plugins(), ["bad", "needing", "further", "good"]);
    rmSync(source);
    await until(() => reported.length > 0);
    await writeList(source, listOf([{ name: "bad", reason }], { sequence: 2 }), issuer);
    await until(() => host.plugins().length === 1);
    assertEquals(greetings(host), ["good Ada"]);
    await until(() => notes.filter((note) => note.startsWith("dispose")).length === 3);
    assertEquals(notes.slice(-3), ["dispose further", "dispose needing", "dispose bad"]);
    await until(() => reportOn(host, "bad").state === "failed");
    const codes = ["bad", "needing", "further"].map((name) => reportOn(host, name).error?.code);
    assertEquals(codes, ["plugin-revoked", "dependency-failed", "dependency-failed"]);
    const revoked = reported.filter(({ code }) => code === "plugin-revoked");
    assertEquals(revoked.map(({ plugin }) => plugin), ["bad"]);
    assertEquals((await host.load()).plugins.map(({ state }) => state), ["failed", "failed", "failed", "active"]);
  });
});

describe("T16, a plugin that no import map lists", () => {
  it("is taken out as well, also when the host has looked for an import map in vain", async () => {
    using folder = createTemporaryFolder();
    using bad = createPlugin("bad");
    const revocations = optionsFor(folder, { interval: 20 });
    const source = String(revocations.source);
    await writeList(source, listOf([]), issuer);
    const before = process.cwd();
    process.chdir(folder.path);
    try {
      await using host = createTestHost([], { importMap: undefined, revocations, context: { notes: [] } });
      await host.loadPlugin(bad.manifestUrl);
      await assertRejects(() => host.load(), PlugmapError, "import-map-missing");
      await writeList(source, listOf([{ name: "bad", reason }], { sequence: 2 }), issuer);
      await until(() => host.plugins().length === 0);
      assertEquals(reportOn(host, "bad").error?.code, "plugin-revoked");
    } finally {
      process.chdir(before);
    }
  });
});

describe("T16, a list of revocations that cannot be relied on", () => {
  const bad: Readonly<Record<string, () => Promise<PluginReport>>> = {
    "has expired": () => startUnder([], { expires: at(-1) }),
    "is older than the host allows": () => startUnder([], { issued: at(-10) }, { options: { maxAge: 5000 } }),
    "is signed by a stranger": () => startUnder([], {}, { by: stranger }),
    "is of another form": () => startUnder([], { format: 2 }),
    "says of nothing why it is revoked": () => startUnder([{ name: "sample" }]),
    "names nothing": () => startUnder([{ reason }]),
    "has versions of nothing": () => startUnder([{ digest: `sha384-${"A".repeat(64)}`, versions: "*", reason }]),
    "has members that nobody knows": () => startUnder([{ name: "sample", reason, unless: "paid" }]),
    "has a time that is none": () => startUnder([], { expires: "2030-02-30T00:00:00Z" }),
  };
  for (const [what, start] of Object.entries(bad)) {
    it(`stops every plugin when it ${what}`, async () => {
      const { state, error } = await start();
      assertEquals([state, error?.code, error?.step], ["failed", "revocation-invalid", "verify"]);
    });
  }

  it("stops every plugin when it is not there, not signed, or changed", async () => {
    using plugin = createVersion("1.0.0");
    using folder = createTemporaryFolder();
    const revocations = optionsFor(folder);
    const source = String(revocations.source);
    const start = async (): Promise<unknown> => (await startOnce([plugin], { revocations })).plugins[0]?.error?.code;
    assertEquals(await start(), "revocation-invalid");
    await writeList(source, listOf([{ name: "sample", reason }]), issuer);
    assertEquals(await start(), "plugin-revoked");
    writeFileSync(source, readFileSync(source, "utf8").replace("sample", "simple"));
    assertEquals(await start(), "revocation-invalid");
    rmSync(`${source}.sig`);
    assertEquals(await start(), "revocation-invalid");
  });

  it("that is older than one seen before stops every plugin, also after a new start", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    using folder = createTemporaryFolder();
    const revocations = optionsFor(folder);
    const publishList = (sequence: number): Promise<void> =>
      writeList(String(revocations.source), listOf([], { sequence }), issuer);
    const start = async (): Promise<unknown> => {
      const { plugins } = await startOnce([plugin], { revocations, lock: lock.path });
      return plugins[0]?.error?.code;
    };
    await publishList(7);
    assertEquals(await start(), undefined);
    assertEquals(lock.read().revocations, { [issuer.publicKey]: 7 });
    const { mtimeMs } = statSync(lock.path);
    assertEquals(await start(), undefined);
    assertEquals(statSync(lock.path).mtimeMs, mtimeMs);
    await publishList(6);
    assertEquals(await start(), "revocation-invalid");
    await publishList(8);
    assertEquals(await start(), undefined);
  });

  it("signed with a key that the pinned one has named counts", async () => {
    using plugin = createVersion("1.0.0");
    using folder = createTemporaryFolder();
    const revocations = optionsFor(folder, { key: stranger.publicKey });
    const source = String(revocations.source);
    await writeList(source, listOf([]), issuer);
    assertEquals((await startOnce([plugin], { revocations })).plugins[0]?.error?.code, "revocation-invalid");
    const rotation = await signRotation(stranger.privateKey, issuer.publicKey);
    const signed = JSON.parse(readFileSync(`${source}.sig`, "utf8"));
    const rotations = [{ ...rotation, signature: rotation.signature.toBase64() }];
    writeFileSync(`${source}.sig`, JSON.stringify({ ...signed, rotations }));
    assertEquals((await startOnce([plugin], { revocations })).plugins[0]?.state, "active");
  });

  it("comes over the network under the limits of all that does", async () => {
    using plugin = createVersion("1.0.0");
    using folder = createTemporaryFolder();
    await writeList(join(folder.path, "revoked.json"), listOf([{ name: "sample", reason }]), issuer);
    await using server = await startServer({ "/": serveFolder(folder.path) });
    const revocations = { source: `${server.url}revoked.json`, key: issuer.publicKey };
    const start = async (): Promise<unknown> => (await startOnce([plugin], { revocations })).plugins[0]?.error?.code;
    assertEquals(await start(), "plugin-revoked");
    assertEquals(server.requests, ["/revoked.json", "/revoked.json.sig"]);
    server.route("/revoked.json", reply(404));
    assertEquals(await start(), "revocation-invalid");
    const limits = { metadataSize: 10 };
    server.route("/revoked.json", serveFolder(folder.path));
    const { plugins } = await startOnce([plugin], { revocations, limits });
    assertStringIncludes(plugins[0]?.error?.message ?? "", "larger than 10 bytes");
  });

  it("is asked for once, however many plugins there are", async () => {
    using one = createPlugin("one");
    using two = createPlugin("two");
    using folder = createTemporaryFolder();
    await writeList(join(folder.path, "revoked.json"), listOf([]), issuer);
    await using server = await startServer({ "/": serveFolder(folder.path) });
    const revocations = { source: new URL(`${server.url}revoked.json`), key: issuer.publicKey };
    await using host = createTestHost([one, two], { revocations });
    await host.load();
    await host.reload("one");
    assertEquals(server.requests.length, 2);
  });

  it("keeps no process alive", async () => {
    using folder = createTemporaryFolder();
    const revocations = optionsFor(folder);
    await writeList(String(revocations.source), listOf([]), issuer);
    const source = `import { createHost } from ${JSON.stringify(plugmap)};
const importMap = { imports: {} };
const host = createHost({ hooks: {}, importMap, revocations: ${JSON.stringify(revocations)} });
await host.load();
console.log("loaded");`;
    const { code, stdout } = await runProgram(source, { cwd: folder.path });
    assertEquals([code, stdout], [0, "loaded\n"]);
  });

  it("that cannot be had anew is reported, and the last one counts until it expires", async () => {
    using first = createPlugin("first");
    using later = createPlugin("later");
    using folder = createTemporaryFolder();
    const revocations = optionsFor(folder, { interval: 20 });
    const source = String(revocations.source);
    await writeList(source, listOf([], { expires: at(3600) }), issuer);
    const reported: PlugmapError[] = [];
    let wanted = ["first"];
    await using host = createTestHost([first, later], {
      revocations,
      enabled: (name) => wanted.includes(name),
      report: (problem) => void reported.push(problem),
    });
    await host.load();
    rmSync(source);
    await until(() => reported.length > 0);
    assertEquals(reported[0]?.code, "revocation-invalid");
    wanted = ["first", "later"];
    await host.load();
    assertEquals(host.plugins(), ["first", "later"]);
    await host.unload("later");
    const realNow = Date.now;
    Date.now = () => realNow() + 2 * 3600 * 1000;
    try {
      await host.load();
    } finally {
      Date.now = realNow;
    }
    assertEquals(reportOn(host, "later").error?.code, "revocation-invalid");
    assertEquals(greetings(host), ["first Ada"]);
  });
});

describe("option revocations", () => {
  it("is checked when the host is made", () => {
    const wrong: readonly object[] = [
      {},
      { source: "x" },
      { source: "x", key: "ed25519-AAAA" },
      { source: "x", key: `ed25519-${"A".repeat(43)}=`, intervall: 1 },
      { source: "x", key: `ed25519-${"A".repeat(43)}=`, interval: 0 },
      { source: "x", key: `ed25519-${"A".repeat(43)}=`, interval: 2 ** 31 },
      { source: "x", key: `ed25519-${"A".repeat(43)}=`, maxAge: 0 },
      { source: 1, key: `ed25519-${"A".repeat(43)}=` },
    ];
    for (const revocations of wrong) {
      assertThrows(
        () => createTestHost([], { revocations: revocations as RevocationOptions }),
        PlugmapError,
        "option-invalid",
      );
    }
  });
});
