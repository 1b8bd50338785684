import { assert, assertEquals, assertThrows } from "@std/assert";
import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { describe, test } from "node:test";
import {
  builtinRequirement,
  createHooks,
  createHost,
  defineHooks,
  errorCodes,
  hook,
  type IsolationStatus,
  type Monitor,
  permissionNames,
  type PluginState,
  PlugmapError,
} from "../../mod.ts";
import { runCommand } from "../../src/cli/mod.ts";
import { lockEntryMembers, lockMembers } from "../../src/host/lock/parse.ts";
import { revocationListMembers, revocationMembers } from "../../src/host/revocations/parse.ts";
import { rotationMembers, signatureMembers } from "../../src/host/signatures/parse.ts";
import { createRecord, reportOf } from "../../src/host/mod.ts";
import { defaultIsolationLimits } from "../../src/isolate/limits.ts";
import { defaultLimits, kindOf } from "../../src/loader/mod.ts";
import { engineNames } from "../../src/manifest/engines.ts";
import { defaultManifestLimits } from "../../src/manifest/mod.ts";
import { implMembers } from "../../src/manifest/impls.ts";
import { moduleMembers } from "../../src/manifest/modules.ts";
import { dependencyMembers, manifestMembers } from "../../src/manifest/parse.ts";
import { systemKinds } from "../../src/permissions/descriptors.ts";
import { grantMembers, policyMembers } from "../../src/permissions/policy.ts";
import { codeIn, namesIn, readDocument, readTables, type Table } from "./tables.ts";

const reference = readTables("reference.md");

function table(heading: string, place: number = 0): Table {
  const found = reference.get(heading)?.[place];
  assert(found !== undefined, `There is no table ${place} below "${heading}"`);
  return found;
}

function assertNames(documented: readonly string[], known: Iterable<string>): void {
  assertEquals([...documented].sort(), [...known].sort());
}

/** The names that an error lists after it was given one that is none. */
function namesToldBy(attempt: () => unknown, pattern: RegExp): string[] {
  const { message } = assertThrows(attempt, PlugmapError);
  return pattern.exec(message)![1]!.split(", ");
}

describe("reference.md", () => {
  test("lists the members of plugin.json", () => {
    assertNames(namesIn(table("plugin.json")), manifestMembers);
    assertNames(namesIn(table("Module")), moduleMembers);
    assertNames(namesIn(table("Dependencies")), dependencyMembers);
    assertNames(namesIn(table("Declared implementations")), implMembers);
    assertNames(namesIn(table("Engines")), engineNames);
  });

  test("tells the caps of a manifest", () => {
    const { manifestBytes, modules, moduleBytes, totalBytes } = defaultManifestLimits;
    const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;
    assert(
      readDocument("reference.md").includes(
        `Caps: ${mebibytes(manifestBytes)} for the manifest, ${modules.toLocaleString("en")} modules, ` +
          `${mebibytes(moduleBytes)} for a module, ${mebibytes(totalBytes)} for all of them.`,
      ),
    );
  });

  test("lists the members of plugins.policy.json", () => {
    assertNames(namesIn(table("plugins.policy.json")), policyMembers);
    assertNames(namesIn(table("Grant")), grantMembers);
  });

  test("lists the members of plugins.lock.json, signatures and revocations", () => {
    assertNames(namesIn(table("plugins.lock.json")), lockMembers);
    assertNames(namesIn(table("Lock entry")), lockEntryMembers);
    assertNames(namesIn(table("Signatures")), signatureMembers);
    assertNames(namesIn(table("Rotation")), rotationMembers);
    assertNames(namesIn(table("Revocations")), revocationListMembers);
    assertNames(namesIn(table("Revocation")), revocationMembers);
  });

  test("lists what the options lock and revocations have", () => {
    const toldBy = (options: object): string[] =>
      namesToldBy(() => createHost({ hooks: {}, ...options }), /Known are ([^.]*)/).map((name) => name.slice(1, -1));
    assertNames(namesIn(table("Lock")), toldBy({ lock: { unknown: true } }));
    assertNames(namesIn(table("Revocation options")), toldBy({ revocations: { unknown: true } }));
  });

  test("lists the kinds of permission", () => {
    assertNames(namesIn(table("Permissions")), permissionNames);
    const [, kinds = ""] = /The kinds of `sys`: ([^.]*)/.exec(readDocument("reference.md")) ?? [];
    assertNames(codeIn(kinds), systemKinds);
  });

  test("tells what files are imported as", () => {
    for (const [extensions = "", meaning = ""] of table("Modules")) {
      const files = codeIn(extensions).map((extension) => `file:///plugin/file${extension}`);
      for (const url of files.length > 0 ? files : ["file:///plugin/file.html"]) {
        if (meaning.startsWith("refused")) assertThrows(() => kindOf(url), PlugmapError, "module-unsupported");
        else assertEquals(kindOf(url), kindCalled(meaning), url);
      }
    }
  });

  test("tells what each builtin needs", () => {
    const documented = new Set<string>();
    for (const [needs = "", names = ""] of table("Builtins")) {
      if (names.startsWith("any other")) continue;
      for (const name of codeIn(names)) {
        documented.add(name);
        assertEquals(needsOf(name.startsWith("bun") ? name : `node:${name}`), needs.split(":")[0], name);
      }
    }
    // Whatever else the runtime has is refused because it is unknown or internal, as the last row says.
    for (const name of builtinModules.map((name) => name.replace(/^node:/, ""))) {
      if (documented.has(name)) continue;
      const requirement = builtinRequirement(name.includes(":") ? name : `node:${name}`);
      assert(requirement?.kind === "never" && /does not know it|is internal/.test(requirement.why), name);
    }
  });

  test("lists the options of hooks, implementations, dispatchers and registrations", () => {
    const listed = /the options are ([^.]*)/;
    const optionsOfSpec = namesToldBy(() => hook({ unknown: true } as object), listed);
    assertNames(namesIn(table("Hooks")), optionsOfSpec);
    assertNames(namesIn(table("Schemas")), namesToldBy(() => hook({ schema: { unknown: true } } as object), listed));
    const dispatcher = createHooks(defineHooks({ any: hook<object, string>() }));
    const register = (impl: object, options: object): unknown =>
      dispatcher.register("p", { any: { run: () => "", ...impl } as object } as object, options);
    assertNames(namesIn(table("Implementations")), namesToldBy(() => register({ unknown: true }, {}), listed));
    assertNames(namesIn(table("Registration")), namesToldBy(() => register({}, { unknown: true }), listed));
    assertNames(namesIn(table("Dispatcher")), namesToldBy(() => createHooks({}, { unknown: true } as object), listed));
  });

  test("tells the defaults of a hook's options", () => {
    const spec: Readonly<Record<string, unknown>> = { ...hook<object, string>() };
    for (const [name = "", , documented = ""] of table("Hooks")) {
      const [value] = codeIn(documented);
      // What has no value by default is left out of the table, or told in a word.
      const isUnset = ["", "any", "none", "all", "`false`"].includes(documented);
      const actual = spec[codeIn(name)[0]!];
      if (actual === undefined || actual === Number.POSITIVE_INFINITY) assert(isUnset, name);
      else assertEquals(value, String(actual), name);
    }
  });

  test("lists modes, orders and error policies", () => {
    const choicesOf = (option: string): string[] =>
      namesToldBy(() => hook({ [option]: "unknown" } as object), / is not ([^.]*)/)[0]!.split(" or ");
    const documented = new Map(table("Hooks").map(([name = "", values = ""]) => [codeIn(name)[0], codeIn(values)]));
    for (const option of ["mode", "order", "errors"]) assertEquals(documented.get(option), choicesOf(option));
  });

  test("lists what a dispatcher, a call, a registration and a monitor have", () => {
    const dispatcher = createHooks(defineHooks({ any: hook<object, string>() }));
    assertNames(namesIn(table("Dispatcher", 1)), Object.keys(dispatcher));
    assertNames(namesIn(table("Calls")), Object.keys(dispatcher.call.any));
    const registration = dispatcher.register("p", { any: { run: () => "" } });
    assertNames(namesIn(table("Registration", 1)), Object.keys(registration));
    const monitor: Readonly<Record<keyof Monitor, true>> = {
      before: true,
      after: true,
      around: true,
      aroundImpl: true,
    };
    assertNames(namesIn(table("Monitor")), Object.keys(monitor));
    const [report] = dispatcher.inspect();
    assertNames(namesIn(table("Hook report")), Object.keys(report!));
    assertNames(namesIn(table("Hook report", 1)), Object.keys(report!.impls[0]!));
  });

  test("lists options and methods of a host", async () => {
    const options = namesToldBy(() => createHost({ unknownOption: 1 } as never), /Known are ([^.]*)/);
    assertNames(namesIn(table("Host")), options);
    await using host = createHost({ hooks: {}, store: false });
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(host)).filter((name) => name !== "constructor");
    assertNames(namesIn(table("Host", 1)), methods);
  });

  test("lists the limits and their defaults", () => {
    const documented = table("Limits").map(([name = "", value]) => [codeIn(name)[0], Number(value)]);
    assertEquals(Object.fromEntries(documented), { ...defaultLimits });
  });

  test("lists the options and limits of isolated plugins", () => {
    const isolation = { unknownOption: 1 } as never;
    const options = namesToldBy(() => createHost({ hooks: {}, isolation }), /Known are ([^.]*)/);
    assertNames(namesIn(table("Isolation options")), options);
    const documented = table("Isolation options", 1).map(([name = "", value]) => [codeIn(name)[0], Number(value)]);
    assertEquals(Object.fromEntries(documented), { ...defaultIsolationLimits });
  });

  test("lists what a report tells", async () => {
    await using host = createHost({ hooks: {}, store: false });
    assertNames(namesIn(table("Report")), Object.keys(host.inspect()));
    const plugin = reportOf(createRecord({ name: "any", source: "file:///any/plugin.json", pin: undefined }));
    assertNames(namesIn(table("Report", 1)), Object.keys(plugin));
    const states: Readonly<Record<PluginState, true>> = {
      listed: true,
      disabled: true,
      loading: true,
      active: true,
      failed: true,
      unloaded: true,
    };
    assertNames(namesIn(table("Report", 2)), Object.keys(states));
    const processStates: Readonly<Record<IsolationStatus["state"], true>> = {
      stopped: true,
      starting: true,
      running: true,
      waiting: true,
      "given up": true,
      disposed: true,
    };
    assertNames(namesIn(table("Report", 3)), Object.keys(processStates));
  });

  test("lists the commands and their options", async () => {
    const printed: string[] = [];
    const terminal = { out: (text: string) => void printed.push(text), problem: () => {} };
    assertEquals(await runCommand(["--help"], terminal), 0);
    const help = printed.join("\n");
    const documented = [...namesIn(table("Commands")), ...namesIn(table("Commands", 1))];
    const options = new Set(help.match(/--[a-z-]+/g));
    assertNames([...new Set(documented.join(" ").match(/--[a-z-]+/g))].filter((name) => name !== "--help"), options);
    const commands = new Set(help.match(/^plugmap [a-z]+/gm));
    assertNames([...new Set(documented.join("\n").match(/^plugmap [a-z]+/gm))], commands);
  });
});

test("errors.md lists every code", () => {
  const documented = [...readTables("errors.md").values()].flat().flatMap(namesIn);
  assertEquals(documented, Object.keys(errorCodes));
});

test("guarantees.md names tests that are there", () => {
  const rows = readTables("guarantees.md").get("What holds")?.[0] ?? [];
  assert(rows.length > 0);
  for (const row of rows) {
    const tests = codeIn(row.at(-1)!);
    assert(tests.length > 0, row[0]);
    for (const path of tests) assert(existsSync(new URL(`../${path}`, import.meta.url)), path);
  }
});

function kindCalled(meaning: string): string {
  if (meaning.startsWith("a JavaScript")) return "javascript";
  if (meaning.startsWith("a TypeScript")) return "typescript";
  return meaning.startsWith("its value") ? "json" : "text";
}

/** What a builtin needs, in the words of the documentation. */
function needsOf(specifier: string): string {
  const requirement = builtinRequirement(specifier);
  assert(requirement !== undefined, specifier);
  if (requirement.kind === "free") return "nothing";
  return requirement.kind === "never" ? "refused" : requirement.anyOf.map((name) => `\`${name}\``).join(" or ");
}
