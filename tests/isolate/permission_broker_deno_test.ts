import { describe, it } from "node:test";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import type { AuditRecord } from "../../src/isolate/audit.ts";
import { planDeno } from "../../src/isolate/deno_launch.ts";
import { IsolatedProcess } from "../../src/isolate/isolated_process.ts";
import { defaultIsolationLimits } from "../../src/isolate/limits.ts";
import { PermissionBroker } from "../../src/isolate/permission_broker.ts";
import type { BrokerOptions, PermissionRequests } from "../../src/isolate/permission_broker.ts";
import { parsePermissions } from "../../src/permissions/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { ChildProcess } from "../../src/runtime/types.ts";
import { bun, deno } from "../support/binaries.ts";
import { run } from "../support/run.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const granting = (permissions: object) => parsePermissions(permissions, "");

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a Deno with a broker prints, and how it ends; with flags that would allow everything, and count for nothing. */
async function runBrokered(
  program: string,
  options: Partial<BrokerOptions> = {},
  during: (broker: PermissionBroker, child: ChildProcess) => void = () => {},
): Promise<{ code: number | null; printed: string; broker: PermissionBroker }> {
  const runtime = await detectRuntime();
  const environment = { PATH: "/usr/bin:/bin", ...options.environment };
  const broker = await PermissionBroker.start({ granted: granting({}), ...options, environment });
  broker.belongTo("weather");
  let printed = "";
  const fixed = ["run", "-A", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote"];
  const child = await runtime.spawn({
    path: deno,
    args: [...fixed, `data:text/javascript,${encodeURIComponent(program)}`],
    env: { ...environment, ...broker.environment, NO_COLOR: "1", DENO_DIR: "/dev/null" },
    channel: "stdio",
  }, broker.filter((text) => void (printed += text)));
  child.channel.start({ onBytes: () => {}, onEnd: () => {} });
  during(broker, child);
  const { code } = await child.ended;
  broker.close();
  // What was printed last may arrive after the process has ended.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { code, printed, broker };
}

/** A program that tries each expression, and what came of each. */
async function attempt(tries: Readonly<Record<string, string>>, options: Partial<BrokerOptions>) {
  const steps = Object.entries(tries).map(([name, code]) =>
    `try { found[${JSON.stringify(name)}] = String(await (async () => (${code}))()); } ` +
    `catch (error) { found[${JSON.stringify(name)}] = error.name + ": " + error.message; }`
  );
  const program = `const found = {}; ${steps.join("\n")} console.error(JSON.stringify(found));`;
  const { code, printed } = await runBrokered(program, options);
  assertEquals(code, 0, printed);
  return JSON.parse(printed) as Record<string, string>;
}

const read = (path: string): string => `Deno.readTextFileSync(${JSON.stringify(path)})`;

describe("a Deno process with a permission broker", () => {
  it("may do what is granted, what the host allows, and nothing else, whatever its flags say", async () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    mkdirSync(join(path, "granted"));
    for (const name of ["granted/file", "asked", "denied", "throws", "hangs"]) writeFileSync(join(path, name), name);
    const records: AuditRecord[] = [];
    const found = await attempt({
      granted: read(join(path, "granted/file")),
      asked: read(join(path, "asked")),
      denied: read(join(path, "denied")),
      throws: read(join(path, "throws")),
      hangs: read(join(path, "hangs")),
      again: read(join(path, "asked")),
      write: `Deno.writeTextFileSync(${JSON.stringify(join(path, "granted/file"))}, "")`,
      env: `Deno.env.get("HOME")`,
      allEnv: `Object.keys(Deno.env.toObject()).length`,
      hostname: "Deno.hostname()",
      net: `fetch("http://127.0.0.1:49151/")`,
      link: `Deno.symlinkSync("/", ${JSON.stringify(join(path, "granted/root"))})`,
      ffi: `Deno.dlopen("/lib/none.so", {})`,
    }, {
      granted: granting({ read: [join(path, "granted")], sys: ["hostname"] }),
      onPermissionRequest: ({ plugin, permission, value }) => {
        assertEquals(plugin, "weather");
        if (permission !== "read") return false;
        if (value.endsWith("throws")) throw new Error("no");
        return value.endsWith("hangs") ? new Promise(() => {}) : value.endsWith("asked");
      },
      audit: (record) => void records.push(record),
      limits: { answerTime: 20 },
    });
    assertEquals([found["granted"], found["asked"], found["again"]], ["granted/file", "asked", "asked"]);
    for (const name of ["denied", "throws", "hangs", "write", "env", "allEnv", "net", "link", "ffi"]) {
      assertMatch(found[name]!, /^NotCapable: .* is not granted$/, name);
    }
    assert(!found["hostname"]!.startsWith("NotCapable"));
    assertEquals(
      records.filter(({ permission }) => permission === "read").map(({ allowed, by }) => `${allowed} ${by}`),
      ["true grant", "true callback", "false callback", "false default", "false default", "true callback"],
    );
    assert(records.every(({ plugin }) => plugin === "weather"));
  });

  it("is denied everything by default", async () => {
    const found = await attempt(
      { read: read("/etc/hostname"), env: `Deno.env.get("PATH")`, cpus: "Deno.osRelease()" },
      {},
    );
    for (const text of Object.values(found)) assertMatch(text, /^NotCapable/);
  });

  it("cannot follow a link out of a granted folder", async () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    mkdirSync(join(path, "granted/a/b"), { recursive: true });
    writeFileSync(join(path, "secret"), "secret");
    writeFileSync(join(path, "granted/secret"), "own");
    symlinkSync("../secret", join(path, "granted/out"));
    symlinkSync(path, join(path, "granted/folder"));
    symlinkSync(join(path, "new"), join(path, "granted/dangling"));
    symlinkSync("../../secret", join(path, "granted/a/b/link"));
    const inside = (name: string) => JSON.stringify(join(path, "granted", name));
    const granted = [join(path, "granted")];
    const found = await attempt({
      out: `Deno.readTextFileSync(${inside("out")})`,
      folder: `Deno.readTextFileSync(${inside("folder/secret")})`,
      dangling: `Deno.writeTextFileSync(${inside("dangling")}, "made")`,
      node: `(await import("node:fs")).readFileSync(${inside("out")}, "utf8")`,
      inside: `Deno.readTextFileSync(${inside("a/b/link")})`,
      // What the flags alone allow: the same link, one folder higher, leads out.
      moved: `(Deno.renameSync(${inside("a/b")}, ${inside("b")}), Deno.readTextFileSync(${inside("b/link")}))`,
    }, { granted: granting({ read: granted, write: granted }) });
    assertEquals(found["inside"], "own");
    for (const name of ["out", "folder", "dangling", "node", "moved"]) assertMatch(found[name]!, /not granted/, name);
    assert(!existsSync(join(path, "new")));
  });

  it("runs exactly the program that is granted, whatever is put in its way", async () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    writeFileSync(join(path, "id"), "#!/bin/sh\necho other\n", { mode: 0o755 });
    const runs = (name: string, options: object = {}) =>
      `new Deno.Command(${JSON.stringify(name)}, ${JSON.stringify(options)}).outputSync().code`;
    const found = await attempt({
      path: runs("/usr/bin/id"),
      name: runs("id", { env: { PATH: path } }),
      other: runs(join(path, "id")),
      relative: runs("./id", { cwd: path }),
      loader: runs("/usr/bin/id", { env: { LD_PRELOAD: "/none.so" } }),
    }, { granted: granting({ run: ["id"] }) });
    assertEquals(found["path"], "0");
    for (const name of ["name", "other", "relative", "loader"]) assertMatch(found[name]!, /^NotCapable/, name);
  });

  it("loads no code from elsewhere", async () => {
    const found = await attempt({
      npm: `import("npm:" + "chalk")`,
      remote: `import("http://127.0.0.1:49151/" + "a.js")`,
      file: `import("file:///etc/" + "hostname")`,
    }, { onPermissionRequest: () => false });
    for (const [name, text] of Object.entries(found)) assertMatch(text, /Error: /, name);
  });

  it("does not show that Deno warns of the broker, and shows all else", async () => {
    const { printed } = await runBrokered(`console.error("Warning of its own")`);
    assertEquals(printed, "Warning of its own\n");
  });

  it("ends when the broker is gone", async () => {
    const program = `console.error("begun"); while (true) { try { Deno.env.get("A"); } catch {} }`;
    const asked = Promise.withResolvers<void>();
    const audit = () => asked.resolve();
    const { code } = await runBrokered(program, { audit }, (broker) => void asked.promise.then(() => broker.close()));
    assertEquals(code, 87);
  });

  it("does not start when the broker is gone before it", async () => {
    const { code, printed } = await runBrokered(`console.error("begun")`, {}, (broker) => broker.close());
    assertEquals(code, 87);
    assert(!printed.includes("begun"));
  });

  it("leaves nothing on disk", async () => {
    const { broker } = await runBrokered("0");
    assert(!existsSync(dirname(broker.environment["DENO_PERMISSION_BROKER_PATH"]!)));
  });
});

describe("a host with a permission broker that nobody has connected to", () => {
  for (
    const [name, program] of [["Deno", [deno, "run", "-A", "--no-lock", "--config", join(root, "deno.json")]], ["Bun", [
      bun,
      "--no-install",
    ]]] as const
  ) {
    it(`removes its folder when it exits, on ${name}`, async () => {
      using folder = createTemporaryFolder();
      using code = createTemporaryFolder();
      const module = new URL("../../src/isolate/permission_broker.ts", import.meta.url).href;
      const none = JSON.stringify(granting({}));
      const file = join(code.path, "host.ts");
      writeFileSync(
        file,
        `import { PermissionBroker } from ${JSON.stringify(module)};
        const broker = await PermissionBroker.start({ granted: ${none}, environment: {} });
        console.log(broker.environment.DENO_PERMISSION_BROKER_PATH);
        if (process.argv.includes("exit")) process.exit(3);`,
      );
      for (const [last, expected] of [["exit", 3], ["end", 0]] as const) {
        const [command, ...args] = program;
        const result = await run(command, [...args, file, last], { cwd: root, env: { TMPDIR: folder.path } });
        assertEquals(result.code, expected, result.stderr);
        assertStringIncludes(result.stdout, folder.path);
        assertEquals(readdirSync(folder.path), []);
      }
    });
  }
});

describe("planDeno()", () => {
  const plan = async (permissionRequests: PermissionRequests | undefined, granted = granting({ env: ["HOME"] })) => {
    const host = await detectRuntime();
    return planDeno({ granted, environment: {}, executable: deno, host, memory: 2 ** 28, permissionRequests });
  };

  it("says that the host is asked", async () => {
    const { report } = await plan({});
    for (const { permission, level, by } of report) {
      assertEquals(level, "enforced");
      if (permission !== "import") assertStringIncludes(by, "permission broker");
    }
    assert((await plan(undefined)).report.every(({ by }) => !by.includes("broker")));
  });

  it("starts processes that each have a broker, and end with it", async () => {
    const runtime = await detectRuntime();
    const launch = await plan({});
    const isolated = await IsolatedProcess.start(launch, defaultIsolationLimits, runtime);
    isolated.belongTo("weather");
    let printed = "";
    isolated.print((text) => void (printed += text));
    await isolated.ping(20_000);
    assertEquals(isolated.asking, false);
    isolated.kill(new PlugmapError("isolate-crashed", "Enough"));
    assertEquals((await isolated.ended).code, "isolate-crashed");
    assertEquals(printed, "");
  });
});
