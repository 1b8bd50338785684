import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import schema from "../../schema/lock.schema.json" with { type: "json" };
import { compareLock, parseLock, parsePermissions, permissionNames, PlugmapError, serializeLock } from "../../mod.ts";
import type { FoundPlugin, LockEntry } from "../../mod.ts";
import { mergeLock } from "../../src/host/lock/merge.ts";
import { lockEntryMembers, lockMembers } from "../../src/host/lock/parse.ts";
import { isValid } from "../manifest/json_schema.ts";

const base = "file:///app/plugins.lock.json";
const [digest, otherDigest] = [`sha384-${"A".repeat(64)}`, `sha384-${"B".repeat(64)}`];
const [key, otherKey] = [`ed25519-${"A".repeat(43)}=`, `ed25519-${"B".repeat(42)}A=`];

const entry = { url: "./a/plugin.json", version: "1.0.0", digest, highest: "1.0.0" };

/** A lock as a document. */
function documentOf(plugin: object = {}, members: object = {}): Record<string, unknown> {
  return { format: 1, plugins: { a: { ...entry, ...plugin } }, ...members };
}

function parse(document: unknown): ReturnType<typeof parseLock> {
  return parseLock(typeof document === "string" ? document : JSON.stringify(document), { base });
}

function found(overrides: Partial<FoundPlugin> = {}): FoundPlugin {
  return {
    url: "file:///app/a/plugin.json",
    version: "1.0.0",
    digest,
    permissions: parsePermissions({}, ""),
    ...overrides,
  };
}

describe("parseLock()", () => {
  const accepted: readonly unknown[] = [
    { format: 1, plugins: {} },
    documentOf(),
    documentOf({ permissions: { net: ["example.com"], env: true, read: ["./data"] } }),
    documentOf({ version: "1.0.0-rc.1", highest: "2.0.0+b.1" }),
    documentOf({ url: "https://a.example/plugin.json?v=1", signer: key }),
    documentOf({}, { rotations: { [key]: otherKey }, revocations: { [key]: 0 } }),
    { format: 1, plugins: { "@acme/b": entry, "a.b-c_d": entry } },
  ];
  it("reads what it should, and so does the schema", () => {
    for (const document of accepted) {
      parse(document);
      assert(isValid(schema, document), JSON.stringify(document));
    }
    const { plugins } = parse(documentOf({ permissions: { net: ["A.example"] } }));
    assertEquals(plugins.get("a")?.url, "file:///app/a/plugin.json");
    assertEquals(plugins.get("a")?.permissions.net, ["a.example"]);
  });

  it("refuses the rest with the place, and so does the schema", () => {
    const refused: readonly (readonly [unknown, string, string?])[] = [
      [[], ""],
      [{ plugins: {} }, "/format"],
      [{ format: 1 }, "/plugins"],
      [{ format: 2, plugins: {} }, "/format"],
      [documentOf({}, { signed: true }), "/signed"],
      [documentOf({ approvedBy: "me" }), "/plugins/a/approvedBy"],
      [documentOf({ version: undefined }), "/plugins/a/version"],
      [documentOf({ version: "1" }), "/plugins/a/version"],
      [documentOf({ highest: "v1.0.0" }), "/plugins/a/highest"],
      [documentOf({ digest: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }), "/plugins/a/digest"],
      [documentOf({ digest: `${digest} ${otherDigest}` }), "/plugins/a/digest"],
      [documentOf({ url: "" }), "/plugins/a/url"],
      [documentOf({ signer: "me" }), "/plugins/a/signer"],
      [documentOf({ permissions: { run: true, nets: [] } }), "/plugins/a/permissions/nets", "permission-invalid"],
      [{ format: 1, plugins: { A: entry } }, "/plugins/A"],
      [documentOf({}, { rotations: { [key]: "x" } }), `/rotations/${key.replaceAll("/", "~1")}`],
      [documentOf({}, { rotations: { x: key } }), "/rotations/x"],
      [
        documentOf({}, { rotations: { [`ed25519-    ${"A".repeat(40)}`]: key } }),
        `/rotations/ed25519-    ${"A".repeat(40)}`,
      ],
      [documentOf({}, { revocations: { [key]: 1.5 } }), `/revocations/${key}`],
      [documentOf({}, { revocations: { [key]: -1 } }), `/revocations/${key}`],
    ];
    for (const [document, pointer, code = "lock-invalid"] of refused) {
      const error = assertThrows(() => parse(document), PlugmapError);
      assertEquals([error.code, error.pointer], [code, pointer]);
      assert(!isValid(schema, JSON.parse(JSON.stringify(document))), JSON.stringify(document));
    }
  });

  it("tells what a version looks like", () => {
    const { mend } = assertThrows(() => parse(documentOf({ version: "1" })), PlugmapError);
    assertEquals(mend, 'Write one such as "1.2.3".');
  });

  it("refuses what a schema cannot tell", () => {
    const refused: readonly (readonly [unknown, string])[] = [
      [documentOf({ version: "2.0.0" }), "/plugins/a/highest"],
      [documentOf({ url: "npm:a" }), "/plugins/a/url"],
      [documentOf({ url: "https://a.example/plugin.json", permissions: { read: ["./x"] } }), "/plugins/a/permissions"],
      [documentOf({}, { rotations: { [key]: otherKey, [otherKey]: key } }), `/rotations/${key}`],
      [`{ "format": 1, "plugins": {}, "plugins": {} }`, "/plugins"],
      [`{ "format": 1, "plugins": { "__proto__": {} } }`, "/plugins/__proto__"],
    ];
    for (const [document, pointer] of refused) {
      const error = assertThrows(() => parse(document), PlugmapError);
      assertEquals([error.code, error.pointer], ["lock-invalid", pointer]);
    }
  });

  it("takes names of Object.prototype for ordinary ones", () => {
    const document = `{ "format": 1, "plugins": { "constructor": ${JSON.stringify(entry)} } }`;
    assertEquals(parse(document).plugins.get("constructor")?.version, "1.0.0");
    assertEquals(parse({ format: 1, plugins: {} }).plugins.get("constructor"), undefined);
  });
});

describe("lock.schema.json", () => {
  it("knows the members that the parser knows", () => {
    const { properties, $defs } = schema;
    assertEquals(Object.keys(properties).sort(), [...lockMembers].sort());
    assertEquals(Object.keys($defs.plugin.properties).sort(), [...lockEntryMembers].sort());
    assertEquals(Object.keys($defs.plugin.properties.permissions.properties).sort(), [...permissionNames].sort());
  });
});

describe("serializeLock()", () => {
  it("writes one text for one lock, whatever order it was made in", () => {
    const permissions = { net: ["b.example", "a.example", "a.example"], env: true, ffi: [] };
    const one = { format: 1, plugins: { b: entry, a: { ...entry, permissions } }, rotations: { [key]: otherKey } };
    const text = serializeLock(parse(one), { base });
    assertEquals(
      text,
      `{
  "format": 1,
  "plugins": {
    "a": {
      "digest": "${digest}",
      "highest": "1.0.0",
      "permissions": {
        "env": true,
        "net": [
          "a.example",
          "b.example"
        ]
      },
      "url": "./a/plugin.json",
      "version": "1.0.0"
    },
    "b": {
      "digest": "${digest}",
      "highest": "1.0.0",
      "permissions": {},
      "url": "./a/plugin.json",
      "version": "1.0.0"
    }
  },
  "rotations": {
    "${key}": "${otherKey}"
  }
}
`,
    );
    assertEquals(serializeLock(parse(text), { base }), text);
  });

  it("tells local plugins from where the lock is, and others by URL", () => {
    const urls = {
      "file:///app/plugins/a/plugin.json": "./plugins/a/plugin.json",
      "file:///shared/a/plugin.json": "../shared/a/plugin.json",
      "file:///app/100%25%20%23/plugin.json": "./100%25%20%23/plugin.json",
      "https://a.example/plugin.json": "https://a.example/plugin.json",
    };
    for (const [url, address] of Object.entries(urls)) {
      const lock = parse(documentOf({ url }));
      assertEquals(lock.plugins.get("a")?.url, url);
      assertEquals(JSON.parse(serializeLock(lock, { base })).plugins.a.url, address);
    }
    const drive = "file:///D:/a/plugin.json";
    const text = serializeLock(parse(documentOf({ url: drive })), { base: "file:///C:/app/plugins.lock.json" });
    assertEquals(JSON.parse(text).plugins.a.url, drive);
  });
});

describe("compareLock()", () => {
  const locked: LockEntry = { ...found(), highest: "2.0.0" };

  it("lets pass what is approved, whatever else was seen", () => {
    const { recorded, change, entry } = compareLock("a", locked, found());
    assertEquals([recorded, change, entry.highest], [true, undefined, "2.0.0"]);
  });

  it("goes by what was approved, also where the bytes are the same", () => {
    const permissions = parsePermissions({ env: ["HOME"] }, "");
    const { recorded, change } = compareLock("a", locked, found({ permissions }));
    assertEquals([recorded, change?.kind], [false, "widened"]);
  });

  it("has a place that moved recorded", () => {
    const { recorded, change } = compareLock("a", locked, found({ url: "https://a.example/plugin.json" }));
    assertEquals([recorded, change], [false, undefined]);
  });

  it("orders versions as semver does", () => {
    const kindOf = (highest: string, version: string): unknown =>
      compareLock("a", { ...locked, version: "0.0.1", highest }, found({ version, digest: otherDigest })).change?.kind;
    assertEquals(kindOf("1.9.0", "1.10.0"), undefined);
    assertEquals(kindOf("1.10.0", "1.9.0"), "downgrade");
    assertEquals(kindOf("1.0.0-rc.2", "1.0.0-rc.10"), undefined);
    assertEquals(kindOf("1.0.0", "1.0.0-rc.10"), "downgrade");
    assertEquals(kindOf("1.0.0+a", "1.0.0+b"), "changed");
  });

  it("refuses what is no version", () => {
    assertThrows(() => compareLock("a", locked, found({ version: "one" })), PlugmapError, "option-invalid");
  });
});

describe("mergeLock()", () => {
  it("never goes back: not in versions, not in lists, not in keys", () => {
    const before = parse(
      documentOf({ highest: "3.0.0" }, { rotations: { [key]: otherKey }, revocations: { [key]: 9 } }),
    );
    const after = parse(documentOf({ highest: "2.0.0" }, { revocations: { [key]: 8 } }));
    const merged = mergeLock(before, { ...after, rotations: new Map([[key, "ed25519-other"]]) });
    assertEquals(merged.plugins.get("a")?.highest, "3.0.0");
    assertEquals([merged.revocations.get(key), merged.rotations.get(key)], [9, otherKey]);
  });
});
