import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import schema from "../../schema/policy.schema.json" with { type: "json" };
import { PlugmapError } from "../../src/errors.ts";
import { permissionNames } from "../../src/permissions/descriptors.ts";
import { grantFor, missingPermissions, parsePermissions, parsePolicy } from "../../src/permissions/mod.ts";
import { grantMembers, policyMembers } from "../../src/permissions/policy.ts";
import { isValid } from "../manifest/json_schema.ts";

const base = "file:///app/";

const publicKey = `ed25519-${"A".repeat(43)}=`;

function refusal(value: unknown): PlugmapError {
  return assertThrows(() => parsePolicy(value, { base }), PlugmapError);
}

function placeOf(value: unknown): [string, string?] {
  const { code, pointer } = refusal(value);
  return [code, pointer];
}

describe("parsePolicy()", () => {
  it("reads text and objects alike, with paths from the policy's folder", () => {
    const object = {
      $schema: "./policy.schema.json",
      plugins: {
        weather: { tier: "isolated", permissions: { read: ["./data"], net: ["API.example.com"] } },
        "@acme/units": {},
      },
      redirects: ["https://cdn.example", "http://localhost:8000"],
    };
    for (const value of [object, JSON.stringify(object)]) {
      const policy = parsePolicy(value, { base });
      const grant = grantFor(policy, "weather");
      assertEquals(grant.tier, "isolated");
      assertEquals([grant.permissions.read, grant.permissions.net], [["/app/data"], ["api.example.com"]]);
      assertEquals([...policy.redirects], ["https://cdn.example", "http://localhost:8000"]);
      assert(Object.isFrozen(policy) && Object.isFrozen(grant) && Object.isFrozen(grant.permissions.read));
    }
  });

  it("grants nothing, in the host's process, where it says nothing", () => {
    for (const value of [{}, { plugins: {} }, { plugins: { weather: {} } }]) {
      const grant = grantFor(parsePolicy(value, { base }), "weather");
      assertEquals(grant.tier, "trusted");
      assertEquals(Object.values(grant.permissions).flat(), []);
    }
  });

  it("takes from the default what an entry lacks, member by member", () => {
    const policy = parsePolicy({
      default: { tier: "isolated", permissions: { env: ["LANG"] } },
      plugins: {
        own: { permissions: { net: ["example.com"] } },
        trusted: { tier: "trusted" },
      },
    }, { base });
    const signed = parsePolicy({
      default: { signers: [publicKey] },
      plugins: { own: { tier: "isolated" }, free: { signers: false } },
    }, { base });
    assertEquals(["own", "free", "other"].map((name) => grantFor(signed, name).signers.length), [1, 0, 1]);
    const [own, trusted, other] = ["own", "trusted", "other"].map((name) => grantFor(policy, name));
    assertEquals([own!.tier, own!.permissions.net, own!.permissions.env], ["isolated", ["example.com"], []]);
    assertEquals([trusted!.tier, trusted!.permissions.env], ["trusted", ["LANG"]]);
    assertEquals(other, policy.default);
  });

  it("grants with true everything but what is full access", () => {
    const { permissions } = grantFor(parsePolicy({ plugins: { weather: { permissions: true } } }, { base }), "weather");
    const asked = parsePermissions({ read: true, write: true, net: true, env: true, sys: true, import: true }, "");
    assertEquals(missingPermissions(asked, permissions), []);
    const full = parsePermissions({ run: ["git"], ffi: ["/lib.so"] }, "");
    assertEquals(missingPermissions(full, permissions).map(({ permission }) => permission), ["run", "ffi"]);
    for (const name of ["run", "ffi"]) {
      assertEquals(placeOf({ default: { permissions: { [name]: true } } }), [
        "permission-invalid",
        `/default/permissions/${name}`,
      ]);
    }
  });

  it("takes names of plugins as data", () => {
    const text = `{"plugins":{"__proto__":{"permissions":{"env":["A"]}},"constructor":{"permissions":{"env":["B"]}}}}`;
    const policy = parsePolicy(text, { base });
    assertEquals(grantFor(policy, "__proto__").permissions.env, ["A"]);
    assertEquals(grantFor(policy, "constructor").permissions.env, ["B"]);
    assertEquals(grantFor(policy, "toString").permissions.env, []);
  });

  it("refuses what it does not know", () => {
    const unknown: [unknown, string][] = [
      [{ requires: "enforced" }, "/requires"],
      [{ plugin: {} }, "/plugin"],
      [{ plugins: { weather: { permission: {} } } }, "/plugins/weather/permission"],
      [{ default: { env: ["A"] } }, "/default/env"],
      [JSON.parse(`{"__proto__":{}}`), "/__proto__"],
    ];
    for (const [value, pointer] of unknown) assertEquals(placeOf(value), ["policy-invalid", pointer]);
    assertEquals(placeOf({ plugins: { weather: { permissions: { nets: true } } } }), [
      "permission-invalid",
      "/plugins/weather/permissions/nets",
    ]);
    assertEquals(refusal({ plugin: {} }).mend, `Did you mean "plugins"?`);
  });

  it("refuses values of the wrong kind", () => {
    const wrong: [unknown, string][] = [
      [null, ""],
      [[], ""],
      [42, ""],
      [new Map(), ""],
      [{ $schema: 1 }, "/$schema"],
      [{ plugins: null }, "/plugins"],
      [{ plugins: [] }, "/plugins"],
      [{ plugins: { weather: true } }, "/plugins/weather"],
      [{ default: null }, "/default"],
      [{ plugins: { weather: { tier: "sandboxed" } } }, "/plugins/weather/tier"],
      [{ plugins: { weather: { tier: null } } }, "/plugins/weather/tier"],
      [{ default: { signers: true } }, "/default/signers"],
      [{ default: { signers: [] } }, "/default/signers"],
      [{ default: { signers: publicKey } }, "/default/signers"],
      [{ default: { signers: [publicKey, "ed25519-AAAA"] } }, "/default/signers/1"],
      [{ default: { signers: [, publicKey] } }, "/default/signers/0"],
      [{ redirects: "https://cdn.example" }, "/redirects"],
      [{ redirects: [1] }, "/redirects/0"],
    ];
    for (const [value, pointer] of wrong) assertEquals(placeOf(value), ["policy-invalid", pointer]);
    for (const permissions of [null, "all", [], false]) {
      assertEquals(placeOf({ default: { permissions } }), ["permission-invalid", "/default/permissions"]);
    }
  });

  it("refuses text that is not strict JSON", () => {
    for (const text of ["", "{", "{} // x", "\ufeff{}", "[]"]) assertEquals(refusal(text).code, "policy-invalid", text);
    assertEquals(placeOf(`{"plugins":{"a":{},"b":{},"a":{"permissions":true}}}`), ["policy-invalid", "/plugins/a"]);
  });

  it("can demand that permissions are enforced, and nothing else", () => {
    assertEquals(parsePolicy({ require: "enforced" }, { base }).require, "enforced");
    assertEquals(parsePolicy({}, { base }).require, undefined);
    for (const demand of ["approximate", true, null, ["enforced"]]) {
      const error = refusal({ require: demand });
      assertEquals([error.code, error.pointer], ["policy-invalid", "/require"]);
    }
  });

  it("refuses redirects that are no origins", () => {
    const texts = [
      "cdn.example",
      "https://cdn.example/",
      "https://cdn.example/x",
      "HTTPS://cdn.example",
      "https://cdn.example:443",
    ];
    for (const text of [...texts, "https://u@cdn.example", "file:///", "data:x", "*", "https://*", "null"]) {
      const error = refusal({ redirects: ["https://ok.example", text] });
      assertEquals([error.code, error.pointer], ["policy-invalid", "/redirects/1"], text);
    }
    assertEquals(refusal({ redirects: ["https://cdn.example/x"] }).mend, `Write one such as "https://cdn.example".`);
  });

  it("refuses a relative path without a folder, and a base that is no URL", () => {
    const value = { default: { permissions: { read: ["./data"] } } };
    const error = assertThrows(() => parsePolicy(value, { base: "https://app.example/" }), PlugmapError);
    assertEquals([error.code, error.pointer], ["permission-invalid", "/default/permissions/read/0"]);
    assertEquals(assertThrows(() => parsePolicy(value, { base: "/app" }), PlugmapError).code, "option-invalid");
  });
});

describe("policy.schema.json", () => {
  it("knows the members that the parser knows", () => {
    const names = (properties: object): string[] => Object.keys(properties).sort();
    assertEquals(names(schema.properties), [...policyMembers].sort());
    assertEquals(names(schema.$defs.grant.properties), [...grantMembers].sort());
    assertEquals(names(schema.$defs.permissions.properties), [...permissionNames].sort());
  });

  it("takes and refuses what the parser does", () => {
    const accepted = [
      {},
      { $schema: "x", plugins: {}, default: {}, redirects: [], require: "enforced" },
      { plugins: { "a/b": { tier: "isolated", permissions: true } }, redirects: ["https://cdn.example:8443"] },
      { default: { tier: "trusted", permissions: { read: ["/a"], run: ["git"], ffi: false, sys: ["uid"] } } },
      { default: { signers: [publicKey] }, plugins: { a: { signers: false } } },
    ];
    const refused = [
      { require: {} },
      { default: { tier: "none" } },
      { default: { permissions: false } },
      { default: { permissions: { run: true } } },
      { default: { permissions: { env: ["*A"] } } },
      { plugins: { a: true } },
      { default: { signers: true } },
      { default: { signers: [] } },
      { default: { signers: [publicKey.slice(0, -2) + "B="] } },
      { redirects: ["https://cdn.example/"] },
      { redirects: ["ftp://cdn.example"] },
    ];
    for (const value of accepted) {
      parsePolicy(value, { base });
      assert(isValid(schema, value), JSON.stringify(value));
    }
    for (const value of refused) {
      refusal(value);
      assert(!isValid(schema, value), JSON.stringify(value));
    }
  });
});
