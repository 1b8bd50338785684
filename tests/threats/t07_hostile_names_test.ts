import { afterEach, describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { createHooks, defineHooks, PlugmapError } from "../../mod.ts";
import { createTestHost, failureOf, probing, runPlugin } from "../support/host.ts";

// T7: names that every object has, or that change one, where a plugin or a host gives a name.

const names = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "then", "polluted"];
const prototypes = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Error.prototype];
const before = prototypes.map(Reflect.ownKeys);

/** An object literal takes `__proto__` for something else than a name; a JSON text does not. */
function tableOf(valueOf: (name: string) => unknown): object {
  return JSON.parse(
    `{ ${names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(valueOf(name))}`).join(", ")} }`,
  );
}

afterEach(() => {
  assertEquals(prototypes.map(Reflect.ownKeys), before);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

describe("T7, hostile names in what a plugin brings", () => {
  it("as names of modules and of rules mean what the manifest says", async () => {
    const source = probing("Promise.all(input.map((name) => import(name)))");
    const libraries = names.map((name) => [`${name}.js`, `export default "own ${name}";`]);
    const files = { "mod.js": source, ...Object.fromEntries(libraries) };
    const imports = tableOf((name) => `./${name}.js`);
    const namespaces = await runPlugin(files, { imports }, names) as { default: string }[];
    assertEquals(namespaces.map((namespace) => namespace.default), names.map((name) => `own ${name}`));
  });

  it("as specifiers that nothing maps lead nowhere", async () => {
    const source = probing("Promise.all(input.map((name) => import(name).then(() => name, (error) => error.code)))");
    assertEquals(await runPlugin({ "mod.js": source }, {}, names), names.map(() => "module-unlisted"));
    for (const name of names) {
      assertEquals((await failureOf({ "mod.js": `import "${name}"; export default {};` })).code, "module-unlisted");
    }
  });

  it("as dependencies are plugins that are not there", async () => {
    for (const name of ["constructor", "then", "polluted"]) {
      const dependencies = { [name]: "*" };
      assertEquals((await failureOf({ "mod.js": "export default {};" }, { dependencies })).code, "dependency-missing");
    }
  });

  it("as members of the plugin are unknown ones", async () => {
    for (const name of names) {
      const source = `export default JSON.parse('{ "${name}": { "polluted": true } }');`;
      assertEquals((await failureOf({ "mod.js": source })).code, "plugin-invalid");
    }
  });

  it("as names of its hooks are names that no spec declares", async () => {
    for (const name of names) {
      const source = `const hooks = Object.defineProperty({}, "${name}", { value() {}, enumerable: true });
export default { hooks };`;
      assertEquals((await failureOf({ "mod.js": source })).code, "hook-unknown");
    }
  });

  it("as members of arguments and results change nothing", async () => {
    const polluted = tableOf(() => ({ polluted: true }));
    const source = `const table = JSON.parse('{ "__proto__": { "polluted": true } }');
export default { hooks: { probe: ({ input }) => ({ ...input, table }) } };`;
    const { table } = await runPlugin({ "mod.js": source }, {}, polluted) as { table: object };
    assertEquals(Object.keys(table), ["__proto__"]);
  });
});

describe("T7, hostile names in what a host declares", () => {
  it("are hooks like others", () => {
    const hooks = createHooks(defineHooks(tableOf(() => ({})) as Readonly<Record<string, never>>));
    const none = createHooks(defineHooks({}));
    for (const name of names) {
      const impls = Object.defineProperty({}, name, { value: () => name, enumerable: true });
      hooks.register(`plugin ${name}`, impls);
      const call = hooks.call as unknown as Readonly<Record<string, (args: object) => unknown>>;
      assertEquals(call[name]?.({}), [name]);
      assertEquals(assertThrows(() => none.register("plugin", impls), PlugmapError).code, "hook-unknown");
    }
  });

  it("are no options of a spec, a host or a limit", () => {
    for (const name of names) {
      const options = JSON.parse(`{ "${name}": { "async": true } }`);
      const declare = assertThrows(() => defineHooks({ greeting: options }), PlugmapError);
      assertEquals(declare.code, "hook-spec-invalid");
      assertEquals(assertThrows(() => createTestHost([], options), PlugmapError).code, "option-invalid");
    }
  });

  it("are no plugins of a host that lists none of them", async () => {
    await using host = createTestHost([]);
    await host.load();
    for (const name of names) {
      assertEquals((await host.loadPlugin(name).catch((error) => error)).code, "plugin-unknown");
      assertEquals((await host.reload(name).catch((error) => error)).code, "plugin-unknown");
      assertEquals(await host.unload(name), false);
    }
  });
});
