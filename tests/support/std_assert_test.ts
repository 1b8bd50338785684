import * as std from "@std/assert";
import { strict } from "node:assert";
import { test } from "node:test";

// Where JSR cannot be reached these functions are a stand-in of ours: every test relies on their telling right from wrong.

const error = new RangeError("out of range");
const throwing = (): never => {
  throw error;
};

const assertions: Readonly<Record<string, { holds: () => unknown; fails: () => unknown }>> = {
  assert: { holds: () => std.assert(1), fails: () => std.assert("") },
  assertFalse: { holds: () => std.assertFalse(0), fails: () => std.assertFalse(1) },
  assertEquals: { holds: () => std.assertEquals({ a: [1] }, { a: [1] }), fails: () => std.assertEquals([1], ["1"]) },
  assertNotEquals: { holds: () => std.assertNotEquals([1], [2]), fails: () => std.assertNotEquals([1], [1]) },
  assertStrictEquals: { holds: () => std.assertStrictEquals(1, 1), fails: () => std.assertStrictEquals({}, {}) },
  assertNotStrictEquals: {
    holds: () => std.assertNotStrictEquals({}, {}),
    fails: () => std.assertNotStrictEquals(NaN, NaN),
  },
  assertExists: { holds: () => std.assertExists(0), fails: () => std.assertExists(null) },
  assertInstanceOf: {
    holds: () => std.assertInstanceOf(error, Error),
    fails: () => std.assertInstanceOf(error, TypeError),
  },
  assertStringIncludes: {
    holds: () => std.assertStringIncludes("abc", "b"),
    fails: () => std.assertStringIncludes("abc", "d"),
  },
  assertMatch: { holds: () => std.assertMatch("abc", /B/i), fails: () => std.assertMatch("abc", /B/) },
  assertNotMatch: { holds: () => std.assertNotMatch("abc", /B/), fails: () => std.assertNotMatch("abc", /B/i) },
  assertArrayIncludes: {
    holds: () => std.assertArrayIncludes([{ a: 1 }, 2], [{ a: 1 }]),
    fails: () => std.assertArrayIncludes([1], [2]),
  },
  assertObjectMatch: {
    holds: () => std.assertObjectMatch({ a: { b: 1, c: 2 } }, { a: { b: 1 } }),
    fails: () => std.assertObjectMatch({ a: { c: 2 } }, { a: { b: 1 } }),
  },
  assertGreater: { holds: () => std.assertGreater(2, 1), fails: () => std.assertGreater(1, 1) },
  assertLess: { holds: () => std.assertLess(1, 2), fails: () => std.assertLess(1, 1) },
  assertThrows: { holds: () => std.assertThrows(throwing), fails: () => std.assertThrows(() => 1) },
  "assertThrows with a class": {
    holds: () => std.assertThrows(throwing, RangeError, "range"),
    fails: () => std.assertThrows(throwing, TypeError),
  },
  "assertThrows with a text": {
    holds: () => std.assertThrows(throwing, Error, "out of"),
    fails: () => std.assertThrows(throwing, Error, "into"),
  },
  assertRejects: {
    holds: () => std.assertRejects(() => Promise.reject(error), RangeError, "range"),
    fails: () => std.assertRejects(() => Promise.resolve()),
  },
  "assertRejects of what throws at once": {
    holds: () => std.assertRejects(() => Promise.reject(error)),
    fails: () => std.assertRejects(throwing),
  },
};

for (const [name, { holds, fails }] of Object.entries(assertions)) {
  test(`${name} holds and fails`, async () => {
    await holds();
    await strict.rejects(async () => await fails(), std.AssertionError);
  });
}

test("assertThrows() and assertRejects() give the error", async () => {
  strict.equal(std.assertThrows(throwing, RangeError), error);
  strict.equal(await std.assertRejects(() => Promise.reject(error)), error);
});

test("fail() and unreachable() fail", () => {
  strict.throws(() => std.fail("on purpose"), /on purpose/);
  strict.throws(() => std.unreachable(), std.AssertionError);
});
