import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseSignature, verifySignature } from "../../mod.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";

/** Makes a key and gives the public part. */
async function makeKey(path: string): Promise<string> {
  const { code, out } = await callPlugmap("keygen", path);
  assertEquals(code, 0);
  return out.trim();
}

/** Who a host that trusts some keys takes for the signer of a file. */
async function signerOf(path: string, ...keys: readonly string[]): Promise<string> {
  const signature = parseSignature(readFileSync(`${path}.sig`));
  return (await verifySignature(readFileSync(path), signature, { keys })).key;
}

describe("plugmap keygen", () => {
  it("keygen writes a private key that only its owner can read, and prints the public one", async () => {
    using folder = createTemporaryFolder();
    const denoFlags = [`--allow-write=${folder.path}`];
    const { code, out, problems } = await spawnPlugmap(["keygen", "publisher.pem"], { cwd: folder.path, denoFlags });
    assertEquals([code, problems], [0, ""]);
    assertMatch(out, /^ed25519-[A-Za-z0-9+/]{43}=\n$/);
    const path = join(folder.path, "publisher.pem");
    assertStringIncludes(readFileSync(path, "utf8"), "-----BEGIN PRIVATE KEY-----\n");
    if (process.platform !== "win32") assertEquals(statSync(path).mode & 0o777, 0o600);
  });

  it("keygen writes over nothing", async () => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "publisher.pem");
    writeFileSync(path, "precious");
    const { code, problems } = await callPlugmap("keygen", path);
    assertEquals([code, readFileSync(path, "utf8")], [2, "precious"]);
    assertStringIncludes(problems, "[store-failed]");
    assertStringIncludes(problems, "Name a file that is not there yet, in a folder that is.");
  });
});

describe("plugmap sign", () => {
  it("sign writes a signature that hosts accept, of a folder or of a file", async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    using folder = createTemporaryFolder();
    const key = join(folder.path, "key.pem");
    const publicKey = await makeKey(key);
    const { code, out, problems } = await spawnPlugmap(["sign", ".", "--key", key], {
      cwd: plugin.folder,
      denoFlags: [`--allow-read=${plugin.folder},${folder.path}`, `--allow-write=${plugin.folder}`],
    });
    const manifest = join(plugin.folder, "plugin.json");
    assertEquals([code, out, problems], [0, `Wrote "${manifest}.sig", signed with ${publicKey}.\n`, ""]);
    assertEquals(await signerOf(manifest, publicKey), publicKey);
    const list = join(folder.path, "revoked.json");
    writeFileSync(list, "{}");
    assertEquals((await callPlugmap("sign", list, "--key", key)).code, 0);
    assertEquals(await signerOf(list, publicKey), publicKey);
  });

  it("sign --replaces adds a rotation, once, and later signatures carry it along", async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    using folder = createTemporaryFolder();
    const [old, next] = ["old.pem", "next.pem"].map((name) => join(folder.path, name)) as [string, string];
    const [oldKey, nextKey] = [await makeKey(old), await makeKey(next)];
    const manifest = join(plugin.folder, "plugin.json");
    await callPlugmap("sign", manifest, "--key", old);
    for (const more of [["--replaces", old], ["--replaces", old], []]) {
      assertEquals((await callPlugmap("sign", manifest, "--key", next, ...more)).code, 0);
      assertEquals(await signerOf(manifest, oldKey), nextKey);
      assertEquals(parseSignature(readFileSync(`${manifest}.sig`)).rotations.length, 1);
    }
  });

  it("sign names the file whose key or signature is none", async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    using folder = createTemporaryFolder();
    const [key, broken] = [join(folder.path, "key.pem"), join(folder.path, "broken.pem")];
    await makeKey(key);
    writeFileSync(broken, "no key");
    const signature = join(plugin.folder, "plugin.json.sig");
    for (const keys of [["--key", broken], ["--key", key, "--replaces", broken]]) {
      const { code, problems } = await callPlugmap("sign", plugin.folder, ...keys);
      assertEquals(code, 2);
      assertStringIncludes(problems, `[signature-invalid] In "${broken}": The private key cannot be read`);
      assertStringIncludes(problems, 'Take one that "plugmap keygen" or generateSigningKey has made');
      assertEquals(existsSync(signature), false);
    }
    writeFileSync(signature, "{");
    const { code, problems } = await callPlugmap("sign", plugin.folder, "--key", key);
    assertEquals([code, readFileSync(signature, "utf8")], [2, "{"]);
    assertStringIncludes(problems, `[signature-invalid] In "${signature}": The signature is not JSON`);
  });

  it("sign refuses what it cannot do", async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    const { folder } = plugin;
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [["sign"], "[usage]"],
      [["sign", folder], "[usage]"],
      [["sign", folder, folder, "--key", "x"], "[usage]"],
      [["sign", folder, "--key", join(folder, "gone.pem")], "[fetch-failed]"],
      [["sign", join(folder, "gone.json"), "--key", join(folder, "mod.js")], "[fetch-failed]"],
      [["sign", folder, "--key", join(folder, "mod.js")], "[signature-invalid]"],
      [["keygen"], "[usage]"],
    ];
    for (const [args, code] of wrong) {
      const ending = await callPlugmap(...args);
      assertEquals([args, ending.code], [args, 2]);
      assertStringIncludes(ending.problems, code);
    }
  });
});
