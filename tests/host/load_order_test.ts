import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createTestHost } from "../support/host.ts";
import type { Listed } from "../support/host.ts";
import { serveFolder, startServer } from "../support/server.ts";
import type { Handler } from "../support/server.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createPlugin, greeter, greetings } from "./sample_plugins.ts";

/** Greets with its name once `context.host.wait(name)` settles. */
const patient = `let greeting;
export default {
  async setup({ name, host }) {
    greeting = name;
    await host.wait(name);
  },
  hooks: { greeting: ({ name }) => greeting + " " + name },
};
`;

/** Lets every plugin wait until the one after it has come through: they come through in the reverse of their order. */
function backwards(names: readonly string[]): { wait(name: string): Promise<void>; readonly through: string[] } {
  const gates = names.map(() => Promise.withResolvers<void>());
  const through: string[] = [];
  return {
    through,
    async wait(name) {
      const index = names.indexOf(name);
      await gates[index + 1]?.promise;
      through.push(name);
      gates[index]!.resolve();
    },
  };
}

describe("order of loading", () => {
  const names = ["a", "b", "c", "d"];

  it("host.load() sets plugins up side by side, and registers them in the order of the import map", async () => {
    using stack = new DisposableStack();
    const plugins = names.map((name) => stack.use(createPlugin(name, patient)));
    const context = backwards(names);
    await using host = createTestHost(plugins, { context });
    await host.load();
    assertEquals(context.through, ["d", "c", "b", "a"]);
    assertEquals(host.plugins(), names);
    assertEquals(greetings(host), ["d Ada", "c Ada", "b Ada", "a Ada"]);
  });

  it("host.load() registers in the order of the import map when modules are slow to run", async () => {
    using stack = new DisposableStack();
    const gates = Object.fromEntries(names.map((name) => [name, Promise.withResolvers<void>()]));
    Object.assign(globalThis, { plugmapTestGates: gates });
    stack.defer(() => Reflect.deleteProperty(globalThis, "plugmapTestGates"));
    const plugins = names.map((name, index) => {
      const next = names[index + 1];
      const wait = next === undefined ? "" : `await plugmapTestGates["${next}"].promise;`;
      return stack.use(createPlugin(name, `${wait}\nplugmapTestGates["${name}"].resolve();\n${greeter(name)}`));
    });
    await using host = createTestHost(plugins);
    await host.load();
    assertEquals(host.plugins(), names);
  });

  it("host.load() fetches plugins side by side, and registers them in the order of the import map", async () => {
    using stack = new DisposableStack();
    await using server = await startServer();
    const gates = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
    const listed = names.map((name, index): Listed => {
      const plugin = stack.use(createPlugin(name));
      const after = gates.get(names[index + 1] ?? "")?.promise;
      server.route(`/${name}/`, served(plugin, `/${name}/`, after, () => gates.get(name)!.resolve()));
      return { name, manifestUrl: `${server.url}${name}/plugin.json`, digest: plugin.digest };
    });
    await using host = createTestHost(listed);
    await host.load();
    assertEquals(host.plugins(), names);
  });

  it("host.load() registers what others depend on first, and keeps to the import map otherwise", async () => {
    using last = createPlugin("last", patient, { dependencies: { middle: "*" } });
    using free = createPlugin("free", patient);
    using middle = createPlugin("middle", patient, { dependencies: { base: "*" } });
    using base = createPlugin("base", patient);
    const context = { wait: () => Promise.resolve() };
    await using host = createTestHost([last, free, middle, base], { context });
    await host.load();
    assertEquals(host.plugins(), ["base", "middle", "last", "free"]);
  });

  it("host.load() leaves the order of the others as it is when one fails late", async () => {
    using stack = new DisposableStack();
    const plugins = ["a", "b", "c"].map((name) => stack.use(createPlugin(name, patient)));
    const { promise: failed, reject } = Promise.withResolvers<void>();
    const context = {
      wait: (name: string) => {
        if (name === "b") return failed;
        if (name === "c") reject(new Error("after c was set up"));
        return Promise.resolve();
      },
    };
    await using host = createTestHost(plugins, { context });
    await host.load();
    assertEquals(host.plugins(), ["a", "c"]);
  });
});

/** Serves a plugin, but answers for its manifest only after `wait`; calls `answered` then. */
function served(
  { folder }: PluginFolder,
  path: string,
  wait: Promise<void> | undefined,
  answered: () => void,
): Handler {
  const serve = serveFolder(folder, path);
  return async (request, response) => {
    await wait;
    serve(request, response);
    answered();
  };
}
