/**
 * What attacks are aimed at: folders, servers, and a host that runs the attack plugin once under each set of grants.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bun, deno } from "../../support/binaries.ts";
import { onDeno } from "../../support/child.ts";
import { createTemporaryFolder } from "../../support/temporary_folder.ts";
import { notTested } from "../../support/not_tested.ts";
import { startTarget } from "./target_server.ts";
import type { TargetServer } from "./target_server.ts";
import { syscallNumbers } from "../../isolate/linux/syscall_numbers.ts";
import { grantNames, grantsOf } from "./grants.ts";
import type { GrantName } from "./grants.ts";

/** Who the host runs as. */
export type User = "an ordinary user" | "root";

/** How an attack went, by group and name: "allowed", or why it failed. */
export type Verdicts = Readonly<Record<string, string>>;

/** What came of the attacks of one host. */
export interface Outcome {
  readonly verdicts: ReadonlyMap<GrantName | "unconfined", Verdicts>;
  /** What is there that was not, or is not what it was, in the folders that nobody was granted. */
  readonly damage: readonly string[];
  /** What reached servers that were not granted. */
  readonly reached: readonly string[];
}

/** Why attacks cannot be run here; they really do what they say where nothing stops them. */
export const unsafe: string | false = findMissing();

function findMissing(): string | false {
  if (process.platform !== "linux") return notTested("attacks need Linux");
  if (process.getuid?.() !== 0) {
    return notTested("attacks need root, to have mounts of their own and to become an ordinary user");
  }
  const missing = ["/usr/bin/unshare", "/usr/bin/setpriv", "/bin/bash"].find((path) => !existsSync(path));
  return missing !== undefined && notTested(`there is no ${missing}`);
}

const secret = "hunter2";

/** Everything that attacks are aimed at under one set of grants. */
export interface Target {
  readonly readable: string;
  readonly writable: string;
  readonly denied: string;
  readonly port: number;
  readonly otherPort: number;
  readonly datagramPort: number;
  readonly socketPath: string;
  readonly abstractName: string;
  readonly program: string;
  readonly reader: string;
  readonly otherProgram: string;
  readonly linker: string;
  readonly library: string;
  readonly secretFile: number;
  readonly secretSocket: number;
  readonly numbers: Readonly<Record<string, number>>;
}

/** What the host program is told. */
export interface HostJob {
  readonly tier: "isolated" | "trusted";
  readonly targets: Readonly<Record<string, Target>>;
  /** Attacks that cannot be undone, or would end the host itself, where nothing stops them. */
  readonly skip: readonly string[];
}

const secretFile = 9;
const secretSocket = 8;

/**
 * Lets the attack plugin loose under every set of grants, or once without any confinement.
 *
 * @param skip Attacks to leave out.
 */
export async function attack(user: User, tier: "isolated" | "trusted", skip: readonly string[]): Promise<Outcome> {
  await using scene = await createScene();
  const names: readonly GrantName[] = tier === "isolated" ? grantNames : [unconfinedName];
  const targets: Record<string, Target> = {};
  for (const name of names) targets[name] = await scene.target(name);
  const before = new Map(names.map((name) => [name, listing(targets[name]!)]));
  const job: HostJob = { tier, targets, skip };
  const seen = await runHost(user, job, scene.folder, scene.port);
  const damage = names.flatMap((name) =>
    differences(before.get(name)!, listing(targets[name]!)).map((text) => `${name}: ${text}`)
  );
  return {
    verdicts: new Map(seen.map(([name, verdicts]) => [tier === "trusted" ? "unconfined" : name, verdicts])),
    damage,
    reached: scene.reached(),
  };
}

const unconfinedName = "most";

interface Scene {
  readonly folder: string;
  readonly port: number;
  target(name: GrantName): Promise<Target>;
  reached(): string[];
  [Symbol.asyncDispose](): Promise<void>;
}

async function createScene(): Promise<Scene> {
  const temporary = createTemporaryFolder();
  const folder = temporary.path;
  chmodSync(folder, 0o777);
  writeFileSync(join(folder, "secret"), secret);
  const servers = new Map<GrantName, TargetServer>();
  const other = await startTarget("other");
  const first = await startTarget("inherited");
  const datagrams: string[] = [];
  const datagramSocket = createSocket("udp4").on("message", (message) => datagrams.push(`datagram ${message.length}`));
  await new Promise<void>((resolve) => datagramSocket.bind(0, "127.0.0.1", resolve));
  const socketPath = join(folder, "socket");
  const abstractName = `plugmap-attack-${randomUUID()}`;
  const local = await Promise.all([socketPath, `\0${abstractName}`].map((path) => startTarget("local", path)));
  chmodSync(socketPath, 0o777);
  return {
    folder,
    port: first.port,
    target: async (name) => {
      const server = await startTarget("granted", 0, other.port);
      servers.set(name, server);
      return {
        ...folders(join(folder, name)),
        port: server.port,
        otherPort: other.port,
        datagramPort: datagramSocket.address().port,
        socketPath,
        abstractName,
        program: realpathSync("/usr/bin/echo"),
        reader: realpathSync("/usr/bin/head"),
        otherProgram: realpathSync("/usr/bin/cat"),
        linker: mapped(/\/ld-[^/]*$/),
        library: mapped(/\/libc\.so\.\d+$/),
        secretFile,
        secretSocket,
        numbers: numbers(),
      };
    },
    reached: () => [
      ...[...servers].flatMap(([name, { heard }]) => isGranted(name) ? [] : heard.map((what) => `${name}: ${what}`)),
      ...first.heard.map((what) => `the inherited socket: ${what}`),
      ...other.heard.map((what) => `another server: ${what}`),
      ...local.flatMap(({ heard }) => heard.map((what) => `a Unix socket: ${what}`)),
      ...datagrams,
    ],
    [Symbol.asyncDispose]: async () => {
      datagramSocket.close();
      await Promise.all([...servers.values(), other, first, ...local].map((server) => server.close()));
      temporary.remove();
    },
  };
}

function isGranted(name: GrantName): boolean {
  const { net = [] } = grantsOf(name, undefined) as { net?: unknown[] };
  return net.length > 0;
}

/** Folders whose files every user may read and write: what keeps a plugin out is its confinement. */
function folders(root: string): Pick<Target, "readable" | "writable" | "denied"> {
  mkdirSync(root);
  chmodSync(root, 0o777);
  const make = (name: string, files: Readonly<Record<string, string>>): string => {
    const folder = join(root, name);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(folder, file), content);
      chmodSync(join(folder, file), 0o666);
    }
    return folder;
  };
  const denied = make("denied", {
    "file": "denied",
    ".env": "STOLEN=denied",
    "module.js": `export default "denied";`,
    "data.json": `{ "secret": "denied" }`,
    "package.json": "{}",
    "required.cjs": `module.exports = "denied";`,
    "spare": "spare",
    "replacing": "replacing",
    "other": "other",
    "moved": "moved",
  });
  symlinkSync("file", join(denied, "link"));
  return {
    denied,
    readable: make("readable", { file: "readable", cut: "to be cut off", moved: "moved" }),
    writable: make("writable", { "file": "writable", "cut": "to be cut off", "out-moved": "moved" }),
  };
}

/** What a set of grants must leave as it is. */
function listing({ denied, readable }: Target): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of [denied, readable]) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const content = entry.isFile()
        ? readFileSync(path, "utf8")
        : entry.isSymbolicLink()
        ? readlinkSync(path)
        : "a folder";
      found.set(path, content);
    }
  }
  return found;
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  // The test plants this one itself.
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => !path.endsWith("/planted"));
  return paths.filter((path) => before.get(path) !== after.get(path)).map((path) =>
    `${path.split("/").slice(-2).join("/")} is ${after.has(path) ? before.has(path) ? "changed" : "new" : "gone"}`
  );
}

/** The path of a file that is mapped into this process. */
function mapped(name: RegExp): string {
  const paths = readFileSync("/proc/self/maps", "utf8").split("\n").map((line) => line.slice(line.indexOf("/")));
  return paths.find((path) => name.test(path)) ?? "/absent";
}

function numbers(): Record<string, number> {
  const index = process.arch === "x64" ? 0 : 1;
  const all = { ...syscallNumbers, renameat2: [316, 276] as const };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, both]) => both[index] === undefined ? [] : [[name, both[index]]]),
  );
}

/** Runs the host program, in a mount namespace of its own. */
function runHost(user: User, job: HostJob, folder: string, port: number): Promise<[GrantName, Verdicts][]> {
  const program = fileURLToPath(new URL("host.ts", import.meta.url));
  const jobPath = join(folder, "job.json");
  writeFileSync(jobPath, JSON.stringify(job));
  const runtime = onDeno
    ? [deno, "run", "-A", "--no-prompt", "--no-check", "--no-lock", "--quiet", program, secret, jobPath]
    : [bun, "--no-install", program, secret, jobPath];
  const identity = user === "root" ? [] : ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  // What is set here is what the host is left with, and must not pass on.
  const inherit = `exec ${secretFile}<"$0" ${secretSocket}<>/dev/tcp/127.0.0.1/${port}; exec "$@"`;
  const command = ["-c", inherit, join(folder, "secret"), "/usr/bin/unshare", ...namespaces, ...identity, ...runtime];
  const env = {
    ...process.env,
    PLUGMAP_GRANTED: "granted",
    PLUGMAP_SECRET: secret,
    DENO_DIR: join(folder, "deno"),
    TMPDIR: folder,
    HOME: folder,
    NO_COLOR: "1",
  };
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/bash", command, {
      env,
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 50_000,
      killSignal: "SIGKILL",
    });
    const printed = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => printed.stdout += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => printed.stderr += text);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const line = printed.stdout.split("\n").find((line) => line.startsWith("VERDICTS "));
      if (line !== undefined) resolve(JSON.parse(line.slice("VERDICTS ".length)));
      else reject(new Error(`The host ended with ${code ?? signal}\n${printed.stdout}\n${printed.stderr}`));
    });
  });
}

/** Of its own: mounts, what is left of System V, and the name of the machine. */
const namespaces = ["--mount", "--ipc", "--uts", "--propagation", "private"];
