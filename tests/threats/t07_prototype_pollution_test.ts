import { describe, it } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  grantFor,
  mergeImportMaps,
  parseImportMap,
  parseManifest,
  parsePermissions,
  parsePolicy,
  PlugmapError,
  readPermissions,
  resolveSpecifier,
} from "../../mod.ts";
import { planOrder } from "../../src/host/plan.ts";
import { createPlugin, greeter } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";

// T7: a name such as "__proto__" reaches what all objects share. On Deno Object.prototype.__proto__ is gone; Bun has it.

const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"];
const encoder = new TextEncoder();
const pin = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** Everything that could be polluted, as it is: names and values of the shared prototypes. */
function sharedState(): unknown[] {
  return [Object, Array, Function, String, Map, Set, Error, RegExp, Promise].flatMap((shared) =>
    [shared, shared.prototype].map((object) =>
      Reflect.ownKeys(object).map((key) => [key, Reflect.getOwnPropertyDescriptor(object, key)?.value])
    )
  );
}

const before = sharedState();

function assertUnpolluted(): void {
  const probe: Record<string, unknown> = {};
  assertEquals(probe["polluted"], undefined);
  const now = sharedState();
  assertEquals(now.length, before.length);
  for (const [index, keys] of now.entries()) assertEquals(keys, before[index]);
}

/** What a parser makes of a text: a value, or an error of ours, and nothing is polluted by it. */
function attempt<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    assertInstanceOf(error, PlugmapError, `${error}`);
    return undefined;
  }
}

const readManifest = (text: string) => parseManifest(encoder.encode(text), { readPermissions });

/** JSON text of an object with one hostile member. JavaScript's own literal would set the prototype. */
const member = (name: string, value: string) => `{ ${JSON.stringify(name)}: ${value} }`;

describe("T7, names that all objects inherit", () => {
  for (const name of names) {
    it(`import map: ${name} is a specifier like any other, and no rule is inherited`, () => {
      const map = parseImportMap(`{ "imports": ${member(name, `"./a.js"`)} }`, "file:///app/map.json");
      assertEquals(resolveSpecifier(name, map, "file:///app/main.js"), "file:///app/a.js");
      assertEquals([...map.imports.keys()], [name]);
      const empty = parseImportMap("{}", "file:///app/map.json");
      assertEquals(attempt(() => resolveSpecifier(name, empty, "file:///app/main.js")), undefined);
      const scoped = parseImportMap(`{ "scopes": ${member(name, member(name, `"./b.js"`))} }`, "file:///app/map.json");
      const merged = mergeImportMaps(map, scoped);
      assertEquals(resolveSpecifier(name, merged, `file:///app/${name}`), "file:///app/b.js");
      assertUnpolluted();
    });

    it(`manifest: ${name} is no member, and an ordinary key of its tables`, () => {
      assertEquals(attempt(() => readManifest(member(name, "{}"))), undefined);
      const manifest = readManifest(`{
        "name": "odd", "version": "1.0.0", "entry": "./mod.js", "hooks": [${JSON.stringify(name)}],
        "imports": ${member(name, `"./${name}"`)},
        "modules": { "./mod.js": { "integrity": "${pin}", "size": 0 }, "./${name}": { "integrity": "${pin}", "size": 0 } }
      }`);
      assertEquals([...manifest.imports], [[name, `./${name}`]]);
      assertEquals(manifest.modules.get(`./${name}`)?.size, 0);
      assertUnpolluted();
    });

    it(`policy: ${name} is no member, and what it grants is granted to a plugin of that name only`, () => {
      assertEquals(attempt(() => parsePolicy(member(name, "{}"), { base: "file:///" })), undefined);
      const policy = parsePolicy(`{ "plugins": ${member(name, `{ "permissions": { "env": true } }`)} }`, {
        base: "file:///",
      });
      assertEquals(grantFor(policy, name).permissions.env, true);
      assertEquals(grantFor(policy, "other").permissions.env, []);
      const none = parsePolicy("{}", { base: "file:///" });
      assertEquals(grantFor(none, name), none.default);
      assertUnpolluted();
    });

    it(`permissions: ${name} is no permission`, () => {
      assertEquals(attempt(() => parsePermissions(JSON.parse(member(name, "true")), "")), undefined);
    });

    it(`plan: ${name} is not there unless it is listed`, () => {
      const manifest = {
        name,
        version: "1.0.0",
        dependencies: new Map([[name + "x", { version: "*", optional: false }]]),
      };
      assertEquals([...planOrder(new Map([[name, manifest as never]]), new Map()).failures.keys()], [name]);
    });
  }

  it("host: a plugin called constructor is a plugin like any other", async () => {
    using plugin = createPlugin("constructor", greeter("built"));
    await using host = createTestHost([plugin], {
      policy: { plugins: JSON.parse(`{ "__proto__": { "permissions": { "env": true } } }`) },
    });
    await host.load();
    assertEquals(host.hooks.greeting({ name: "Ada" }), ["built Ada"]);
    assertEquals(await host.unload("toString"), false);
    assertUnpolluted();
  });
});
