import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { parseSignature, PlugmapError, signBytes, signRotation, verifySignature } from "../../mod.ts";
import type { PluginReport, Rotation, Signature, SigningKey } from "../../mod.ts";
import type { Listed } from "../support/host.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { serve, serveFolder, stalling, startServer } from "../support/server.ts";
import { createKeys, createLockPlace, createVersion, publish, sign, startOnce } from "../support/updates.ts";

let keys: readonly SigningKey[] = [];
before(async () => {
  keys = await createKeys(4);
});

/** What becomes of a plugin that has to be signed with one of these keys. */
async function startSigned(
  plugin: PluginFolder | Listed,
  signers: readonly SigningKey[],
  options: Parameters<typeof startOnce>[1] = {},
): Promise<PluginReport> {
  const { name, manifestUrl } = plugin;
  const listed = { name, manifestUrl, ...!manifestUrl.startsWith("file:") && { digest: plugin.digest! } };
  const policy = { default: { signers: signers.map(({ publicKey }) => publicKey) } };
  return (await startOnce([listed], { policy, ...options })).plugins[0]!;
}

describe("policy signers", () => {
  it("a plugin that one of them has signed is loaded, and the report says who", async () => {
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[1]!);
    const { state, signer } = await startSigned(plugin, keys.slice(0, 2));
    assertEquals([state, signer], ["active", keys[1]!.publicKey]);
  });

  it("a plugin without a signature is refused", async () => {
    using plugin = createVersion("1.0.0");
    const { error, signer } = await startSigned(plugin, keys.slice(0, 1));
    assertEquals([error?.code, error?.step, signer], ["signature-missing", "verify", undefined]);
    const path = join(plugin.folder, "plugin.json.sig");
    assertStringIncludes(error?.message ?? "", `it cannot be had: "${path}" does not exist. It has to lie beside`);
  });

  it("a plugin whose signature is none is refused, and the error names the file", async () => {
    using plugin = createVersion("1.0.0");
    plugin.write("plugin.json.sig", "{}");
    const { error } = await startSigned(plugin, [keys[0]!]);
    assertEquals([error?.code, error?.step], ["signature-invalid", "verify"]);
    assertStringIncludes(error?.message ?? "", `In "${plugin.manifestUrl}.sig": The member "key" is missing`);
  });

  it("a plugin that was changed after it was signed, or that a stranger has signed, is refused", async () => {
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[0]!);
    publish(plugin, "1.0.1");
    assertEquals((await startSigned(plugin, [keys[0]!])).error?.code, "signature-invalid");
    await sign(plugin, keys[1]!);
    const { error } = await startSigned(plugin, [keys[0]!]);
    assertEquals(error?.code, "signature-invalid");
    assertStringIncludes(error?.message ?? "", keys[1]!.publicKey);
  });

  it("a signature of a stranger under the name of a known key is refused", async () => {
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[1]!);
    const path = join(plugin.folder, "plugin.json.sig");
    writeFileSync(path, readFileSync(path, "utf8").replace(keys[1]!.publicKey, keys[0]!.publicKey));
    assertEquals((await startSigned(plugin, [keys[0]!])).error?.code, "signature-invalid");
  });

  it("are asked for per plugin, and false takes back what the default demands", async () => {
    using plugin = createVersion("1.0.0");
    const demanding = [keys[0]!.publicKey];
    const outcomes = [
      { plugins: { sample: { signers: demanding } } },
      { default: { signers: demanding }, plugins: { sample: {} } },
      { default: { signers: demanding }, plugins: { sample: { signers: false } } },
      { plugins: { other: { signers: demanding } } },
    ].map((policy) => startOnce([plugin], { policy }));
    const codes = (await Promise.all(outcomes)).map(({ plugins }) => plugins[0]?.error?.code);
    assertEquals(codes, ["signature-missing", "signature-missing", undefined, undefined]);
  });

  it("no signature is asked for where none is demanded", async () => {
    using plugin = createVersion("1.0.0");
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    await startOnce([{ ...plugin, manifestUrl: `${server.url}plugin.json` }], {});
    assertEquals(server.requests, ["/plugin.json", "/mod.js"]);
  });

  it("over the network the signature is beside the manifest, before the query, under the same limits", async () => {
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[0]!);
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const manifestUrl = `${server.url}plugin.json?v=1`;
    assertEquals((await startSigned({ ...plugin, manifestUrl }, [keys[0]!])).state, "active");
    assertEquals(server.requests, ["/plugin.json?v=1", "/plugin.json.sig?v=1", "/mod.js"]);
    server.route("/plugin.json.sig", serve(new Uint8Array(20_000)));
    const large = await startSigned({ ...plugin, manifestUrl }, [keys[0]!]);
    assertEquals(large.error?.code, "signature-missing");
    assertStringIncludes(large.error?.message ?? "", "larger than 16384 bytes");
    server.route("/plugin.json.sig", stalling("{"));
    const slow = await startSigned({ ...plugin, manifestUrl }, [keys[0]!], { limits: { idle: 50 } });
    assertEquals(slow.error?.code, "signature-missing");
  });
});

describe("signatures and the lock", () => {
  it("a host whose lock says who has signed these bytes starts without a network, for as long as it trusts the key", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[0]!);
    const server = await startServer({ "/": serveFolder(plugin.folder) });
    const remote = { ...plugin, manifestUrl: `${server.url}plugin.json` };
    const options = { lock: lock.path, store: join(lock.folder, "store"), limits: { retries: 0 } };
    const online = await startSigned(remote, [keys[0]!], options).finally(() => server.close());
    assertEquals(online.signer, keys[0]!.publicKey);
    const offline = await startSigned(remote, [keys[0]!], options);
    assertEquals([offline.state, offline.signer], ["active", keys[0]!.publicKey]);
    assertEquals((await startSigned(remote, [keys[1]!], options)).error?.code, "signature-missing");
  });

  it("a host that does not ask who has signed it leaves in the lock who has", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[0]!);
    await startSigned(plugin, [keys[0]!], { lock: lock.path });
    await startOnce([plugin], { lock: lock.path });
    assertEquals(lock.read().plugins["sample"]?.["signer"], keys[0]!.publicKey);
  });

  it("a plugin that goes over to other bytes has to be signed again", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    await sign(plugin, keys[0]!);
    await startSigned(plugin, [keys[0]!], { lock: lock.path });
    publish(plugin, "1.1.0");
    assertEquals((await startSigned(plugin, [keys[0]!], { lock: lock.path })).error?.code, "signature-invalid");
  });
});

describe("key rotation", () => {
  it("of two plugins that are loaded at the same time leaves a lock that can be read, and keys to trust", async () => {
    using lock = createLockPlace();
    using one = createVersion("1.0.0", { name: "one" });
    using other = createVersion("1.0.0", { name: "other" });
    const [left, right] = await createKeys(2) as [SigningKey, SigningKey];
    await sign(one, right, [await signRotation(left.privateKey, right.publicKey)]);
    await sign(other, left, [await signRotation(right.privateKey, left.publicKey)]);
    const plugins = { one: { signers: [left.publicKey] }, other: { signers: [right.publicKey] } };
    const start = () => startOnce([one, other], { lock: lock.path, policy: { plugins } });
    assertEquals((await start()).plugins.map(({ state }) => state), ["active", "active"]);
    assertEquals(lock.read().rotations, { [left.publicKey]: right.publicKey });
    assertEquals((await start()).plugins.map(({ state }) => state), ["active", "failed"]);
  });

  it("a key that the known one names takes its place, and the old one is not accepted any more", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    const [old, next] = [keys[0]!, keys[1]!];
    const start = (): Promise<PluginReport> => startSigned(plugin, [old], { lock: lock.path });
    await sign(plugin, old);
    assertEquals((await start()).signer, old.publicKey);

    publish(plugin, "1.1.0");
    await sign(plugin, next, [await signRotation(old.privateKey, next.publicKey)]);
    assertEquals((await start()).signer, next.publicKey);
    assertEquals(lock.read().rotations, { [old.publicKey]: next.publicKey });

    publish(plugin, "1.2.0");
    await sign(plugin, next);
    assertEquals((await start()).signer, next.publicKey);

    publish(plugin, "1.3.0");
    await sign(plugin, old);
    const { error } = await start();
    assertEquals(error?.code, "signature-invalid");
    assertStringIncludes(error?.message ?? "", "which was replaced by");
  });

  it("a key that was given up can name no other one, once that was seen", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    const [old, next, thief] = [keys[0]!, keys[1]!, keys[2]!];
    await sign(plugin, next, [await signRotation(old.privateKey, next.publicKey)]);
    await startSigned(plugin, [old], { lock: lock.path });
    publish(plugin, "1.1.0");
    await sign(plugin, thief, [await signRotation(old.privateKey, thief.publicKey)]);
    assertEquals((await startSigned(plugin, [old], { lock: lock.path })).error?.code, "signature-invalid");
    assertEquals(lock.read().rotations, { [old.publicKey]: next.publicKey });
  });

  it("of a plugin that fails afterwards is not remembered", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0", { hooks: ["other"] });
    await sign(plugin, keys[1]!, [await signRotation(keys[0]!.privateKey, keys[1]!.publicKey)]);
    assertEquals((await startSigned(plugin, [keys[0]!], { lock: lock.path })).state, "failed");
    await assertRejects(() => Promise.try(lock.read));
  });
});

describe("verifySignature()", () => {
  const bytes = new TextEncoder().encode("{}");

  /** A chain of rotations over these keys, signed with the last one. */
  async function chain(...indexes: readonly number[]): Promise<Signature> {
    const links = indexes.slice(1).map((to, index) =>
      signRotation(keys[indexes[index]!]!.privateKey, keys[to]!.publicKey)
    );
    return parseSignature(await signBytes(bytes, keys[indexes.at(-1)!]!.privateKey, await Promise.all(links)));
  }

  function trust(...indexes: readonly number[]): { keys: readonly string[] } {
    return { keys: indexes.map((index) => keys[index]!.publicKey) };
  }

  it("follows rotations over several keys, from whichever is known", async () => {
    const signature = await chain(0, 1, 2);
    for (const known of [0, 1, 2]) {
      assertEquals((await verifySignature(bytes, signature, trust(known))).key, keys[2]!.publicKey);
    }
  });

  it("refuses rotations that nobody trusted has signed, that lead back, or that were tampered with", async () => {
    const refused: Signature[] = [await chain(3, 1), await chain(0, 1, 0), await chain(0, 0)];
    const good = await chain(0, 1);
    const forged = new Uint8Array(good.rotations[0]!.signature);
    forged[5]! ^= 1;
    refused.push({ ...good, rotations: [{ ...good.rotations[0]!, signature: forged }] });
    refused.push({ ...good, rotations: [] });
    for (const [index, signature] of refused.entries()) {
      const error = await assertRejects(() => verifySignature(bytes, signature, trust(0)), PlugmapError);
      assertEquals([index, error.code], [index, "signature-invalid"]);
    }
  });

  it("tells no rotations of keys that are of no concern, and refuses those that lead back", async () => {
    const [other, there, back] = await Promise.all(
      [[2, 3], [0, 1], [1, 0]].map(([from, to]) => signRotation(keys[from!]!.privateKey, keys[to!]!.publicKey)),
    );
    const signedWith = async (...rotations: readonly Rotation[]): Promise<Signature> =>
      parseSignature(await signBytes(bytes, keys[1]!.privateKey, rotations));
    const { rotations } = await verifySignature(bytes, await signedWith(other!), trust(1));
    assertEquals(rotations.size, 0);
    const signature = { ...await chain(2), rotations: [there!, back!] };
    await assertRejects(() => verifySignature(bytes, signature, trust(0, 2)), PlugmapError, "was given up");
  });

  it("trusts nothing through rotations that go round in a circle", async () => {
    const rotations = new Map([[keys[0]!.publicKey, keys[1]!.publicKey], [keys[1]!.publicKey, keys[0]!.publicKey]]);
    const signature = await chain(0);
    await assertRejects(() => verifySignature(bytes, signature, { ...trust(0), rotations }), PlugmapError);
  });
});

describe("parseSignature()", () => {
  it("has caps on the size of the file and on the number of rotations", async () => {
    const rotation = await signRotation(keys[0]!.privateKey, keys[1]!.publicKey);
    const file = await signBytes(new Uint8Array(), keys[1]!.privateKey, Array(16).fill(rotation));
    assertEquals(parseSignature(file).rotations.length, 16);
    const more = await signBytes(new Uint8Array(), keys[1]!.privateKey, Array(17).fill(rotation));
    assertThrows(() => parseSignature(more), PlugmapError, "at most 16 rotations");
    const padded = new TextEncoder().encode(new TextDecoder().decode(file).padEnd(16 * 1024 + 1));
    assertThrows(() => parseSignature(padded), PlugmapError, "16384 is the cap");
  });
});

describe("signBytes()", () => {
  it("refuses what is no private key of Ed25519", async () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (const text of ["", "key", pem, keys[0]!.publicKey]) {
      await assertRejects(() => signBytes(new Uint8Array(), text), PlugmapError, "signature-invalid");
    }
  });

  it("signs with a key that OpenSSL has made", async () => {
    const privateKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;
    const { key } = parseSignature(await signBytes(new Uint8Array(), privateKey));
    // Test 1 of RFC 8032, section 7.1.
    assertEquals(key, "ed25519-11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  });
});
