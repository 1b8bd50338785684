import { describe, test } from "node:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { createHooks, type Dispatcher, hook, type HookSpec, PlugmapError } from "../../src/hooks/mod.ts";
import { deno } from "../support/binaries.ts";
import { onDeno } from "../support/child.ts";
import { run } from "../support/run.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

type Args = Readonly<Record<string, unknown>>;
type Spec = HookSpec<Args, unknown, "collect", false, false, false>;
type Hooks = Dispatcher<{ readonly [name: string]: Spec }>;

/** More calls than it takes until a hook is worth being compiled, however many implementations it has. */
const many = 600;
const hostile = [
  '"); evil(',
  "`${evil()}`",
  "\\",
  "*/ evil() //",
  "\n} evil(); {",
  "\u2028evil()",
  "__proto__",
  "args",
];

function set(options: object, codeGeneration: boolean, name = "step"): Hooks {
  const spec = hook<Args, unknown>({ order: "fifo", ...options });
  return createHooks({ [name]: spec }, { codeGeneration });
}

/** What comes of a call, and of its arguments, errors as data. */
async function outcome(call: (args: Args) => unknown, args: Args): Promise<unknown> {
  const after = () => Object.entries(args).flat();
  try {
    return { result: await call(args), after: after() };
  } catch (error) {
    if (!(error instanceof PlugmapError)) return { notOurs: String(error) };
    const { code, plugin, hook, problem, cause } = error;
    return { code, plugin, hook, problem, cause, after: after() };
  }
}

/** JavaScriptCore never looks up the global that {@linkcode compiled} puts itself in the place of. */
const seen = { skip: onDeno ? false : "texts that are compiled can be seen on V8 only" };

/** All texts that are compiled while a function runs. */
function compiled(run: () => void): string[] {
  const texts: string[] = [];
  const original = globalThis.Function;
  globalThis.Function = new Proxy(original, {
    construct(target, given: string[]) {
      texts.push(given.join("\n"));
      return new target(...given);
    },
  });
  try {
    run();
  } finally {
    globalThis.Function = original;
  }
  return texts;
}

const boom = new Error("boom");
const throwing = () => {
  throw boom;
};
const modes = [{ mode: "collect" }, { mode: "first" }, { mode: "pipeline", value: "at" }];

const explicit = (options: object) => ({ async: false, ...options }) as { async: boolean; mode: string };

/** Implementations that have something particular about them, each set in the order of running. */
const sets: Readonly<Record<string, readonly ((args: Args) => unknown)[]>> = {
  none: [],
  one: [({ at }) => at],
  "several, some without a result": [() => undefined, ({ at }) => `${at}a`, () => null, ({ at }) => `${at}b`],
  "falsy results": [() => 0, () => "", () => false, () => NaN],
  "one that throws first": [throwing, () => 1],
  "one that throws in the middle": [() => null, throwing, () => 1],
  "one that throws last": [() => undefined, () => undefined, throwing],
  "one that throws undefined": [() => undefined, () => {
    throw undefined;
  }],
  "one that returns a promise": [() => undefined, () => Promise.resolve(1), () => 2],
  "one that returns a thenable function": [
    () => Object.assign(() => {}, { then: (resolve: (value: number) => void) => resolve(3) }),
  ],
  "one whose then throws": [() => null, () => Object.defineProperty({}, "then", { get: throwing })],
  "objects that are no promises": [() => ({ then: 1 }), ({ at }) => [at]],
  "one that changes its arguments": [(args) => void Reflect.set(args, "at", "changed"), ({ at }) => at],
  "a method that looks for its this": [function (this: unknown) {
    return String(this);
  }],
  "many": Array.from({ length: 40 }, (_, index) => ({ at }: Args) => index % 3 ? `${at}${index}` : null),
  "many, the last of which throws": [...Array.from({ length: 39 }, () => () => null), throwing],
  "many, one of which returns a promise": Array.from(
    { length: 40 },
    (_, at) => () => at === 20 ? Promise.resolve(1) : null,
  ),
  "more than are compiled": Array.from({ length: 300 }, (_, index) => () => index % 100 ? undefined : index),
};

describe("code generation", () => {
  for (const { async, ...options } of [...modes, ...modes.map((mode) => ({ ...mode, async: true }))].map(explicit)) {
    test(`makes no difference in mode ${options.mode}, ${async ? "async" : "sync"}`, async () => {
      for (const [title, impls] of Object.entries(sets)) {
        for (const keepNull of [false, true]) {
          const [generated, plain] = [true, false].map((codeGeneration) => {
            const hooks = set({ ...options, async, keepNull }, codeGeneration);
            impls.forEach((step, index) => hooks.register(`p${index}`, { step }));
            return hooks.call.step!;
          });
          for (let count = 0; count < many; count++) await outcome(generated!, { at: "x", by: "y" });
          const given = () => [
            { at: "x", by: "y" },
            { at: undefined },
            {},
            Object.freeze({ at: "x" }),
            Object.create({ at: "inherited" }),
            Object.assign(Object.create(null), { at: "x" }),
          ];
          for (const [index, args] of given().entries()) {
            assertEquals(await outcome(generated!, args), await outcome(plain!, given()[index]!), title);
          }
        }
      }
    });
  }

  test("leaves the object of the caller alone in a pipeline, whatever is done to it and while it waits", async () => {
    for (const codeGeneration of [false, true]) {
      for (const [async, count] of [[false, 1], [false, 2], [true, 1], [true, 2]] as const) {
        const hooks = set({ mode: "pipeline", value: "at", async }, codeGeneration);
        const wait = (value: string) => async ? Promise.resolve(value) : value;
        if (count > 1) hooks.register("a", { step: ({ at }) => wait(`${at}a`) });
        hooks.register("b", { step: (args) => (Reflect.set(args, "at", "changed"), wait("end")) });
        for (let call = 0; call < many; call++) {
          const args = { at: "x" };
          const running = hooks.call.step!(args);
          assertEquals(args, { at: "x" }, `${count}, async: ${async}, code generation: ${codeGeneration}`);
          assertEquals([await running, args], ["end", { at: "x" }]);
        }
      }
    }
  });

  test("is done once for a hook that is called often, and never if it is switched off", seen, () => {
    for (const options of modes) {
      for (const codeGeneration of [true, false]) {
        let call = (): unknown => undefined;
        const creating = compiled(() => {
          const hooks = set(options, codeGeneration);
          hooks.register("p", { step: () => 1 });
          call = () => hooks.call.step!({ at: 0 });
        });
        const calling = () => {
          for (let count = 0; count < many; count++) call();
        };
        const texts = [compiled(calling), compiled(calling)];
        assertEquals(texts.map(({ length }) => length), codeGeneration ? [1, 0] : [0, 0]);
        if (!codeGeneration) assertEquals(creating, []);
      }
    }
  });

  test("sees no name and no other text from outside", seen, () => {
    for (const text of hostile) {
      for (const options of [...modes, { mode: "pipeline", value: text }]) {
        const args = Object.fromEntries([[text, text], ["at", "x"]]);
        const impl = { [text]: (args: Args) => Object.hasOwn(args, text) ? 1 : 2 };
        Object.defineProperty(impl[text], "name", { value: text });
        const results: unknown[] = [];
        const texts = compiled(() => {
          for (const each of [options, { ...options, defaults: { [text]: 0 } }]) {
            const hooks = set(each, true, text);
            hooks.register(text, impl);
            for (let count = 0; count < many; count++) results.push(hooks.call[text]!(args));
          }
        });
        assert(texts.length > 0);
        for (const source of texts) {
          // Words of the frame itself.
          const rest = source.replaceAll(/"(use strict|object|function)"|\/\* \d+ \*\//g, "");
          assert(/^[\n -~]*$/.test(rest) && !/evil|["'`\\]|[/][/*]/.test(rest), source);
        }
        assertEquals(new Set(results.flat()), new Set([1]));
      }
    }
  });

  test("keeps hostile names in errors, and runs none of them", async () => {
    for (const name of hostile) {
      const hooks = set({}, true, name);
      hooks.register("fine", { [name]: () => undefined });
      hooks.register(name, { [name]: throwing });
      for (let count = 0; count < many; count++) {
        const { code, plugin, hook } = await outcome(hooks.call[name]!, {}) as Record<string, unknown>;
        assertEquals([code, plugin, hook], ["hook-failed", name, name]);
      }
    }
    assertEquals((globalThis as { evil?: unknown }).evil, undefined);
  });

  test("follows every change of who takes part", () => {
    const hooks = set({}, true);
    const call = () => {
      const results: unknown[] = [];
      for (let count = 0; count < many; count++) results.push(...hooks.call.step!({}));
      assertEquals(results.length % many, 0);
      return results.slice(0, results.length / many);
    };
    assertEquals(call(), []);
    hooks.register("a", { step: () => "a" });
    const b = hooks.register("b", { step: () => "b" });
    assertEquals(call(), ["a", "b"]);
    hooks.register("w", { step: { wrapper: (next) => next().toReversed() } });
    assertEquals(call(), ["b", "a"]);
    hooks.unregister("w");
    b.unregister();
    assertEquals(call(), ["a"]);
    hooks.register("a", { step: () => "new" }, { replace: true });
    assertEquals(call(), ["new"]);
    let seen = 0;
    const monitoring = hooks.monitor({ before: () => void seen++, aroundImpl: (_, run) => (seen++, run()) });
    assertEquals([call(), seen], [["new"], 2 * many]);
    monitoring.stop();
    assertEquals([call(), seen], [["new"], 2 * many]);
    hooks.block("a");
    assertEquals(call(), []);
  });

  test("keeps a call to the implementations it started with, whichever call it is", () => {
    for (let at = 1; at < 20; at++) {
      const hooks = set({}, true);
      let count = 0;
      const changing = () => {
        if (++count !== at) return "a";
        hooks.unregister("b");
        hooks.register("c", { step: () => "c" });
        // Runs the hook again in the middle of the call.
        return hooks.call.step!({}).join();
      };
      hooks.register("a", { step: changing });
      hooks.register("b", { step: () => "b" });
      const results = Array.from({ length: 30 }, () => hooks.call.step!({}).join("+"));
      assertEquals(results.slice(0, at), [...Array(at - 1).fill("a+b"), "a,c+b"]);
      assertEquals(new Set(results.slice(at)), new Set(["a+c"]));
    }
  });
});

test("hooks work where code must not be generated from strings", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "host.ts");
  writeFileSync(
    path,
    `
    import { createHooks, hook } from ${JSON.stringify(new URL("../../src/hooks/mod.ts", import.meta.url).href)};

    let allowed = true;
    try {
      new Function("return 1");
    } catch {
      allowed = false;
    }
    const hooks = createHooks({
      all: hook({ order: "fifo" }),
      first: hook({ mode: "first" }),
      piped: hook({ mode: "pipeline", value: "at" }),
      awaited: hook({ async: true }),
    });
    for (const name of ["a", "b"]) {
      const impl = ({ at }) => at + name;
      hooks.register(name, { all: impl, first: impl, piped: impl, awaited: impl });
    }
    const { all, first, piped, awaited } = hooks.call;
    const results = new Set();
    for (let count = 0; count < 1_000; count++) {
      const args = { at: "-" };
      results.add(JSON.stringify([all(args), first(args), piped(args), await awaited(args)]));
    }
    console.log(JSON.stringify([allowed, ...results]));
    `,
  );
  const flags = ["--no-prompt", "--no-lock", "--no-config", "--no-check"];
  const results = '[["-a","-b"],"-b","-ba",["-b","-a"]]';
  for (const allowed of [false, true]) {
    const forbidding = allowed ? [] : ["--v8-flags=--disallow-code-generation-from-strings"];
    const { code, stdout, stderr } = await run(deno, ["run", ...flags, ...forbidding, path], { cwd: folder.path });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout), [allowed, results]);
  }
});
