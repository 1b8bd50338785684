import { assert, assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import schema from "../../schema/plugin.schema.json" with { type: "json" };
import { engineNames } from "../../src/manifest/engines.ts";
import { implMembers } from "../../src/manifest/impls.ts";
import { moduleMembers } from "../../src/manifest/modules.ts";
import { dependencyMembers, manifestMembers } from "../../src/manifest/parse.ts";
import { permissionNames, systemKinds } from "../../src/permissions/descriptors.ts";
import { isValid } from "./json_schema.ts";
import { least, parseWith, record, withModule } from "./sample.ts";

/** Whether the parser takes a manifest. */
function parses(members: Record<string, unknown>): boolean {
  try {
    parseWith(members);
    return true;
  } catch {
    return false;
  }
}

function sorted(names: Iterable<string>): string[] {
  return [...names].sort();
}

describe("plugin.schema.json", () => {
  const { properties, $defs } = schema;

  it("knows the members that the parser knows", () => {
    assertEquals(sorted(Object.keys(properties)), sorted(manifestMembers));
    assertEquals(sorted(Object.keys(properties.engines.properties)), sorted(engineNames));
    assertEquals(sorted(Object.keys($defs.dependency.properties)), sorted(dependencyMembers));
    assertEquals(sorted(Object.keys($defs.module.properties)), sorted(moduleMembers));
    assertEquals(sorted(Object.keys($defs.impl.properties)), sorted(implMembers));
    assertEquals(sorted(Object.keys($defs.permissions.properties)), sorted(permissionNames));
    const [, kinds] = $defs.systemKinds.anyOf;
    assertEquals(sorted(kinds!.items!.enum), sorted([...systemKinds, "username"]));
  });

  it("describes every member", () => {
    const { dependency, impl, module } = $defs;
    const records = [properties.engines, dependency, impl, module];
    const members = [properties, ...records.map(({ properties }) => properties)].flatMap((each) =>
      Object.entries(each as Record<string, { description?: string }>)
    );
    for (const [name, { description = "" }] of members) assert(description !== "", name);
  });

  it("takes what the parser takes", () => {
    const accepted: Record<string, unknown>[] = [
      {},
      { $schema: "x", description: "x", author: "x", license: "MIT", hooks: [], imports: {}, dependencies: {} },
      { version: "1.0.0-rc.1+b", engines: { deno: ">=2.9 <3", bun: "*" } },
      { name: "@acme/a.b", dependencies: { "@acme/b": "^1", c: { version: "1", optional: true } } },
      { imports: { "#a": "./mod.ts", "~/": "./" }, hooks: ["greeting"] },
      { hooks: {} },
      {
        hooks: {
          greeting: {},
          ["__proto__"]: { target: "greeting", wrapper: true, tryFirst: true, tryLast: false, priority: -1.5 },
          "a/b": { wrapper: "outcome", tryFirst: false, tryLast: true, before: ["a"], after: ["b", "c"] },
          c: { wrapper: "middleware", args: [], optional: true },
        },
      },
      { permissions: { read: true, write: false, net: ["*.a.example:1"], env: ["A", "B_*"], run: ["git"], ffi: [] } },
      { permissions: { sys: ["hostname", "username"], import: ["example.com"] } },
      withModule("./Lib/é a.ts"),
      withModule("https://cdn.example/a.ts?x"),
      withModule("jsr:@std/path@1.0.8/posix"),
    ];
    for (const members of accepted) {
      assert(parses(members), JSON.stringify(members));
      assert(isValid(schema, { ...least, ...members }), JSON.stringify(members));
    }
  });

  it("refuses what the parser refuses, where a schema can", () => {
    const refused: Record<string, unknown>[] = [
      { scripts: {} },
      { name: "__proto__" },
      { name: "Weather" },
      { name: "a".repeat(215) },
      { version: "1.0" },
      { version: "v1.0.0" },
      { entry: "../mod.ts" },
      { entry: "./" },
      { entry: undefined },
      { engines: { node: "*" } },
      { engines: { deno: "" } },
      { dependencies: { a: { optional: true } } },
      { dependencies: { A: "1" } },
      { imports: { "plugins/x": "./mod.ts" } },
      { imports: { "./x": "./mod.ts" } },
      { imports: { "node:fs": "./mod.ts" } },
      { imports: { bun: "./mod.ts" } },
      { imports: { a: "npm:x@1" } },
      { hooks: ["a", "a"] },
      { hooks: "a" },
      { hooks: { "": {} } },
      { hooks: { a: true } },
      { hooks: { a: { run: true } } },
      { hooks: { a: { target: "" } } },
      { hooks: { a: { wrapper: false } } },
      { hooks: { a: { wrapper: "generator" } } },
      { hooks: { a: { tryFirst: 1 } } },
      { hooks: { a: { tryFirst: true, tryLast: true } } },
      { hooks: { a: { priority: "1" } } },
      { hooks: { a: { before: "b" } } },
      { hooks: { a: { after: ["b", "b"] } } },
      { hooks: { a: { args: [1] } } },
      { hooks: { a: { optional: null } } },
      { permissions: { run: true } },
      { permissions: { ffi: true } },
      { permissions: { nets: true } },
      { permissions: { sys: ["shoesize"] } },
      { permissions: { env: ["A*B"] } },
      { permissions: true },
      ...["./../a", "./a/./b", "./a//b", "./a/", "./a%2e", "./a?x", "mod.ts", "npm:x@1", "file:///a"].map((path) =>
        withModule(path)
      ),
      withModule("./a.ts", record.integrity),
      withModule("./a.ts", { integrity: "", size: 1 }),
      withModule("./a.ts", { integrity: "md5-AAAA", size: 1 }),
      withModule("./a.ts", { integrity: record.integrity }),
      withModule("./a.ts", { size: 1 }),
      withModule("./a.ts", { ...record, size: -1 }),
    ];
    for (const members of refused) {
      assert(!parses(members), JSON.stringify(members));
      assert(!isValid(schema, JSON.parse(JSON.stringify({ ...least, ...members }))), JSON.stringify(members));
    }
  });
});
