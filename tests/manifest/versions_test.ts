import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import { checkEngines, type EngineVersions, satisfiesRange } from "../../src/manifest/mod.ts";
import { parseWith } from "./sample.ts";

describe("satisfiesRange()", () => {
  it("compares as npm, Deno and Bun do", () => {
    const inside = [
      ["1.2.3", "^1.2.0"],
      ["1.2.3", "1.2"],
      ["1.2.3", "1.x || >=3"],
      ["0.2.9", "~0.2.1"],
      ["1.2.3", "1.2.3 - 2"],
      ["1.2.3+build", "1.2.3"],
      ["1.0.0-beta.2", "^1.0.0-beta.1"],
      ["9.9.9", "*"],
    ];
    const outside = [
      ["2.0.0", "^1.2.0"],
      ["0.3.0", "^0.2.1"],
      ["1.0.0-beta.1", ">=0.9.0"],
      ["1.0.1-beta.1", "^1.0.0-beta.1"],
      ["1.0.0", "<1.0.0"],
    ];
    for (const [version, range] of inside) assert(satisfiesRange(version!, range!), `${version} in ${range}`);
    for (const [version, range] of outside) assert(!satisfiesRange(version!, range!), `${version} not in ${range}`);
  });

  it("refuses what is no version or no range", () => {
    for (const [version, range] of [["1.2", "*"], ["v1.2.3", "*"], ["1.2.3", ""], ["1.2.3", "latest"]]) {
      assertEquals(assertThrows(() => satisfiesRange(version!, range!), PlugmapError).code, "option-invalid");
    }
  });
});

describe("checkEngines()", () => {
  const deno: EngineVersions = { plugmap: "0.1.0", deno: "2.9.6", host: "3.1.0" };
  const bun: EngineVersions = { plugmap: "0.1.0", bun: "1.4.5" };
  const check = (engines: Record<string, string>, versions: EngineVersions): void =>
    checkEngines(parseWith({ engines }), versions);

  it("takes a plugin whose ranges all hold, and one that asks for nothing", () => {
    checkEngines(parseWith({}), bun);
    check({}, bun);
    check({ plugmap: "^0.1.0", deno: ">=2.9", host: "3" }, deno);
    check({ deno: ">=2.9", bun: ">=1.4" }, bun);
    check({ plugmap: "*" }, bun);
  });

  it("refuses a plugin for something else, telling what is asked for and what is here", () => {
    const unmet: [Record<string, string>, EngineVersions][] = [
      [{ plugmap: "^0.2.0" }, deno],
      [{ deno: ">=3" }, deno],
      [{ deno: ">=2.9", bun: ">=2" }, bun],
      [{ host: "^2" }, deno],
      [{ host: "*" }, bun],
      [{ deno: "*" }, { plugmap: "0.1.0" }],
    ];
    for (const [engines, versions] of unmet) {
      const error = assertThrows(() => check(engines, versions), PlugmapError);
      assertEquals([error.code, error.pointer], ["engine-unmet", "/engines"]);
      for (const range of Object.values(engines)) assertStringIncludes(error.problem, `"${range}"`);
      for (const version of Object.values(versions)) assertStringIncludes(error.problem, `"${version}"`);
    }
  });

  it("refuses a plugin that names only another runtime", () => {
    assertEquals(assertThrows(() => check({ deno: "*" }, bun), PlugmapError).code, "engine-unmet");
    assertEquals(assertThrows(() => check({ bun: "*" }, deno), PlugmapError).code, "engine-unmet");
  });

  it("counts a prerelease of an engine as the release it leads to", () => {
    const canary: EngineVersions = { plugmap: "0.1.0-rc.1", bun: "1.4.6-canary.20+1a2b3c4d" };
    check({ plugmap: "^0.1.0", bun: ">=1.4.6" }, canary);
    check({ bun: ">=1.4.6-canary.5" }, canary);
    check({ deno: "^2.9.0" }, { plugmap: "0.1.0", deno: "2.9.6+1a2b3c4d" });
    assertThrows(() => check({ bun: ">=1.4.7" }, canary), PlugmapError);
    assertThrows(() => check({ bun: "<1.4.6-canary.5" }, canary), PlugmapError);
  });

  it("does not take a version that it cannot read for one that fits", () => {
    assertThrows(() => check({ host: "*" }, { ...deno, host: "three" }), PlugmapError);
  });
});
