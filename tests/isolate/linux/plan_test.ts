import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../../src/errors.ts";
import { planBubblewrap, planConfinement } from "../../../src/isolate/linux/mod.ts";
import type { ConfinementOptions, LinuxFacts } from "../../../src/isolate/linux/mod.ts";
import type { PermissionSet } from "../../../src/permissions/types.ts";
import { nothing } from "./confined_bun.ts";

const facts: LinuxFacts = {
  architecture: "arm64",
  landlockAbi: 7,
  files: { bun: "/bun", interpreter: "/lib/ld.so", linker: "/usr/lib/ld.so", libraries: ["/usr/lib/libc.so.6"] },
};

function options(granted: Partial<PermissionSet> = {}, rest: Partial<ConfinementOptions> = {}): ConfinementOptions {
  return { granted: { ...nothing, ...granted }, facts, program: "", environment: {}, parent: 42, ...rest };
}

const everything: PermissionSet = {
  read: true,
  write: true,
  net: true,
  env: true,
  run: true,
  sys: true,
  ffi: true,
  import: true,
};

describe("planConfinement()", () => {
  it("refuses a kernel without Landlock", () => {
    const without = options({}, { facts: { ...facts, landlockAbi: 0 } });
    const error = assertThrows(() => planConfinement(without), PlugmapError) as PlugmapError;
    assertEquals(error.code, "tier-unavailable");
  });

  it("holds no secret, so that it can be used again", () => {
    assertEquals(planConfinement(options()), planConfinement(options()));
  });

  it("refuses what the system takes no argument or variable of", () => {
    const refusal = (rest: Partial<ConfinementOptions>): string =>
      (assertThrows(() => planConfinement(options({}, rest)), PlugmapError) as PlugmapError).code;
    assertEquals(refusal({ program: "é".repeat(65_536) }), "isolate-start");
    assertEquals(refusal({ environment: { A: "x".repeat(131_070) } }), "isolate-start");
    planConfinement(options({}, { program: "x".repeat(131_071), environment: { A: "x".repeat(131_069) } }));
  });

  it("starts a Bun that reads no configuration and installs nothing", () => {
    const { command } = planConfinement(options()).job;
    assertEquals(command[0], "/bun");
    for (const flag of ["--no-install", "--no-env-file", "--no-addons", "--no-ffi-cc", "--no-macros"]) {
      assert(command.includes(flag), flag);
    }
  });

  it("lets native addons in if all of `ffi` is granted", () => {
    assert(!planConfinement(options({ ffi: true })).job.command.includes("--no-addons"));
    assert(planConfinement(options({ ffi: ["/lib.so"] })).job.command.includes("--no-addons"));
  });

  it("hands on the environment, and what a limit of memory needs, which nobody overrides", () => {
    const environment = { A: "1", __proto__x: "2", BUN_JSC_jitMemoryReservationSize: "1" };
    const { job } = planConfinement(options({}, { environment, limits: { memory: 1 << 28 } }));
    assertEquals(job.environment, [
      "A=1",
      "__proto__x=2",
      "BUN_JSC_jitMemoryReservationSize=67108864",
      "BUN_JSC_structureHeapSizeInKB=131072",
    ]);
    assertEquals(planConfinement(options({}, { environment: { A: "1" } })).job.environment, ["A=1"]);
  });

  it("says what enforces each permission where nothing is granted", () => {
    const levels = planConfinement(options()).report.map(({ permission, level }) => [permission, level]);
    assertEquals(Object.fromEntries(levels), {
      read: "enforced",
      write: "enforced",
      net: "enforced",
      env: "enforced",
      run: "enforced",
      sys: "not enforceable",
      ffi: "not enforceable",
      import: "enforced",
    });
  });

  it("has nothing to enforce where everything is granted", () => {
    assert(planConfinement(options(everything)).report.every(({ level }) => level === "enforced"));
  });

  it("says that a list of programs is held loosely", () => {
    const run = planConfinement(options({ run: ["/bin/tool"] })).report.find(({ permission }) => permission === "run")!;
    assertEquals(run.level, "approximate");
  });

  it("says what can be seen nevertheless", () => {
    const read = planConfinement(options()).report.find(({ permission }) => permission === "read")!;
    assert(read.remark !== undefined);
  });
});

describe("planBubblewrap()", () => {
  it("grants reading along with writing, and says so", () => {
    const level = (granted: Partial<PermissionSet>): string =>
      planBubblewrap(options(granted)).report.find(({ permission }) => permission === "read")!.level;
    assertEquals(level({}), "enforced");
    assertEquals(level({ write: ["/data"] }), "approximate");
    assertEquals(level({ write: ["/data/a"], read: ["/data"] }), "enforced");
    assertEquals(level({ write: ["/database"], read: ["/data"] }), "approximate");
    assertEquals(level({ write: true, read: ["/data"] }), "approximate");
    assertEquals(level(everything), "enforced");
  });

  it("says where a granted path could be replaced by a link", () => {
    const levels = (granted: Partial<PermissionSet>): unknown[] =>
      planBubblewrap(options(granted)).report.filter(({ permission }) => /^(?:read|write)$/.test(permission))
        .map(({ level, remark }) => [level, remark?.includes("replaced by a link") ?? false]);
    assertEquals(levels({ read: ["/a", "/b"], write: ["/b"] }), [["enforced", false], ["enforced", false]]);
    assertEquals(levels({ read: ["/b", "/b/c"], write: ["/b"] }), [["approximate", true], ["enforced", false]]);
    assertEquals(levels({ read: ["/b"], write: ["/b", "/b/c"] }), [["enforced", false], ["approximate", true]]);
  });
});
