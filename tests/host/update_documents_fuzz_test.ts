/**
 * Documents that decide what is loaded, made at random: whatever they are, they are read or refused, and nothing else.
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  findRevocation,
  parseLock,
  parseRevocations,
  parseSignature,
  PlugmapError,
  serializeLock,
  verifySignature,
} from "../../mod.ts";
import { isPublicKey } from "../support/updates.ts";

const base = "file:///app/plugins.lock.json";
const encoder = new TextEncoder();

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => `ed25519-${bytes.toBase64()}`);
const digest = fc.uint8Array({ minLength: 48, maxLength: 48 }).map((bytes) => `sha384-${bytes.toBase64()}`);
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => bytes.toBase64());
const number = fc.nat({ max: 30 });
const version = fc.tuple(number, number, number, fc.constantFrom("", "-rc.1", "+b", "-0")).map(
  ([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`,
);
const hostile = fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "", "\u202e", "a/~b", "../x");
const name = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), hostile);
const anything = fc.oneof(fc.jsonValue(), hostile, key, digest, version, fc.constant(1), fc.constant([]));
const url = fc.constantFrom("./a/plugin.json", "https://a.example/plugin.json", "file:///a/", "npm:a", "http://[");
const permissions = fc.record(
  { net: fc.constantFrom(true, ["a.example"], ["://"]), read: fc.constantFrom(["./x"], ["/x"], false) },
  { requiredKeys: [] },
);

/** A dictionary as text: an object in code cannot have every name as an own member. */
function table<Value>(keys: fc.Arbitrary<string>, values: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc.dictionary(keys, values, { maxKeys: 4, noNullPrototype: false });
}

const entry = fc.record(
  {
    url: fc.oneof(url, anything),
    version: fc.oneof(version, anything),
    digest: fc.oneof(digest, anything),
    highest: fc.oneof(version, anything),
    permissions: fc.oneof(permissions, anything),
  },
  { requiredKeys: [] },
);
const goodEntry = fc.record({
  url: fc.constantFrom("./a/plugin.json", "file:///b/plugin.json", "../plugin.json"),
  version: fc.constant("0.0.0-0"),
  digest,
  highest: version,
  permissions: fc.record({ net: fc.constantFrom(true, ["b.example", "a.example"]), read: fc.constant(["./x"]) }, {
    requiredKeys: [],
  }),
});
const goodName = fc.constantFrom("a", "b", "@acme/b", "constructor", "10", "9");
const lock = fc.record(
  {
    format: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, anything),
    plugins: fc.oneof(table(name, entry), table(goodName, goodEntry), anything),
    rotations: fc.oneof(table(fc.oneof(key, name), fc.oneof(key, anything)), anything),
    revocations: fc.oneof(table(fc.oneof(key, name), fc.oneof(fc.nat(), anything)), anything),
  },
  { requiredKeys: [] },
);
const signatureFile = fc.record(
  {
    key: fc.oneof(key, anything),
    signature: fc.oneof(signature, anything),
    rotations: fc.oneof(
      fc.array(fc.oneof(fc.record({ from: key, to: key, signature }), anything), { maxLength: 20 }),
      anything,
    ),
  },
  { requiredKeys: [] },
);
const time = fc.oneof(fc.constantFrom("2030-01-01T00:00:00Z", "2030-13-01T00:00:00Z", "2030", ""), anything);
const revocations = fc.record(
  {
    format: fc.oneof(fc.constant(1), anything),
    sequence: fc.oneof(fc.nat(), anything),
    issued: time,
    expires: time,
    revoked: fc.oneof(
      fc.array(
        fc.record(
          {
            name: fc.oneof(name, anything),
            versions: fc.oneof(fc.constantFrom("*", "<1", "^1.2.0 || 3", ">", ""), anything),
            digest: fc.oneof(digest, anything),
            reason: fc.oneof(fc.string(), anything),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 4 },
      ),
      anything,
    ),
  },
  { requiredKeys: [] },
);

/** Texts of documents, some of them cut, some with a byte that differs. */
function textsOf(documents: fc.Arbitrary<unknown>): fc.Arbitrary<Uint8Array> {
  const bytes = documents.map((document) => encoder.encode(JSON.stringify(document)));
  const cut = fc.tuple(bytes, fc.nat()).map(([whole, at]) => whole.subarray(0, at % (whole.length + 1)));
  const changed = fc.tuple(bytes, fc.nat(), fc.nat({ max: 255 })).map(([whole, at, byte]) => {
    const copy = whole.slice();
    copy[at % copy.length] = byte;
    return copy;
  });
  return fc.oneof({ weight: 4, arbitrary: bytes }, cut, changed, fc.uint8Array({ maxLength: 40 }));
}

/** What a parser makes of a text, or undefined where it refuses it as it should. */
function read<Result>(parse: () => Result, codes: readonly string[]): Result | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PlugmapError)) throw error;
    assert(codes.includes(error.code), error.message);
    assert(!/[\u202e\0]/.test(error.message));
    return undefined;
  }
}

/** The seed is kept, so that what was found once is found again. */
const runs = { numRuns: 500, seed: 20_260_417 };

describe("documents made at random", () => {
  it("parseLock() reads or refuses them, and what it reads it writes and reads again", () => {
    let count = 0;
    fc.assert(
      fc.property(textsOf(lock), (bytes) => {
        const text = new TextDecoder().decode(bytes);
        const parsed = read(() => parseLock(text, { base }), ["lock-invalid", "permission-invalid"]);
        if (parsed === undefined) return;
        count++;
        const written = serializeLock(parsed, { base });
        assertEquals(serializeLock(parseLock(written, { base }), { base }), written);
      }),
      { ...runs, examples: [[encoder.encode(`{"format":1,"plugins":{"__proto__":{}}}`)]] },
    );
    assert(count > 0);
  });

  it("parseLock() reads every lock that a host can write", () => {
    const written = fc.record({
      format: fc.constant(1),
      plugins: table(goodName, goodEntry),
      revocations: table(key, fc.nat()),
    });
    fc.assert(
      fc.property(written, (document) => {
        const parsed = parseLock(JSON.stringify(document), { base });
        assertEquals([...parsed.plugins.keys()].sort(), Object.keys(document.plugins).sort());
        assertEquals(parseLock(serializeLock(parsed, { base }), { base }).revocations.size, parsed.revocations.size);
      }),
      runs,
    );
  });

  it("parseSignature() reads or refuses them, and what nobody signed is never verified", async () => {
    await fc.assert(
      fc.asyncProperty(textsOf(signatureFile), async (bytes) => {
        const parsed = read(() => parseSignature(bytes), ["signature-invalid"]);
        if (parsed === undefined) return;
        assert(isPublicKey(parsed.key) && parsed.signature.length === 64);
        const error = await verifySignature(bytes, parsed, { keys: [parsed.key] }).catch((error: unknown) => error);
        assert(error instanceof PlugmapError && error.code === "signature-invalid");
      }),
      runs,
    );
  });

  it("parseRevocations() reads or refuses them, and what it reads can be looked up in", () => {
    fc.assert(
      fc.property(textsOf(revocations), name, version, digest, (bytes, name, version, digest) => {
        const parsed = read(() => parseRevocations(bytes), ["revocation-invalid"]);
        if (parsed === undefined) return;
        const found = findRevocation(parsed, { name, version, digest });
        assert(found === undefined || found.name === name || found.digest === digest);
      }),
      runs,
    );
  });
});
