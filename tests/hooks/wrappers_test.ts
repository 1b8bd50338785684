import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}

const collecting = () => createHooks({ list: hook<Args, string>({ order: "fifo" }) });
const firstOnly = () => createHooks({ find: hook<Args, string>({ mode: "first" }) });

describe("a generator wrapper", () => {
  test("runs before and after everything else, and gets the arguments and the result", () => {
    const hooks = collecting();
    const trace: string[] = [];
    hooks.register("inside", { list: { run: () => (trace.push("inside"), "x"), tryFirst: true } });
    hooks.register("around", {
      list: {
        wrapper: true,
        *run({ at }) {
          trace.push(`before ${at}`);
          const result = yield;
          trace.push(`after ${result}`);
          return result;
        },
      },
    });
    assertEquals(hooks.call.list({ at: 1 }), ["x"]);
    assertEquals(trace, ["before 1", "inside", "after x"]);
  });

  test("replaces the result, also with undefined, null or nothing at all", () => {
    for (const result of [["y"], undefined, null, 0]) {
      const hooks = collecting();
      hooks.register("inside", { list: () => "x" });
      hooks.register("around", {
        list: {
          wrapper: true,
          *run() {
            yield;
            return result as string[];
          },
        },
      });
      assertStrictEquals(hooks.call.list({ at: 0 }) as unknown, result);
    }
    const hooks = firstOnly();
    hooks.register("inside", { find: () => "x" });
    hooks.register("forgetful", {
      find: {
        wrapper: true,
        *run() {
          yield;
        },
      } as never,
    });
    assertStrictEquals(hooks.call.find({ at: 0 }), undefined);
  });

  test("runs when there is nothing inside it", () => {
    const hooks = collecting();
    hooks.register("around", {
      list: {
        wrapper: true,
        *run() {
          return [...yield, "only"];
        },
      },
    });
    assertEquals(hooks.call.list({ at: 0 }), ["only"]);
  });

  test("gets the one result of mode first", () => {
    const hooks = firstOnly();
    hooks.register("inside", { find: () => "x" });
    hooks.register("around", {
      find: {
        wrapper: true,
        *run() {
          return `(${yield})`;
        },
      },
    });
    assertEquals(hooks.call.find({ at: 0 }), "(x)");
  });

  test("gets the last value of a pipeline", () => {
    const hooks = createHooks({ text: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }) });
    hooks.register("inside", { text: ({ text }) => `${text}x` });
    hooks.register("around", {
      text: {
        wrapper: true,
        *run({ text }) {
          return `${text}:${yield}`;
        },
      },
    });
    assertEquals(hooks.call.text({ text: "a" }), "a:ax");
  });

  test("sees what is thrown inside, and swallows it by returning", () => {
    const hooks = collecting();
    const thrown = new Error("boom");
    let seen: unknown;
    hooks.register("faulty", {
      list() {
        throw thrown;
      },
    });
    hooks.register("around", {
      list: {
        wrapper: true,
        *run() {
          try {
            return yield;
          } catch (error) {
            seen = error;
            return ["saved"];
          }
        },
      },
    });
    assertEquals(hooks.call.list({ at: 0 }), ["saved"]);
    assertEquals([(seen as PlugmapError).plugin, (seen as PlugmapError).cause], ["faulty", thrown]);
  });

  test("that passes an error on leaves it as it is", () => {
    const hooks = collecting();
    hooks.register("faulty", {
      list() {
        throw new Error("boom");
      },
    });
    let seen: unknown;
    hooks.register("around", {
      list: {
        wrapper: true,
        *run() {
          try {
            return yield;
          } catch (error) {
            seen = error;
            throw error;
          }
        },
      },
    });
    const error = assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
    assertStrictEquals(error, seen);
    assertEquals([error.code, error.plugin], ["hook-failed", "faulty"]);
  });

  test("that throws another error is named as the one that failed, and the chain is kept", () => {
    const hooks = collecting();
    const first = new Error("first");
    hooks.register("faulty", {
      list() {
        throw first;
      },
    });
    hooks.register("around", {
      list: {
        wrapper: true,
        *run() {
          try {
            return yield;
          } catch (error) {
            throw new Error("second", { cause: error });
          }
        },
      },
    });
    const error = assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.problem], ["hook-failed", "around", "second"]);
    const inner = (error.cause as Error).cause as PlugmapError;
    assertEquals([inner.plugin, inner.cause], ["faulty", first]);
  });

  test("that throws before its yield keeps what is inside from running, and tells those outside", () => {
    const hooks = collecting();
    let ran = false;
    hooks.register("outer", {
      list: {
        wrapper: true,
        *run() {
          try {
            return yield;
          } catch (error) {
            return [`outer saw ${(error as PlugmapError).plugin}`];
          }
        },
      },
    });
    hooks.register("early", {
      list: {
        wrapper: true,
        // deno-lint-ignore require-yield
        *run() {
          throw new Error("too early");
        },
      },
    });
    hooks.register("inside", { list: () => (ran = true, "x") });
    assertEquals(hooks.call.list({ at: 0 }), ["outer saw early"]);
    assertEquals(ran, false);
  });

  test("does not keep those outside from seeing what the inner one made of it", () => {
    const hooks = collecting();
    const add = (name: string) => ({
      list: {
        wrapper: true as const,
        *run(): Generator<void, string[], string[]> {
          return [...yield, name];
        },
      },
    });
    hooks.register("outer", add("outer"));
    hooks.register("inner", add("inner"));
    hooks.register("plain", { list: () => "plain" });
    assertEquals(hooks.call.list({ at: 0 }), ["plain", "inner", "outer"]);
  });

  test("takes no part in the results of its own, nor in those that detailed lists", () => {
    const hooks = collecting();
    hooks.register("inside", { list: () => "x" });
    hooks.register("around", {
      list: {
        wrapper: true,
        *run() {
          yield;
          return ["replaced"];
        },
      },
    });
    assertEquals(hooks.call.list.detailed({ at: 0 }).map(({ plugin, result }) => [plugin, result]), [["inside", "x"]]);
  });

  test("is left out of a subset with its plugin, and wraps extras", () => {
    const hooks = collecting();
    hooks.register("around", {
      list: {
        wrapper: true,
        *run() {
          return (yield).map((item) => `(${item})`);
        },
      },
    });
    assertEquals(hooks.call.list.callExtra([() => "extra"], { at: 0 }), ["(extra)"]);
    assertEquals(hooks.call.list.subset(["around"]).callExtra([() => "extra"], { at: 0 }), ["extra"]);
  });
});
