import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { Manifest } from "../../mod.ts";
import { planOrder } from "../../src/host/plan.ts";

type Dependencies = Readonly<Record<string, string | { version: string; optional: boolean }>>;

/** Manifests by name, in order; of each plugin its dependencies, and version 1.0.0. */
function manifestsOf(plugins: Readonly<Record<string, Dependencies>>): Map<string, Manifest> {
  return new Map(
    Object.entries(plugins).map(([name, wanted]) => {
      const dependencies = new Map(
        Object.entries(wanted).map(([other, range]) => [
          other,
          typeof range === "string" ? { version: range, optional: false } : range,
        ]),
      );
      return [name, { name, version: "1.0.0", dependencies } as unknown as Manifest];
    }),
  );
}

function codes(failures: ReadonlyMap<string, PlugmapError>): Record<string, string> {
  return Object.fromEntries([...failures].map(([name, { code }]) => [name, code]));
}

const optional = { version: "*", optional: true };

describe("planOrder", () => {
  it("planOrder() keeps to the order of the map without dependencies", () => {
    assertEquals(planOrder(manifestsOf({ c: {}, a: {}, b: {} }), new Map()).order, ["c", "a", "b"]);
  });

  it("planOrder() puts dependencies first, those of one plugin in the order of the map", () => {
    const { order } = planOrder(manifestsOf({ app: { z: "*", y: "*" }, x: {}, y: {}, z: {} }), new Map());
    assertEquals(order, ["y", "z", "app", "x"]);
  });

  it("planOrder() takes an error for each plugin that has no place, naming plugin and step", () => {
    const broken = new PlugmapError("integrity-mismatch", "Other bytes", { plugin: "broken", step: "fetch" });
    const { order, failures } = planOrder(
      manifestsOf({
        ok: {},
        missing: { gone: "*" },
        unmet: { ok: "^2.0.0" },
        failed: { broken: "*" },
        above: { failed: "*" },
        loop: { pool: "*" },
        pool: { loop: "*" },
        beside: { pool: "*", ok: "*" },
      }),
      new Map([["broken", broken]]),
    );
    assertEquals(order, ["ok"]);
    assertEquals(codes(failures), {
      missing: "dependency-missing",
      unmet: "dependency-unmet",
      failed: "dependency-failed",
      above: "dependency-failed",
      loop: "dependency-cycle",
      pool: "dependency-cycle",
      beside: "dependency-failed",
    });
    for (const [name, { plugin, step }] of failures) assertEquals([plugin, step], [name, "plan"]);
    assertEquals(failures.get("above")?.cause, broken);
    assertStringIncludes(failures.get("above")!.message, `because of "broken": Other bytes. Mend "broken" first.`);
  });

  it("planOrder() counts an optional dependency only where it can be met", () => {
    const order = (plugins: Readonly<Record<string, Dependencies>>) => planOrder(manifestsOf(plugins), new Map()).order;
    assertEquals(order({ a: { b: optional }, b: {} }), ["b", "a"]);
    assertEquals(order({ a: { b: { version: "^2.0.0", optional: true } }, b: {} }), ["a", "b"]);
    assertEquals(order({ a: { gone: optional } }), ["a"]);
    assertEquals(order({ a: { b: optional }, b: { gone: "*" } }), ["a"]);
    assertEquals(order({ a: { b: optional }, b: { c: "*" }, c: { a: "*" } }), ["a", "c", "b"]);
  });

  it("planOrder() takes names of what all objects inherit for names", () => {
    const plugins = JSON.parse(
      `{ "toString": { "__proto__": "*" }, "__proto__": { "constructor": "*" }, "constructor": {} }`,
    );
    const manifests = manifestsOf(plugins);
    assertEquals(planOrder(manifests, new Map()).order, ["constructor", "__proto__", "toString"]);
  });

  it("planOrder() manages a long chain, and an error at its end stays short", () => {
    const names = Array.from({ length: 2000 }, (_, index) => `p${index}`);
    const chain = Object.fromEntries(
      names.map((name, index): [string, Dependencies] => [name, { [`p${index + 1}`]: "*" }]),
    );
    const whole = planOrder(manifestsOf({ ...chain, p2000: {} }), new Map());
    assertEquals([whole.order[0], whole.order.length], ["p2000", 2001]);
    const { order, failures } = planOrder(manifestsOf(chain), new Map());
    assertEquals([order, failures.size], [[], 2000]);
    assert(failures.get("p0")!.message.length < 300);
  });
});

/** Pseudorandom whole numbers below a limit: mulberry32, so that a seed names a case. */
function createRandom(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Some plugins that depend on each other at random, in random order, and some that failed. */
function createCase(seed: number): { manifests: Map<string, Manifest>; failed: Map<string, PlugmapError> } {
  const random = createRandom(seed);
  const names = Array.from({ length: 1 + random(9) }, (_, index) => `p${index}`);
  const plugins = Object.fromEntries(names.map((name): [string, Dependencies] => [
    name,
    Object.fromEntries(
      Array.from({ length: random(4) }, () => [
        `p${random(11)}`,
        { version: random(8) === 0 ? "^2.0.0" : "*", optional: random(3) === 0 },
      ]),
    ),
  ]));
  const failed = new Map(
    names.filter(() => random(12) === 0).map((
      name,
    ) => [name, new PlugmapError("fetch-failed", "Gone", { plugin: name })]),
  );
  const entries = [...manifestsOf(plugins)].filter(([name]) => !failed.has(name));
  return { manifests: new Map(entries.sort(() => random(3) - 1)), failed };
}

/** What each plugin cannot do without. */
function required(manifest: Manifest): readonly string[] {
  return [...manifest.dependencies].filter(([, { optional }]) => !optional).map(([name]) => name);
}

/** The names that can start, by the definition: all but those that cannot, until no more of them cannot. */
function startable(manifests: ReadonlyMap<string, Manifest>): Set<string> {
  const met = (name: string, manifest: Manifest): boolean =>
    required(manifest).every((other) =>
      manifests.has(other) && manifest.dependencies.get(other)!.version === "*" && other !== name
    );
  const good = new Set<string>();
  // Growing from the plugins that need nothing leaves out circles, and whoever depends on one.
  for (let size = -1; size !== good.size;) {
    size = good.size;
    for (const [name, manifest] of manifests) {
      if (met(name, manifest) && required(manifest).every((other) => good.has(other))) good.add(name);
    }
  }
  return good;
}

/** All that a plugin is to start after, with what that is to start after, and itself. */
function closure(name: string, manifests: ReadonlyMap<string, Manifest>): Set<string> {
  const found = new Set([name]);
  for (const other of found) {
    for (const dependency of manifests.get(other)?.dependencies.keys() ?? []) found.add(dependency);
  }
  return found;
}

describe("planOrder of random plugins", () => {
  const seeds = Array.from({ length: 500 }, (_, seed) => seed);

  it("planOrder() places exactly those that can start, and has an error for each other one", () => {
    for (const seed of seeds) {
      const { manifests, failed } = createCase(seed);
      const { order, failures } = planOrder(manifests, failed);
      assertEquals([...order].sort(), [...startable(manifests)].sort(), `seed ${seed}`);
      assertEquals([...order, ...failures.keys()].sort(), [...manifests.keys()].sort(), `seed ${seed}`);
    }
  });

  it("planOrder() places each plugin after what it cannot do without", () => {
    for (const seed of seeds) {
      const { manifests, failed } = createCase(seed);
      const { order } = planOrder(manifests, failed);
      for (const [index, name] of order.entries()) {
        for (const other of required(manifests.get(name)!)) {
          assert(order.indexOf(other) < index && order.includes(other), `seed ${seed}: ${other} before ${name}`);
        }
      }
    }
  });

  it("planOrder() puts a plugin before one that the map lists earlier only for one that is listed no later", () => {
    for (const seed of seeds) {
      const { manifests, failed } = createCase(seed);
      const { order } = planOrder(manifests, failed);
      const listed = [...manifests.keys()];
      for (const [index, early] of order.entries()) {
        for (const late of order.slice(index + 1)) {
          if (listed.indexOf(early) < listed.indexOf(late)) continue;
          const sooner = listed.slice(0, listed.indexOf(late) + 1);
          assert(sooner.some((name) => closure(name, manifests).has(early)), `seed ${seed}: ${early} before ${late}`);
        }
      }
    }
  });

  it("planOrder() does not depend on the order in which a manifest lists its required dependencies", () => {
    for (const seed of seeds) {
      const { manifests, failed } = createCase(seed);
      const turned = new Map([...manifests].map(([name, manifest]) => {
        const dependencies = new Map([...manifest.dependencies].filter(([, { optional }]) => !optional));
        return [name, { ...manifest, dependencies }];
      }));
      const reversed = new Map([...turned].map(([name, manifest]) => {
        return [name, { ...manifest, dependencies: new Map([...manifest.dependencies].reverse()) }];
      }));
      assertEquals(planOrder(reversed, failed).order, planOrder(turned, failed).order, `seed ${seed}`);
    }
  });
});
