import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { PlugmapError } from "../../../mod.ts";
import { Load } from "../../../src/isolate/wire/allowance.ts";

describe("Load", () => {
  it("takes no more than it may, but for the first message and those that are next to nothing", () => {
    const load = new Load(1000);
    load.take(2000);
    // Such as the question whether this side is alive.
    load.take(64);
    assertEquals(assertThrows(() => load.take(300), PlugmapError).code, "isolate-limit");
    load.give(2000);
    load.take(300);
  });
});
