import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { sharedContext } from "../../src/isolate/shared_context.ts";
import { Capability } from "../../src/isolate/wire/capability.ts";

/** Calls what a function has become. */
const call = (shared: unknown, ...args: unknown[]): unknown => {
  assertInstanceOf(shared, Capability);
  return shared.call(args);
};

type Table = Readonly<Record<string, unknown>>;

describe("sharedContext", () => {
  it("makes functions callable as what they belong to, at any depth", () => {
    const context = {
      count: 1,
      add(by: number) {
        return this.count += by;
      },
      list: [() => "in a list"],
      deep: {
        name: "deep",
        tell() {
          return this.name;
        },
      },
    };
    const shared = sharedContext(context) as Table;
    assertEquals(call(shared["add"], 2), 3);
    assertEquals([context.count, shared["count"]], [3, 1]);
    assertEquals(call((shared["list"] as unknown[])[0]), "in a list");
    assertEquals(call((shared["deep"] as Table)["tell"]), "deep");
    assertEquals(call(sharedContext(() => "alone")), "alone");
  });

  it("runs no getter, and offers neither what is inherited nor what is not enumerable", () => {
    let ran = 0;
    const context = Object.defineProperty(
      {
        get secret() {
          return ++ran;
        },
        shown: 1,
      },
      "hidden",
      { value: () => {}, enumerable: false },
    );
    const shared = sharedContext(context) as Table;
    assertEquals([ran, shared["secret"], shared["shown"], "hidden" in shared], [0, undefined, 1, false]);
    assertEquals(["constructor" in shared, "toString" in shared], [false, false]);
  });

  it("leaves instances of classes as they are, so that their methods stay here", () => {
    class Service {
      data = 1;
      method(): void {}
    }
    const service = new Service();
    const date = new Date(0);
    const shared = sharedContext({ service, date }) as Table;
    assertStrictEquals(shared["service"], service);
    assertStrictEquals(shared["date"], date);
  });

  it("keeps what is there twice, and circles", () => {
    const part = { tell: () => 1 };
    const context: { a: object; b: object; self?: object } = { a: part, b: part };
    context.self = context;
    const shared = sharedContext(context) as Table;
    assertStrictEquals(shared["self"], shared);
    assertStrictEquals(shared["a"], shared["b"]);
  });

  it("has __proto__ as an ordinary name", () => {
    const shared = sharedContext(JSON.parse(`{ "__proto__": { "admin": true }, "constructor": 1 }`)) as Table;
    assertEquals(Object.keys(shared), ["__proto__", "constructor"]);
    assertEquals(Object.getPrototypeOf(shared), null);
    assert(!("admin" in shared));
  });

  it("leaves what is no object", () => {
    for (const value of [undefined, null, 1, "text", 1n]) assertStrictEquals(sharedContext(value), value);
  });
});
