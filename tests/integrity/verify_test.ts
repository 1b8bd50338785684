import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import {
  checkIntegrity,
  computeIntegrity,
  type IntegrityAlgorithm,
  parseIntegrity,
  verifyIntegrity,
} from "../../src/integrity/mod.ts";
import { hashes, text } from "./hashes.ts";

const bytes = new TextEncoder().encode(text);
const changed = new TextEncoder().encode(text.toUpperCase());
const { sha256, sha384, sha512 } = hashes;

describe("computeIntegrity()", () => {
  it("computes the hash of each algorithm, by default sha384", () => {
    assertEquals(computeIntegrity(bytes), sha384);
    assertEquals(computeIntegrity(bytes, "sha256"), sha256);
    assertEquals(computeIntegrity(bytes, "sha512"), sha512);
  });

  it("hashes the bytes of a view, not of the buffer below it", () => {
    const buffer = new Uint8Array([0, ...bytes, 0]);
    assertEquals(computeIntegrity(buffer.subarray(1, -1)), sha384);
  });

  it("refuses algorithms that integrity metadata cannot name", () => {
    const error = assertThrows(() => computeIntegrity(bytes, "md5" as IntegrityAlgorithm), PlugmapError);
    assertEquals(error.code, "integrity-invalid");
    assertEquals(error.problem, `Algorithm "md5" cannot be used for integrity`);
  });
});

describe("checkIntegrity()", () => {
  it("tells bytes that have the pinned hash from others", () => {
    for (const hash of Object.values(hashes)) {
      assertEquals(checkIntegrity(bytes, hash), true);
      assertEquals(checkIntegrity(changed, hash), false);
    }
  });

  it("takes metadata that is parsed already", () => {
    const metadata = parseIntegrity(sha256);
    assertEquals(checkIntegrity(bytes, metadata), true);
    assertEquals(checkIntegrity(changed, metadata), false);
  });

  it("accepts any one of several hashes of the strongest algorithm, and no weaker one", () => {
    const other = computeIntegrity(changed);
    assertEquals(checkIntegrity(bytes, `${other} ${sha384}`), true);
    assertEquals(checkIntegrity(bytes, `${sha256} ${other}`), false);
  });

  it("refuses to judge by metadata of no use", () => {
    for (const metadata of ["", "md5-sZRqySSS0jR8YjW00mERhA==", "sha256-", sha256.slice(0, -1)]) {
      assertEquals(assertThrows(() => checkIntegrity(bytes, metadata), PlugmapError).code, "integrity-invalid");
    }
  });
});

describe("verifyIntegrity()", () => {
  it("accepts bytes that have the pinned hash", () => {
    verifyIntegrity(bytes, sha384, "./units.ts");
    verifyIntegrity(bytes, parseIntegrity(`${computeIntegrity(changed)} ${sha384}`), "./units.ts");
  });

  it("refuses other bytes, with both hashes", () => {
    const error = assertThrows(() => verifyIntegrity(changed, sha384, "./units.ts"), PlugmapError);
    assertEquals(error.code, "integrity-mismatch");
    assertEquals(error.problem, `"./units.ts" has ${computeIntegrity(changed)} where ${sha384} is pinned`);
  });

  it("shows one hash of many, and how many more there are", () => {
    const pins = `${sha256} ${computeIntegrity(new Uint8Array(), "sha256")} ${computeIntegrity(bytes, "sha256")}`;
    const error = assertThrows(() => verifyIntegrity(changed, pins, "./units.ts"), PlugmapError);
    assertEquals(
      error.problem,
      `"./units.ts" has ${computeIntegrity(changed, "sha256")} where ${sha256} (or one of 2 more) is pinned`,
    );
  });

  it("names what has metadata of no use", () => {
    const error = assertThrows(() => verifyIntegrity(bytes, "", "./units.ts"), PlugmapError);
    assertEquals(error.code, "integrity-invalid");
    assertEquals(error.problem, `Integrity metadata "" of "./units.ts" is empty`);
  });
});
