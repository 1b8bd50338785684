import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";
import { TagTracer, type TagTracerOptions } from "../../src/tracing/mod.ts";

/** A tracer that writes to a list. */
function listing(options?: TagTracerOptions): { readonly tracer: TagTracer; readonly lines: string[] } {
  const tracer = new TagTracer(options);
  const lines: string[] = [];
  tracer.setWriter((line) => lines.push(line));
  return { tracer, lines };
}

describe("TagTracer", () => {
  test("writes arguments and tags", () => {
    const { tracer, lines } = listing();
    const log = tracer.get("pytest");
    log("hello", "world", 1, [true, "x"]);
    log.get("collection")("hello");
    assertEquals(lines, ['hello world 1 [true, "x"] [pytest]', "hello [pytest:collection]"]);
    assertEquals(log.get("collection").tags, ["pytest", "collection"]);
    assertStrictEquals(log.get("collection").root, tracer);
  });

  test("writes the properties of a plain object that comes last on lines of their own", () => {
    const { tracer, lines } = listing();
    tracer.get("test")("call", { a: 1, text: "long text" });
    tracer.get("test")({ before: 1 }, "call", ["list"]);
    tracer.get("test")({ a: 1 });
    assertEquals(lines, [
      "call [test]",
      "    a: 1",
      "    text: long text",
      '{before: 1} call ["list"] [test]',
      "[test]",
      "    a: 1",
    ]);
  });

  test("writes nothing without arguments or without a writer", () => {
    const { tracer, lines } = listing();
    const log = tracer.get("test");
    log();
    tracer.setWriter(undefined);
    log("unseen");
    assertEquals(lines, []);
  });

  test("takes one writer at a time, which may come late", () => {
    const { tracer, lines } = listing();
    const log = tracer.get("test");
    const others: string[] = [];
    tracer.setWriter((line) => others.push(line));
    log("hello");
    assertEquals([lines, others], [[], ["hello [test]"]]);
  });

  test("escapes tags and arguments", () => {
    const { tracer, lines } = listing();
    tracer.get("a\nb").get("\u{1b}[2J")("two\nlines", "\u{202e}turned", { "na\rme": "va\u{7}lue" });
    assertEquals(lines, [
      "two\\u{a}lines \\u{202e}turned [a\\u{a}b:\\u{1b}[2J]",
      "    na\\u{d}me: va\\u{7}lue",
    ]);
  });

  test("refuses what is no option, no writer, no processor and no tag", () => {
    const tracer = new TagTracer();
    const refused = [
      () => new TagTracer(null as never),
      () => new TagTracer({ writer: () => {} } as never),
      () => new TagTracer({ storage: { run: () => {} } as never }),
      () => new TagTracer({ onDiagnostic: "console" as never }),
      () => tracer.get(1 as never),
      () => tracer.get("a").get(Symbol("b") as never),
      () => tracer.setWriter("stdout" as never),
      () => tracer.setProcessor("a", "b" as never),
      () => tracer.setProcessor([1] as never, () => {}),
    ];
    for (const refuse of refused) assertStrictEquals(assertThrows(refuse, PlugmapError).code, "option-invalid");
  });
});

describe("TagTracer.setProcessor", () => {
  test("hands over what is traced under exactly its tags, as it is", () => {
    const tracer = new TagTracer();
    const seen: unknown[] = [];
    tracer.setProcessor("1:2", (tags, args) => seen.push([tags, args]));
    const object = { a: 1 };
    tracer.get("1")("not seen");
    tracer.get("1").get("2")("seen", object);
    tracer.get("1").get("2").get("3")("not seen");
    tracer.get("1").get("2")();
    assertEquals(seen, [[["1", "2"], ["seen", object]], [["1", "2"], []]]);
    assertStrictEquals((seen[0] as [unknown, unknown[]])[1][1], object);
  });

  test("tells a tag with a colon in it from two tags", () => {
    const tracer = new TagTracer();
    const seen: string[] = [];
    tracer.setProcessor(["1:2"], () => seen.push("one"));
    tracer.setProcessor(["1", "2"], () => seen.push("two"));
    tracer.get("1:2")("x");
    tracer.get("1").get("2")("x");
    assertEquals(seen, ["one", "two"]);
  });

  test("takes names that objects have for tags", () => {
    const { tracer, lines } = listing();
    const seen: string[] = [];
    for (const name of ["__proto__", "constructor", "toString"]) {
      tracer.get(name)("unprocessed");
      tracer.setProcessor(name, ([tag]) => seen.push(tag!));
      tracer.get(name)("x", Object.fromEntries([[name, 1]]));
    }
    assertEquals(seen, ["__proto__", "constructor", "toString"]);
    assertEquals(lines.slice(1, 3), ["x [__proto__]", "    __proto__: 1"]);
  });

  test("replaces a processor, and takes it away", () => {
    const tracer = new TagTracer();
    const seen: string[] = [];
    tracer.setProcessor("a", () => seen.push("first"));
    tracer.setProcessor("a", () => seen.push("second"));
    tracer.get("a")("x");
    tracer.setProcessor("a", undefined);
    tracer.get("a")("x");
    assertEquals(seen, ["second"]);
  });

  test("gets hook calls", () => {
    const hooks = createHooks({ find: hook<{ id: number }, { name: string }>({ mode: "first" }) });
    hooks.register("plugin", { find: () => ({ name: "x" }) });
    const tracer = new TagTracer();
    const seen: unknown[] = [];
    tracer.setProcessor("hook", (_tags, args) => seen.push(args));
    hooks.monitor(tracer.monitor());
    hooks.call.find({ id: 1 });
    assertEquals(seen, [["find", { id: 1 }], ["finish", "find", "-->", { name: "x" }]]);
  });
});

describe("TagTracer.indented", () => {
  test("indents what is traced meanwhile", () => {
    const { tracer, lines } = listing();
    const log = tracer.get("1");
    log("hello");
    const returned = tracer.indented(() => {
      log("line1", { a: 1 });
      tracer.indented(() => log("line2"));
      log("line3");
      return "returned";
    });
    assertThrows(() =>
      tracer.indented(() => {
        throw new Error("no");
      })
    );
    log("last");
    assertStrictEquals(returned, "returned");
    assertEquals(lines, ["hello [1]", "  line1 [1]", "      a: 1", "    line2 [1]", "  line3 [1]", "last [1]"]);
  });

  for (const storage of [undefined, new AsyncLocalStorage<number>()]) {
    test(`indents until a promise is settled, ${storage ? "with" : "without"} a storage`, async () => {
      const { tracer, lines } = listing({ storage });
      const log = tracer.get("1");
      const run = async () => {
        await Promise.resolve();
        log("inside");
        return 1;
      };
      assertStrictEquals(await tracer.indented(run), 1);
      log("outside");
      const failed = await tracer.indented(() => Promise.reject(new Error("no"))).catch(({ message }: Error) =>
        message
      );
      log("outside", failed);
      assertEquals(lines, ["  inside [1]", "outside [1]", "outside no [1]"]);
    });

    test(`has one level with hook calls, ${storage ? "with" : "without"} a storage`, () => {
      const { tracer, lines } = listing({ storage });
      const hooks = createHooks({ hello: hook<object, void>({ mode: "first" }) });
      hooks.register("plugin", { hello: () => tracer.get("plugin")("inside") });
      hooks.monitor(tracer.monitor());
      tracer.indented(() => hooks.call.hello({}));
      assertEquals(lines, ["    hello [hook]", "    inside [plugin]", "    finish hello --> undefined [hook]"]);
    });
  }
});

describe("TagTracer with a writer or a processor that misbehaves", () => {
  test("tells what they throw, and throws nothing", () => {
    const diagnostics: PlugmapError[] = [];
    const tracer = new TagTracer({ onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) });
    const [broken, worse] = [new Error("The pipe is\nbroken."), new Error("worse")];
    const processed: unknown[] = [];
    tracer.setWriter(() => {
      throw broken;
    });
    tracer.setProcessor("a", (_tags, args) => processed.push(args));
    tracer.get("a")("x");
    tracer.setWriter(undefined);
    tracer.setProcessor("a", () => {
      throw worse;
    });
    tracer.get("a")("x");
    assertEquals(processed, [["x"]]);
    assertEquals(diagnostics.map(({ code }) => code), ["hook-monitor-failed", "hook-monitor-failed"]);
    assertEquals(diagnostics.map(({ cause }) => cause), [broken, worse]);
    assertStringIncludes(diagnostics[0]!.message, "The pipe is\\u{a}broken");
  });

  test("tells what they reject with", async () => {
    const told = Promise.withResolvers<PlugmapError>();
    const tracer = new TagTracer({ onDiagnostic: told.resolve });
    tracer.setWriter(() => Promise.reject(new Error("The pipe is broken")));
    tracer.get("a")("x");
    assertStringIncludes((await told.promise).message, "The pipe is broken");
  });

  test("survives that nobody can be told", () => {
    const tracer = new TagTracer({
      onDiagnostic: () => {
        throw new Error("not me either");
      },
    });
    tracer.setWriter(() => {
      throw new Error("no");
    });
    tracer.get("a")("x");
  });

  test("leaves out what they trace", () => {
    const tracer = new TagTracer();
    const log = tracer.get("a");
    const lines: string[] = [];
    tracer.setWriter((line) => {
      log("writing");
      lines.push(line);
    });
    tracer.setProcessor("a", () => log("processing"));
    log("x");
    log("y");
    assertEquals(lines, ["x [a]", "y [a]"]);
  });
});
