import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { createHooks, hook, type HookOrder, type PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}

const firstOnly = () => createHooks({ find: hook<Args, string>({ mode: "first" }) });

describe("a middleware wrapper", () => {
  test("runs what is inside by calling next, with the same arguments or others", () => {
    const hooks = createHooks({ list: hook<Args, string>({ order: "fifo" }) });
    hooks.register("inside", { list: ({ at }) => `at ${at}` });
    hooks.register("around", { list: { wrapper: (next, { at }) => [...next(), ...next({ at: at + 1 })] } });
    assertEquals(hooks.call.list({ at: 1 }), ["at 1", "at 2"]);
  });

  test("answers without what is inside by not calling next", () => {
    const hooks = firstOnly();
    let ran = false;
    hooks.register("inside", { find: () => (ran = true, "x") });
    hooks.register("around", { find: { wrapper: () => "cached" } });
    assertEquals(hooks.call.find({ at: 0 }), "cached");
    assertEquals(ran, false);
  });

  test("can replace the result with undefined, and swallow, replace and pass on errors", () => {
    const behaviours = {
      swallow: () => undefined,
      replace: () => {
        throw new Error("other");
      },
      pass: (error: unknown) => {
        throw error;
      },
    };
    const outcomes = Object.values(behaviours).map((react) => {
      const hooks = firstOnly();
      hooks.register("faulty", {
        find() {
          throw new Error("boom");
        },
      });
      hooks.register("around", {
        find: {
          wrapper(next) {
            try {
              return next();
            } catch (error) {
              return react(error);
            }
          },
        },
      });
      try {
        return hooks.call.find({ at: 0 });
      } catch (error) {
        return [(error as PlugmapError).plugin, (error as PlugmapError).problem];
      }
    });
    assertEquals(outcomes, [undefined, ["around", "other"], ["faulty", "boom"]]);
  });
});

test("wrappers of all kinds nest in the order that plain implementations run in", () => {
  const orderOf = (order: HookOrder) => {
    const hooks = createHooks({ list: hook<Args, string>({ order }) });
    const trace: string[] = [];
    const generator = (name: string) => ({
      wrapper: true as const,
      *run(): Generator<void, string[], string[]> {
        trace.push(name);
        return yield;
      },
    });
    hooks.register("plain", { list: { run: () => (trace.push("plain"), "x"), tryFirst: true } });
    hooks.register("last1", { list: { ...generator("last1"), tryLast: true } });
    hooks.register("normal1", { list: { wrapper: (next) => (trace.push("normal1"), next()) } });
    hooks.register("normal2", { list: generator("normal2") });
    hooks.register("last2", {
      list: {
        wrapper: "outcome",
        tryLast: true,
        *run() {
          trace.push("last2");
          yield;
        },
      },
    });
    hooks.register("first", { list: { ...generator("first"), tryFirst: true } });
    hooks.register("early", { list: { ...generator("early"), priority: 1 } });
    hooks.call.list({ at: 0 });
    assertEquals(hooks.implementations("list"), trace);
    return trace.join(" ");
  };
  assertEquals(orderOf("lifo"), "first early normal2 normal1 last1 last2 plain");
  assertEquals(orderOf("fifo"), "first early normal1 normal2 last1 last2 plain");
});
