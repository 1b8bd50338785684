import { builtin, got, onDeno, present } from "./tools.js";

const fs = builtin("node:fs");
const { Deno, Bun } = globalThis;
const readOwn = (path) => onDeno ? Deno.readTextFile(path) : Bun.file(path).text();
const writeOwn = (path, text) => onDeno ? Deno.writeTextFile(path, text) : Bun.write(path, text);

const watch = (path) => onDeno ? Deno.watchFs(path).close() : fs.watch(path).close();

/** A database, with the runtime's own SQLite. */
function database(path, options) {
  return onDeno ? new (builtin("node:sqlite").DatabaseSync)(path, options) : new (builtin("bun:sqlite").Database)(path);
}

export const files = {
  "read the readable folder": ({ readable }) => got(fs.readFileSync(`${readable}/file`), "readable"),
  "read the readable folder with the runtime's API": async ({ readable }) =>
    got(await readOwn(`${readable}/file`), "readable"),
  "list the readable folder": ({ readable }) => got(fs.readdirSync(readable), "file"),
  "watch the readable folder": ({ readable }) => watch(readable),
  "read a denied file": ({ denied }) => got(fs.readFileSync(`${denied}/file`), "denied"),
  "read a denied file later": async ({ denied }) => got(await fs.promises.readFile(`${denied}/file`), "denied"),
  "read a denied file with the runtime's API": async ({ denied }) => got(await readOwn(`${denied}/file`), "denied"),
  "read a denied file as a stream": async ({ denied }) => {
    for await (const bytes of fs.createReadStream(`${denied}/file`)) got(bytes, "denied");
  },
  "read a denied file as a blob": async ({ denied }) =>
    got(await (await fs.openAsBlob(`${denied}/file`)).text(), "denied"),
  "read a denied file by fetch": async ({ denied }) =>
    got(await (await fetch(`file://${denied}/file`)).text(), "denied"),
  "read a denied file by the readable folder and dots": ({ readable }) =>
    got(fs.readFileSync(`${readable}/../denied/file`), "denied"),
  "read a denied file by the root of the process": ({ denied }) =>
    got(fs.readFileSync(`/proc/self/root${denied}/file`), "denied"),
  "read the readable folder by the root of the process": ({ readable }) =>
    got(fs.readFileSync(`/proc/self/root${readable}/file`), "readable"),
  "read a denied file by the working folder": ({ denied }) => {
    process.chdir(denied);
    try {
      got(fs.readFileSync("file"), "denied");
    } finally {
      process.chdir("/");
    }
  },
  "read a denied file into an environment": ({ denied }) => process.loadEnvFile(`${denied}/.env`),
  "map a denied file into memory": ({ denied }) => present(Bun?.mmap)(`${denied}/file`),
  "bundle a denied file": async ({ denied }) => {
    const build = present(onDeno ? Deno.bundle : Bun.build);
    await build({ entrypoints: [`${denied}/module.js`] });
  },
  "list a denied folder": ({ denied }) => fs.readdirSync(denied),
  "list the root": () => fs.readdirSync("/"),
  "find names in a denied folder": ({ denied }) => {
    const found = onDeno ? fs.readdirSync(denied, { recursive: true }) : [...new Bun.Glob("*").scanSync(denied)];
    got(found, "file");
  },
  "watch a denied folder": ({ denied }) => watch(denied),
  "write the writable folder": ({ writable }) => fs.writeFileSync(`${writable}/new`, "new"),
  "write the writable folder with the runtime's API": ({ writable }) => writeOwn(`${writable}/own`, "new"),
  "read the writable folder": ({ writable }) => got(fs.readFileSync(`${writable}/file`), "writable"),
  "make a folder in the writable folder": ({ writable }) => fs.mkdirSync(`${writable}/folder`),
  "cut off a file of the writable folder": ({ writable }) => fs.truncateSync(`${writable}/cut`, 1),
  "make a set-user-ID file in the writable folder": ({ writable }) => {
    fs.writeFileSync(`${writable}/privileged`, "", { mode: 0o4755 });
    got(fs.statSync(`${writable}/privileged`).mode & 0o4000, 0o4000);
  },
  "write a denied file": ({ denied }) => fs.writeFileSync(`${denied}/written`, ""),
  "write a denied file with the runtime's API": ({ denied }) => writeOwn(`${denied}/own`, ""),
  "append to a denied file": ({ denied }) => fs.appendFileSync(`${denied}/file`, "more"),
  "write a denied file by the root of the process": ({ denied }) =>
    fs.writeFileSync(`/proc/self/root${denied}/rooted`, ""),
  "write a readable file": ({ readable }) => fs.appendFileSync(`${readable}/file`, "more"),
  "cut off a readable file by opening it": ({ readable }) =>
    fs.openSync(`${readable}/cut`, fs.constants.O_RDONLY | fs.constants.O_TRUNC),
  "change the mode of a readable file": ({ readable }) => fs.chmodSync(`${readable}/file`, 0o666),
  "change the times of a readable file": ({ readable }) => fs.utimesSync(`${readable}/file`, 1, 1),
  "change the owner of a writable file": ({ writable }) =>
    fs.chownSync(`${writable}/own`, process.getuid?.() ?? 0, process.getgid?.() ?? 0),
  "remove a denied file": ({ denied }) => fs.unlinkSync(`${denied}/spare`),
  "make a folder in a denied folder": ({ denied }) => fs.mkdirSync(`${denied}/folder`),
  "make a temporary folder": ({ denied }) => fs.mkdtempSync(`${denied}/temporary-`),
  "copy a denied file to the writable folder": ({ denied, writable }) =>
    fs.copyFileSync(`${denied}/file`, `${writable}/copied`),
  "copy a readable file to the writable folder": ({ readable, writable }) =>
    fs.copyFileSync(`${readable}/file`, `${writable}/taken`),
  "copy a readable file to a denied folder": ({ readable, denied }) =>
    fs.cpSync(`${readable}/file`, `${denied}/copied`),
  "open a denied database": ({ denied }) => database(`${denied}/data.db`).exec("create table stolen (value)"),
  "attach a denied database": ({ denied }) =>
    database(":memory:").exec(`attach database '${denied}/attached.db' as stolen; create table stolen.found (value)`),
  "write a database to a denied file": ({ denied }) => database(":memory:").exec(`vacuum into '${denied}/vacuumed.db'`),
  "load native code into a database": ({ library }) => {
    try {
      database(":memory:", { allowExtension: true }).loadExtension(library);
    } catch (error) {
      // The library was loaded: it only lacks what SQLite looks for in it.
      if (!/entry point|undefined symbol|sqlite3_/.test(error.message)) throw error;
    }
  },
  // Deno refuses only after it has made it, which takes seconds.
  "write a heap snapshot": ({ denied }) =>
    present(onDeno ? undefined : builtin("node:v8").writeHeapSnapshot)(`${denied}/heap`),
  "keep compiled code": ({ denied }) => {
    const { status } = present(builtin("node:module").enableCompileCache)(`${denied}/compiled`);
    got(status, 1);
  },
};
