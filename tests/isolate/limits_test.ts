import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHost, PlugmapError } from "../../mod.ts";
import { defaultIsolationLimits, readIsolationLimits } from "../../src/isolate/limits.ts";

describe("readIsolationLimits", () => {
  it("changes what it is told to, and nothing else", () => {
    assertEquals(readIsolationLimits(), defaultIsolationLimits);
    const changed = { call: 1, idle: 0, memory: 2 ** 40, lines: undefined, messageBytes: 2 ** 20 };
    assertEquals(readIsolationLimits(changed as object), {
      ...defaultIsolationLimits,
      call: 1,
      idle: 0,
      memory: 2 ** 40,
      messageBytes: 2 ** 20,
    });
  });

  for (
    const [limits, text] of [
      [{ cal: 1 }, `"cal" of isolated plugins is unknown`],
      [{ toString: 1 }, `"toString" of isolated plugins is unknown`],
      [JSON.parse(`{"__proto__":1}`), `"__proto__" of isolated plugins is unknown`],
      [{ call: 0 }, "from 1 to 2147483647"],
      [{ call: 2 ** 31 }, "from 1 to 2147483647"],
      [{ call: 1.5 }, `"call"`],
      [{ call: NaN }, `"call"`],
      [{ call: "1" }, `"call"`],
      [{ idle: -1 }, "from 0 to 2147483647"],
      [{ memory: 0 }, `"memory"`],
      [{ memory: Infinity }, `"memory"`],
      // What the other side of the channel would not take.
      [{ messageBytes: 65 * 2 ** 20 }, "from 16384 to 67108864"],
      [{ messageBytes: 100 }, "from 16384 to 67108864"],
      [{ pendingCalls: 2 ** 30 + 1 }, "from 1 to 1073741824"],
    ] as const
  ) {
    it(`refuses ${JSON.stringify(limits)}, in a host too`, () => {
      const error = assertThrows(() => readIsolationLimits(limits), PlugmapError);
      assertEquals(error.code, "option-invalid");
      assertStringIncludes(error.message, text);
      const options = { hooks: {}, isolation: { limits } };
      assertEquals(assertThrows(() => createHost(options), PlugmapError).code, "option-invalid");
    });
  }
});
