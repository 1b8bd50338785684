import { builtin, event, got, onDeno, present } from "./tools.js";

const { Deno, Bun } = globalThis;
const children = builtin("node:child_process");

/** What a program prints, started with the runtime's API. */
function printed(command, args, env = {}) {
  const { stdout } = onDeno
    ? new Deno.Command(command, { args, env, clearEnv: true, cwd: "/" }).outputSync()
    : Bun.spawnSync([command, ...args], { env, cwd: "/" });
  return new TextDecoder().decode(stdout);
}

/** The same, with node's. */
function printedByNode(command, args) {
  const { error, stdout } = children.spawnSync(command, args, { encoding: "utf8", env: {}, cwd: "/" });
  if (error) throw error;
  return stdout;
}

/** Reads a file in a thread of its own. */
async function readInWorker(path) {
  const { Worker } = builtin("node:worker_threads");
  const text = `const { parentPort } = require("node:worker_threads");
    let answer;
    try { answer = process.getBuiltinModule("node:fs").readFileSync(${JSON.stringify(path)}, "utf8"); }
    catch (error) { answer = { message: error.message, code: error.code }; }
    parentPort.postMessage(answer);`;
  const worker = new Worker(text, { eval: true });
  const answer = await event(worker, "message");
  await worker.terminate();
  if (typeof answer !== "string") throw answer;
  return answer;
}

export const processes = {
  "run the granted program": ({ program }) => got(printed(program, ["text"]), "text"),
  "run the granted program with node:child_process": ({ program }) => got(printedByNode(program, ["text"]), "text"),
  "run another program": ({ otherProgram }) => got(printed(otherProgram, ["--version"]), "coreutils"),
  "run another program with node:child_process": ({ otherProgram }) =>
    got(printedByNode(otherProgram, ["--version"]), "coreutils"),
  "run another program by a shell": () => got(children.execSync("echo $((40 + 2))", { env: {}, cwd: "/" }), "42"),
  "run another program by the runtime's shell": async ({ otherProgram }) =>
    got(await present(Bun?.$)`${otherProgram} --version`.quiet().text(), "coreutils"),
  "run another program by the dynamic linker": ({ linker, otherProgram }) =>
    got(printed(linker, [otherProgram, "--version"]), "coreutils"),
  "run the runtime": () => got(printed(process.execPath, ["--version"]), "."),
  "let the runtime read a denied file": ({ denied }) => {
    const text = `console.log(process.getBuiltinModule("node:fs").readFileSync("${denied}/file", "utf8"))`;
    got(printed(process.execPath, onDeno ? ["eval", text] : ["-e", text]), "denied");
  },
  "fork": async ({ denied }) => {
    const child = children.fork(`${denied}/module.js`, { env: {}, stdio: "ignore" });
    await event(child, "exit");
    got(child.exitCode, "0");
  },
  "fork a cluster": async () => {
    const worker = builtin("node:cluster").fork();
    worker.on("exit", () => worker.emit("error", new Error("exit")));
    await event(worker, "online");
    worker.kill();
  },
  "become another program": ({ otherProgram }) => {
    present(process.execve);
    // Where it works, nothing is left that could say so.
    process.execve(`${otherProgram}-absent`, [], {});
  },
  "let the granted program read a denied file": ({ reader, denied }) =>
    got(printed(reader, [`${denied}/file`]), "denied"),
  "run the granted program with a library of its own": ({ program, library }) =>
    got(printed(program, ["text"], { LD_PRELOAD: library }), "text"),
  "open a terminal": () => new (present(Bun?.Terminal))({}).close(),
  "start a worker": () => new (present(globalThis.Worker))("data:text/javascript,").terminate(),
  "read a denied file in a thread": async ({ denied }) => got(await readInWorker(`${denied}/file`), "denied"),
  "read a denied file by the entry of a thread": async ({ denied }) => {
    const text = `import secret from "file://${denied}/file" with { type: "text" };
      import { parentPort } from "node:worker_threads";
      parentPort.postMessage(secret);`;
    const worker = new (builtin("node:worker_threads").Worker)(
      new URL(`data:text/javascript,${encodeURIComponent(text)}`),
    );
    got(await event(worker, "message"), "denied");
  },
};
