/**
 * Plugins that say who they are, and a check that a host with one bad plugin is otherwise sound.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Host, HostOptions, PluginReport } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import type { Listed, TestHooks } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";

/** What plugins made here get as `context.host`: they note what happens to them. */
export interface Journal {
  readonly notes: string[];
}

/** An entry module that greets with its name and notes its setup and its disposal in a {@linkcode Journal}. */
export function greeter(greeting: string): string {
  const text = JSON.stringify(greeting);
  return `let notes;
export default {
  setup({ name, host }) {
    notes = host?.notes;
    notes?.push("setup " + name + " " + ${text});
  },
  hooks: { greeting: ({ name }) => ${text} + " " + name },
  dispose() {
    notes?.push("dispose " + ${text});
  },
};
`;
}

/** A plugin with one module. */
export function createPlugin(
  name: string,
  source: string = greeter(name),
  overrides: Readonly<Record<string, unknown>> = {},
): PluginFolder {
  return createPluginFolder({ "mod.js": source }, { name, ...overrides });
}

/** A plugin that greets and depends on others, by range. */
export function createDependent(name: string, dependencies: Readonly<Record<string, unknown>>): PluginFolder {
  return createPlugin(name, greeter(name), { dependencies });
}

/** What each plugin answers to the hook `greeting`. */
export function greetings(host: Host<TestHooks>): readonly string[] {
  return host.hooks.greeting({ name: "Ada" });
}

/** What a host knows of one plugin. */
export function reportOn(host: Host<TestHooks>, name: string): PluginReport {
  const report = host.inspect().plugins.find((plugin) => plugin.name === name);
  if (report === undefined) throw new Error(`The host knows no plugin ${name}`);
  return report;
}

/**
 * Loads a plugin that cannot be loaded between two good ones, and checks that this harms nothing else: the others are
 * active and answer, nothing of the bad one is registered, and the host closes.
 *
 * @returns The code and the message of the error, which names the plugin, and the step.
 */
export async function loadBadPlugin(
  bad: Listed,
  options: Partial<HostOptions<TestHooks, unknown>> = {},
): Promise<{ code: string; step: string | undefined; message: string }> {
  using first = createPlugin("first");
  using last = createPlugin("last");
  await using host = createTestHost([first, bad, last], options);
  const { plugins } = await host.load();
  assertEquals(plugins.map(({ name, state }) => `${name} ${state}`), [
    "first active",
    `${bad.name} failed`,
    "last active",
  ]);
  assertEquals(host.plugins(), ["first", "last"]);
  assertEquals(greetings(host), ["last Ada", "first Ada"]);
  assertEquals(await host.hooks.probe({}), undefined);
  const { code, step, message } = reportOn(host, bad.name).error!;
  assertStringIncludes(message, `plugin "${bad.name}"`);
  return { code, step, message };
}
