import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import { quote } from "../errors.ts";
import { addressFrom } from "../host/mod.ts";
import { computeIntegrity } from "../integrity/mod.ts";
import { parseManifest } from "../manifest/mod.ts";
import type { ModuleRecord } from "../manifest/mod.ts";
import { readPermissions } from "../permissions/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import { usage } from "./arguments.ts";
import { collectModules } from "./collect_modules.ts";
import { hashRemote } from "./hash_remote.ts";
import { openDraft, replaceManifest, withModules } from "./manifest_file.ts";
import { formatPin, formatTable } from "./text.ts";
import type { Command, Terminal } from "./types.ts";

type Modules = ReadonlyMap<string, ModuleRecord>;

/** Brings the hashes in a plugin's manifest up to date, and prints the one hash that pins it all. */
export const hash: Command = {
  options: new Map([["check", "flag"]]),
  async run({ operands, flags }, terminal) {
    const [target, ...more] = operands;
    if (target === undefined || more.length > 0) throw usage('"plugmap hash" takes one folder or URL');
    const check = flags.has("check");
    if (!/^(?:https?|jsr):/i.test(target)) return await hashFolder(target, check, terminal);
    if (check) throw usage('Option "--check" is for folders');
    return await hashRemote(target, terminal);
  },
};

async function hashFolder(target: string, check: boolean, terminal: Terminal): Promise<number> {
  const runtime = await detectRuntime();
  const draft = openDraft(target, runtime);
  const before = new Map(Object.entries(Object(draft.members["modules"]) as Record<string, ModuleRecord>));
  const remote = [...before].filter(([key]) => !key.startsWith("./"));
  const after = new Map([...collectModules(draft.manifest, draft.url, runtime), ...remote]);
  // Where nothing else changes, neither does the layout of the file: its own hash would change with it.
  const isCurrent = draft.bytes !== undefined && isDeepStrictEqual(before, after);
  const bytes = isCurrent ? draft.bytes : withModules(draft, after);
  const { name } = parseManifest(bytes, { readPermissions });
  if (!isCurrent && !check) replaceManifest(draft.path, bytes, runtime);
  const outcome = isCurrent
    ? `${quote(draft.path)} is up to date`
    : `${check ? "Would write" : "Wrote"} ${quote(draft.path)}`;
  terminal.out(`${tableOf(before, after)}\n\n${outcome}.\n`);
  const here = toFileUrl(join(process.cwd(), "plugins.json")).href;
  terminal.out("An import map in the working directory lists and pins the plugin with:");
  terminal.out(formatPin(name, addressFrom(draft.url, here), computeIntegrity(bytes)));
  return check && !isCurrent ? 1 : 0;
}

function tableOf(before: Modules, after: Modules): string {
  const rows = [...after].map(([key, { integrity, size }]) => {
    const old = before.get(key);
    const state = old === undefined ? "new" : old?.integrity === integrity ? "same" : "changed";
    return [key, state, String(size), `${integrity.slice(0, 24)}…`];
  });
  const gone = [...before.keys()].filter((key) => !after.has(key)).map((key) => [key, "gone"]);
  return formatTable(["module", "", "bytes", "integrity"], [...rows, ...gone]);
}
