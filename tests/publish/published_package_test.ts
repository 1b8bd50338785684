import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { computeIntegrity, plugmapVersion } from "../../mod.ts";
import { deno } from "../support/binaries.ts";
import { onDeno } from "../support/child.ts";
import { run } from "../support/run.ts";
import type { Run } from "../support/run.ts";
import { must, npmName, publishPackage, root } from "./published_package.ts";
import type { Project, PublishedPackage } from "./published_package.ts";

const name = "@plugmap/plugmap";
const range = `^${plugmapVersion}`;
const greeting = { code: 0, stdout: "Hello, world!\n", stderr: "" };

/** As strict as a user's can be; libraries are checked too. */
const compilerOptions = {
  target: "esnext",
  module: "esnext",
  moduleResolution: "bundler",
  lib: ["esnext", "dom", "dom.iterable"],
  types: [],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  allowImportingTsExtensions: true,
};

function bunfig(registry: string): string {
  return `[install]
registry = "${registry}"
auto = "disable"

[install.scopes]
"@jsr" = "${registry}"
`;
}

// These tests start both runtimes themselves, so they run once: on Deno, whose test runner sets no time limit.
describe("the published package", { skip: !onDeno }, () => {
  let published: PublishedPackage;
  let denoUser: Project;
  let bunUser: Project;

  before(async () => {
    published = await publishPackage();
    denoUser = published.createProject("deno_user", readmeFiles());
    bunUser = published.createProject("bun_user", {
      ...readmeFiles(),
      "bunfig.toml": bunfig(published.npmUrl),
      "package.json": JSON.stringify({ type: "module", dependencies: { [name]: `npm:${npmName(name)}@${range}` } }),
    });
  });

  after(() => published?.[Symbol.asyncDispose]());

  it("has the files that a user needs and no others", () => {
    const top = new Set(published.files.map((path) => path.split("/")[0]));
    const expected = ["CHANGELOG.md", "LICENSE", "README.md", "cli.ts", "deno.json", "docs", "mod.ts", "plugin.ts"];
    assertEquals([...top].sort(), [...expected, "schema", "src"]);
    const below = (folder: string): readonly string[] =>
      published.files.filter((path) => path.startsWith(`${folder}/`));
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
    const modules = sources.filter((path) => path.endsWith(".ts")).map((path) => `src/${path.replaceAll("\\", "/")}`);
    assertEquals(below("src").toSorted(), modules.toSorted());
    assertEquals(below("schema").toSorted(), ["lock", "plugin", "policy"].map((name) => `schema/${name}.schema.json`));
    for (const path of below("docs")) assertMatch(path, /^docs\/[a-z_-]+\.md$/);
  });

  it("is published without slow types, and with no other warning than that of computed imports", () => {
    assertStringIncludes(published.output, "Checking for slow types");
    const warnings = new Set(
      Array.from(published.output.matchAll(/(?:warning|error)\[([^\]]+)\]/g), ([, kind]) => kind),
    );
    assertEquals([...warnings], ["unanalyzable-dynamic-import"]);
  });

  it("has documentation for every symbol that it exports", async () => {
    const entries = Object.values(JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).exports) as string[];
    const { code, stderr } = await run(deno, ["doc", "--lint", ...entries], { cwd: root });
    assertEquals(code, 0, stderr);
  });

  it("greets on Deno as the README says, with the least permissions and nothing on standard error", async () => {
    const hashed = await denoUser.deno(
      ...["run", "--no-prompt", "--allow-read=plugins", "--allow-write=plugins"],
      ...[`jsr:${name}@${range}/cli`, "hash", "plugins/hello"],
    );
    assertEquals(hashed.code, 0, hashed.stderr);
    const map = JSON.parse(hashed.stdout.slice(hashed.stdout.indexOf("{\n")));
    Object.assign(map.imports, { [name]: `jsr:${name}@${range}`, [`${name}/`]: `jsr:/${name}@${range}/` });
    denoUser.write("plugins.json", JSON.stringify(map));

    await must(denoUser.deno("cache", "--import-map=plugins.json", "host.ts"));
    const read = "--allow-read=plugins.json,plugins.policy.json,plugins.lock.json,plugins";
    const host = ["--no-prompt", "--cached-only", "--import-map=plugins.json", read, "host.ts"];
    assertEquals(await denoUser.deno("run", ...host), greeting);
  });

  it("greets on Bun as the README says, installed from the npm side of the registry, with nothing on standard error", async () => {
    const installed = await bunUser.bun("install");
    assertEquals(installed.code, 0, installed.stderr);
    const hashed = await bunUser.bun("--no-install", `node_modules/${name}/cli.js`, "hash", "plugins/hello");
    assertEquals(hashed.code, 0, hashed.stderr);
    bunUser.write("plugins.json", hashed.stdout.slice(hashed.stdout.indexOf("{\n")));
    assertEquals(await bunUser.bun("--no-install", "host.ts"), greeting);
  });

  it("isolates plugins on both runtimes: what their processes run comes with it", async () => {
    const host = `import { createHost, defineHooks, hook } from "${name}";
const hooks = defineHooks({ greeting: hook<{ name: string }, string>({ async: true }) });
await using host = createHost({
  hooks,
  importMap: "plugins.json",
  policy: { default: { tier: "isolated" } },
  lock: false,
  store: false,
});
const { plugins } = await host.load();
console.log(plugins[0]?.tier, plugins[0]?.process?.state, await host.hooks.greeting({ name: "Ada" }));
`;
    for (const user of [denoUser, bunUser]) user.write("isolated.ts", host);
    await must(denoUser.deno("cache", "--import-map=plugins.json", "isolated.ts"));
    const permissions = ["--no-prompt", "--cached-only", "--allow-read=plugins.json,plugins", "--allow-run"];
    for (
      const { code, stdout, stderr } of [
        await denoUser.deno("run", "--import-map=plugins.json", ...permissions, "isolated.ts"),
        await bunUser.bun("--no-install", "isolated.ts"),
      ]
    ) {
      assertEquals([code, stdout, stderr], [0, 'isolated running [ "Hello, Ada!" ]\n', ""]);
    }
  });

  it("types hosts and plugins, from the sources on Deno and from the declarations elsewhere", async () => {
    const wrong = `import { definePlugin } from "${name}/plugin";
import type { hooks } from "../../host.ts";
export default definePlugin<typeof hooks>({ hooks: { greeting: () => 42 } });
`;
    const [right, bad] = ["plugins/hello/main.ts", "plugins/hello/wrong.ts"];
    for (const user of [denoUser, bunUser]) user.write(bad, wrong);
    for (
      const check of [
        (file: string) => denoUser.deno("check", "--import-map=plugins.json", "host.ts", file),
        (file: string) => {
          bunUser.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["host.ts", file] }));
          return bunUser.bun("--no-install", join(root, "node_modules/typescript/bin/tsc"));
        },
      ]
    ) {
      const good = await check(right);
      assertEquals(good.code, 0, good.stdout + good.stderr);
      const { code, stdout, stderr } = await check(bad);
      assertNotEquals(code, 0);
      assertMatch(stdout + stderr, /TS2322[^]*number[^]*string/);
    }
  });

  describe("a plugin on JSR", () => {
    let author: Project;

    before(async () => {
      author = published.createProject("author", tidesFiles("1.0.0", `jsr:${name}@${range}/plugin`));
      await must(author.deno("run", "-A", `jsr:${name}@${range}/cli`, "hash", "."));
      await must(author.deno("publish", "--token=any", "--no-provenance"));
    });

    /** Has the README's host load the plugin from an address on both runtimes, and gives what it prints. */
    async function load(address: string, integrity?: string): Promise<readonly Run[]> {
      const imports = { [name]: `jsr:${name}@${range}`, "plugins/tides": address };
      const map = JSON.stringify({ imports, integrity: integrity && { [address]: integrity } });
      for (const user of [denoUser, bunUser]) {
        user.write("plugins.json", map);
        rmSync(join(user.path, ".plugmap"), { recursive: true, force: true });
      }
      const permissions = [
        "--allow-read=plugins.json,plugins.policy.json,plugins.lock.json",
        `--allow-net=${new URL(published.jsr.url).host}`,
        "--allow-env=JSR_URL",
      ];
      return [
        await denoUser.deno("run", "--no-prompt", "--quiet", "--import-map=plugins.json", ...permissions, "host.ts"),
        await bunUser.bun("--no-install", "host.ts"),
      ];
    }

    async function assertLoads(address: string): Promise<void> {
      for (const { code, stdout, stderr } of await load(address, pinOf(author))) {
        assertEquals([code, stdout, stderr], [0, "world: the tide is at 2 m\n", ""]);
      }
    }

    async function assertRefused(expected: string, address: string, integrity?: string): Promise<void> {
      for (const { code, stdout, stderr } of await load(address, integrity)) {
        assertEquals([code, stdout], [0, ""]);
        assertStringIncludes(stderr, expected);
      }
    }

    it("has the bytes that its author hashed, loads on both runtimes, and plugmap hash pins it", async () => {
      for (const file of ["main.ts", "height.ts", "plugin.json"]) {
        const response = await fetch(`${published.jsr.url}@acme/tides/1.0.0/${file}`);
        assertEquals(await response.text(), author.read(file));
      }
      await assertLoads("jsr:@acme/tides@1.0.0");
      await assertLoads("jsr:@acme/tides@^1.0.0");
      const { stdout } = await denoUser.deno("run", "-A", `jsr:${name}@${range}/cli`, "hash", "jsr:@acme/tides@1");
      const { integrity } = JSON.parse(stdout.slice(stdout.indexOf("{\n")));
      assertEquals(integrity, { "jsr:@acme/tides@1.0.0": pinOf(author) });
    });

    it("is refused without a pin", async () => {
      await assertRefused("[integrity-missing] ", "jsr:@acme/tides@1.0.0");
    });

    it("is not replaced by a newer version that the range also covers, but the pin does not", async () => {
      const newer = published.createProject("newer", tidesFiles("1.1.0", `jsr:${name}@${range}/plugin`));
      await must(newer.deno("run", "-A", `jsr:${name}@${range}/cli`, "hash", "."));
      await must(newer.deno("publish", "--token=any", "--no-provenance", "--no-check"));
      await assertRefused("[integrity-mismatch] ", "jsr:@acme/tides@^1.0.0", pinOf(author));
      await assertLoads("jsr:@acme/tides@1.0.0");
    });

    it("is refused once a file of it changes in the registry, checksums and all", async () => {
      const folder = join(published.jsrFiles, "@acme/tides");
      const [module, metadata] = [join(folder, "1.0.0/height.ts"), join(folder, "1.0.0_meta.json")];
      const [before, checksums] = [readFileSync(module), readFileSync(metadata, "utf8")];
      const after = String(before).replace("2", "3");
      writeFileSync(module, after);
      writeFileSync(metadata, checksums.replace(sha256(before), sha256(after)));
      assertNotEquals(readFileSync(metadata, "utf8"), checksums);
      await assertRefused("[integrity-mismatch] ", "jsr:@acme/tides@1.0.0", pinOf(author));
      writeFileSync(module, before);
      await assertLoads("jsr:@acme/tides@1.0.0");
    });

    it("that deno publish rewrote after it was hashed is told by plugmap hash", async () => {
      const mapped = { ...tidesFiles("2.0.0", `${name}/plugin`) };
      const config = { ...JSON.parse(mapped["deno.json"]!), imports: { [name]: `jsr:${name}@${range}` } };
      const careless = published.createProject("careless", { ...mapped, "deno.json": JSON.stringify(config) });
      await must(careless.deno("run", "-A", `jsr:${name}@${range}/cli`, "hash", "."));
      await must(careless.deno("publish", "--token=any", "--no-provenance", "--no-check"));
      const cli = `jsr:${name}@${range}/cli`;
      const { code, stdout, stderr } = await careless.deno("run", "-A", cli, "hash", "jsr:@acme/tides@2.0.0");
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, '/main.ts"');
    });
  });
});

/** A package with a plugin for the hosts of the README. It has the plugin in a variable whose type JSR can tell. */
function tidesFiles(version: string, authoring: string): Record<string, string> {
  return {
    "deno.json": JSON.stringify({ name: "@acme/tides", version, license: "MIT", exports: "./main.ts" }),
    "plugin.json": JSON.stringify({ name: "tides", version, entry: "./main.ts", engines: { plugmap: range } }),
    "main.ts": `import { definePlugin, type Plugin } from "${authoring}";
import { height } from "./height.ts";

const plugin: Plugin = definePlugin({
  hooks: { greeting: ({ name }: { name: string }) => \`\${name}: the tide is at \${height} m\` },
});

export default plugin;
`,
    "height.ts": "export const height = 2;\n",
  };
}

function pinOf(author: Project): string {
  return computeIntegrity(new TextEncoder().encode(author.read("plugin.json")));
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The files that the README tells a reader to write. */
function readmeFiles(): Record<string, string> {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const blocks = readme.matchAll(/<!-- file: (\S+) -->\s+```\w+\n([^]*?)```/g);
  return Object.fromEntries([...blocks].map(([, path = "", content = ""]) => [path, content]));
}
