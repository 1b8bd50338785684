import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { confinable, isRoot, machine, probe, runConfined } from "./confined_bun.ts";
import type { ConfinedOptions } from "./confined_bun.ts";
import { createFolders } from "./folders.ts";
import type { Folders } from "./folders.ts";
import { syscallNumbers } from "./syscall_numbers.ts";

/** What is tried; the paths are in the environment. */
const tried: Readonly<Record<string, string>> = {
  "read readable": "fs.readFileSync(env.readable + '/file')",
  "list readable": "fs.readdirSync(env.readable)",
  "read denied": "fs.readFileSync(env.denied + '/file')",
  "read denied later": "await fs.promises.readFile(env.denied + '/file')",
  "read denied with Bun": "await Bun.file(env.denied + '/file').bytes()",
  "read denied by link": "fs.readFileSync('/proc/self/root' + env.denied + '/file')",
  "read denied in a worker": `await new Promise((resolve, reject) => {
    const text = "try { postMessage(process.getBuiltinModule('node:fs').readFileSync(" + JSON.stringify(env.denied + "/file") +
      ", 'utf8')) } catch (error) { postMessage({ code: error.code }) }";
    const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    worker.onmessage = ({ data }) => { worker.terminate(); data.code ? reject(data) : resolve(data); };
  })`,
  "list the root": "fs.readdirSync('/')",
  "read the environment of the host": "fs.readFileSync('/proc/' + process.ppid + '/environ')",
  "write writable": "fs.writeFileSync(env.writable + '/new', '')",
  "write denied": "fs.writeFileSync(env.denied + '/new', '')",
  "write readable": "fs.writeFileSync(env.readable + '/file', '')",
  "remove denied": "fs.rmSync(env.denied + '/file')",
  "move from denied": "fs.renameSync(env.denied + '/file', env.writable + '/moved')",
  "cut off denied": "fs.truncateSync(env.denied + '/file')",
  "cut off readable": "fs.openSync(env.readable + '/file', fs.constants.O_RDONLY | fs.constants.O_TRUNC)",
  "change the mode": "fs.chmodSync(env.writable + '/file', 0o600)",
  "change the times": "fs.utimesSync(env.writable + '/file', 1, 1)",
  "link out": "fs.symlinkSync(env.denied, env.writable + '/link')",
  "watch": "fs.watch(env.readable).close()",
  "connect": "await fetch('http://127.0.0.1:' + env.port)",
  "serve": "Bun.serve({ port: 0, fetch() {} })",
  "run": "run('/usr/bin/echo')",
  "run another": "run('/usr/bin/cat', '/dev/null')",
  "signal the host": "process.kill(process.ppid, 0)",
  "signal all": "process.kill(-1, 0)",
  "signal itself": "process.kill(process.pid, 0)",
};

/** What happens where nothing is granted. */
const refused: Readonly<Record<string, string>> = {
  "read readable": "EACCES",
  "list readable": "EACCES",
  "read denied": "EACCES",
  "read denied later": "EACCES",
  "read denied with Bun": "EACCES",
  "read denied by link": "EACCES",
  "read denied in a worker": "EACCES",
  "list the root": "EACCES",
  "read the environment of the host": "EACCES",
  "write writable": "EACCES",
  "write denied": "EACCES",
  "write readable": "EACCES",
  "remove denied": "EACCES",
  "move from denied": "EACCES",
  "cut off denied": "EACCES",
  "cut off readable": "EACCES",
  "change the mode": "EPERM",
  "change the times": "EPERM",
  "link out": "EACCES",
  "watch": "EPERM",
  "connect": "EACCES",
  "serve": "EACCES",
  "run": "EPERM",
  "run another": "EPERM",
  "signal the host": "EPERM",
  "signal all": "EPERM",
  "signal itself": "ok",
};

const writing = { "write writable": "ok" };
const reading = { "read readable": "ok", "list readable": "ok" };
const running = { "run": "ok", "run another": "EACCES", "signal all": "ok" };

async function verdicts(
  options: (paths: Folders) => ConfinedOptions,
): Promise<Record<string, string>> {
  using paths = createFolders();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const { readable, writable, denied } = paths;
  const port = String((server.address() as AddressInfo).port);
  try {
    const seen = await probe(tried, { environment: { readable, writable, denied, port }, ...options(paths) });
    assertEquals(readFileSync(join(denied, "file"), "utf8"), "denied");
    assertEquals(readFileSync(join(readable, "file"), "utf8"), "readable");
    return seen;
  } finally {
    server.close();
  }
}

const users = isRoot ? [false, true] : [false];

for (const asRoot of users) {
  describe(`A confined Bun, as ${asRoot ? "root" : "an ordinary user"},`, confinable, () => {
    it("that is granted nothing can do nothing", async () => {
      assertEquals(await verdicts(() => ({ asRoot })), refused);
    });

    it("that may read does no more", async () => {
      assertEquals(await verdicts(({ readable }) => ({ asRoot, granted: { read: [readable] } })), {
        ...refused,
        ...reading,
      });
    });

    it("that may write does no more", async () => {
      assertEquals(
        await verdicts(({ writable }) => ({ asRoot, granted: { write: [writable] } })),
        { ...refused, ...writing },
      );
    });

    it("that may read everything changes nothing, and sees no other process from inside", async () => {
      assertEquals(await verdicts(() => ({ asRoot, granted: { read: true } })), {
        ...refused,
        ...reading,
        "read denied": "ok",
        "read denied later": "ok",
        "read denied with Bun": "ok",
        "read denied by link": "ok",
        "read denied in a worker": "ok",
        "list the root": "ok",
      });
    });

    it("that may run a program runs no other", async () => {
      assertEquals(
        await verdicts(() => ({ asRoot, granted: { run: ["/usr/bin/echo"] } })),
        { ...refused, ...running },
      );
    });

    it("that may read, write and run does all three", async () => {
      assertEquals(
        await verdicts(({ readable, writable }) => ({
          asRoot,
          granted: { read: [readable], write: [writable], run: ["/usr/bin/echo"] },
        })),
        { ...refused, ...reading, ...writing, ...running },
      );
    });

    it("that may use the network, the system and native code has them through the host only", async () => {
      assertEquals(
        await verdicts(() => ({ asRoot, granted: { net: true, sys: true, ffi: true, env: true, import: true } })),
        refused,
      );
    });

    for (const landlockAbi of [1, 2, 3, 4, 5, 6]) {
      it(`can do no more on a kernel with ABI ${landlockAbi} of Landlock`, async () => {
        const seen = await verdicts(({ readable, writable }) => ({
          asRoot,
          landlockAbi,
          granted: { read: [readable], write: [writable], run: ["/usr/bin/echo"] },
        }));
        assertEquals(seen, {
          ...refused,
          ...reading,
          ...writing,
          ...running,
          ...(landlockAbi < 3 && { "cut off readable": "EPERM" }),
          ...(landlockAbi < 6 && { "signal all": "EPERM" }),
        });
      });
    }

    it("does what plugins do", async () => {
      using paths = createFolders();
      const { readable, writable } = paths;
      writeFileSync(join(readable, "module.ts"), "export default 42 as number;");
      const works = {
        "timers": "await new Promise((resolve) => setTimeout(resolve, 2))",
        "digest": "await crypto.subtle.digest('SHA-256', new Uint8Array(100000))",
        "scrypt": "await new Promise((resolve) => builtin('node:crypto').scrypt('a', 'b', 32, resolve))",
        "zlib": "await new Promise((resolve) => builtin('node:zlib').brotliCompress(Buffer.alloc(1e5), resolve))",
        "WebAssembly": "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))",
        "a virtual module": `(Bun.plugin({ name: "virtual", setup(build) {
          build.onResolve({ filter: /.*/, namespace: "own" }, ({ path }) => ({ path, namespace: "own" }));
          build.onLoad({ filter: /.*/, namespace: "own" }, () => ({ contents: "export default 1 as number", loader: "ts" }));
        } }), (await import("own:main.ts")).default === 1)`,
        "a module of a folder": "(await import(env.readable + '/module.ts')).default === 42",
        "a worker": `await new Promise((resolve) => {
          const worker = new Worker(URL.createObjectURL(new Blob(["postMessage(1)"], { type: "text/javascript" })));
          worker.onmessage = () => { worker.terminate(); resolve(); };
        })`,
        "much garbage": `(() => {
          for (let round = 0; round < 5; round++) {
            const kept = [];
            for (let index = 0; index < 1e5; index++) kept.push({ index, text: "x" + index, bytes: new Uint8Array(64) });
            Bun.gc(true);
          }
          return new Uint8Array(1e8).fill(1).length === 1e8;
        })()`,
        "a database": `(() => {
          const { Database } = builtin("bun:sqlite");
          const database = new Database(env.writable + "/data.db", { create: true });
          database.run("pragma journal_mode = wal");
          database.run("create table seen (id)");
          database.run("insert into seen values (1)");
          return database.query("select count(*) as count from seen").get().count === 1;
        })()`,
        "copying": "fs.copyFileSync(env.readable + '/file', env.writable + '/copy')",
        "moving": "fs.renameSync(env.writable + '/copy', env.writable + '/moved')",
        "folders": "fs.mkdirSync(env.writable + '/a/b/c', { recursive: true })",
        "removing": "fs.rmSync(env.writable + '/a', { recursive: true })",
        "cutting off": "fs.truncateSync(env.writable + '/moved', 1)",
        "streams": `await new Promise((resolve, reject) => fs.createReadStream(env.readable + "/file")
          .pipe(fs.createWriteStream(env.writable + "/streamed")).on("finish", resolve).on("error", reject))`,
        "Bun.write": "await Bun.write(env.writable + '/written', 'text')",
        "memory use": "process.memoryUsage().rss > 0",
        "processors": "os.cpus().length > 0",
        "a signal to itself": `await new Promise((resolve) => {
          process.on("SIGUSR2", resolve);
          process.kill(process.pid, "SIGUSR2");
        })`,
        "a program": "run('/usr/bin/echo', 'text') === 'text\\n'",
        "a program that is fed": `await (async () => {
          const child = Bun.spawn(["/usr/bin/cat"], { stdin: "pipe", stdout: "pipe" });
          child.stdin.write("through");
          child.stdin.end();
          return await child.stdout.text() === "through";
        })()`,
        "a program that is ended": `await (async () => {
          const child = Bun.spawn(["/usr/bin/sleep", "60"]);
          child.kill();
          await child.exited;
          return child.signalCode === "SIGTERM";
        })()`,
      };
      const seen = await probe(works, {
        asRoot,
        environment: { readable, writable },
        granted: {
          read: [readable, writable],
          write: [writable],
          run: ["/usr/bin/echo", "/usr/bin/cat", "/usr/bin/sleep"],
        },
      });
      assertEquals(seen, Object.fromEntries(Object.keys(works).map((name) => [name, "ok"])));
    });

    it("can do no more with native code, and passes the gate of execve once only", async () => {
      const index = process.arch === "x64" ? 0 : 1;
      const number = (name: string): number => syscallNumbers[name]![index]!;
      const raw = (name: string, ...words: (string | number)[]): string =>
        `call(${[number(name), ...words, 0, 0, 0, 0, 0, 0].slice(0, 7).join(", ")})`;
      const calls = {
        execve: raw("execve", "text('/usr/bin/true')"),
        execveat: raw("execveat", -100, "text('/usr/bin/true')"),
        socket: raw("socket", 1, 1),
        openat: raw("openat", -100, "text('/etc/hostname')"),
        openat2: raw("openat2", -100, "text('/etc/hostname')"),
        memfd_create: raw("memfd_create", "text('name')"),
        ptrace: raw("ptrace", 0x4206, "process.ppid"),
        process_vm_readv: raw("process_vm_readv", "process.ppid"),
        kill: raw("kill", "process.ppid"),
        tkill: raw("tkill", "process.ppid"),
        clone3: raw("clone3"),
        unshare: raw("unshare", 0x10000000),
        mount: raw("mount"),
        io_uring_setup: raw("io_uring_setup"),
        bpf: raw("bpf"),
        prlimit64: raw("prlimit64", "process.ppid", 7),
        prctl: raw("prctl", 1, 0),
      };
      const { stdout } = await runConfined(
        `const { dlopen, ptr, read } = process.getBuiltinModule("bun:ffi");
        const { symbols } = dlopen("libc.so.6", {
          syscall: { args: Array(7).fill("i64"), returns: "i64" },
          __errno_location: { args: [], returns: "ptr" },
        });
        const kept = [];
        const text = (value) => { const bytes = Buffer.from(value + "\\0"); kept.push(bytes); return ptr(bytes); };
        const call = (...words) => Number(symbols.syscall(...words)) < 0 ? read.i32(symbols.__errno_location(), 0) : "allowed";
        console.log(JSON.stringify({ ${
          Object.entries(calls).map(([name, text]) => `${name}: ${text}`).join(", ")
        } }));`,
        { asRoot },
      );
      const EPERM = 1, EACCES = 13, EINVAL = 22, ENOSYS = 38;
      assertEquals(JSON.parse(stdout), {
        ...Object.fromEntries(Object.keys(calls).map((name) => [name, EPERM])),
        socket: EACCES,
        openat: EACCES,
        openat2: ENOSYS,
        clone3: ENOSYS,
        prctl: EINVAL,
      });
    });

    it("has the environment that it was given, the root as its folder, and no file but the channel", async () => {
      const { stdout, stderr } = await runConfined(
        `const fs = process.getBuiltinModule("node:fs");
        // Bun keeps a copy of its standard input at 1023 or thereabouts, and its event loop.
        const open = (file) => { try { return fs.fstatSync(file).isSocket() || fs.fstatSync(file).isFile(); } catch { return false; } };
        const files = [...Array(1024).keys()].filter((file) => file > 2 && open(file));
        console.log(JSON.stringify([process.env, process.cwd(), files, process.argv.length]));`,
        { asRoot, environment: { LANGUAGE: "en", BUN_OPTIONS: "" } },
      );
      assertEquals(stderr, "");
      assertEquals(JSON.parse(stdout), [{ LANGUAGE: "en", BUN_OPTIONS: "" }, "/", [3], 2]);
    });

    it("has no capability but those that open what is granted", async () => {
      if (!asRoot) return;
      const { stdout } = await runConfined(
        `console.log(process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf8"))`,
        { asRoot, granted: { read: true } },
      );
      for (const set of ["CapPrm", "CapEff"]) assertStringIncludes(stdout, `${set}:\t000000000000000e`);
      assertStringIncludes(stdout, "NoNewPrivs:\t1");
    });

    it("runs out of memory and processor time by itself, and is compiled nevertheless", async () => {
      const memory = 256 * 1024 * 1024;
      const { stdout } = await runConfined(
        `process.getBuiltinModule("bun:ffi").dlopen("libc.so.6", { getpid: { args: [], returns: "i32" } });
        let megabytes = 0;
        const kept = [];
        try { for (;;) { kept.push(new Uint8Array(1e6).fill(1)); megabytes++; } } catch {}
        kept.length = 0;
        console.log(megabytes);`,
        { asRoot, limits: { memory } },
      );
      assert(Number(stdout) > 128 && Number(stdout) < 400, stdout);
      const { signal } = await runConfined("for (;;);", { asRoot, limits: { processorTime: 1 } });
      assert(signal === "SIGXCPU" || signal === "SIGKILL", String(signal));
    });
  });
}

describe("detectLinux()", confinable, () => {
  it("finds the files of Bun", () => {
    assert(typeof machine !== "string");
    assertEquals(machine.architecture, process.arch);
    assert(machine.files.libraries.some((path) => path.includes("/libc.so")));
  });
});
