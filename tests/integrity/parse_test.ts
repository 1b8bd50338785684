import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { parseIntegrity } from "../../src/integrity/mod.ts";
import { hashes } from "./hashes.ts";

function hashesIn(metadata: string): string[] {
  return parseIntegrity(metadata).map(({ algorithm, digest }) => `${algorithm}-${digest.toBase64()}`);
}

function refusal(metadata: string, what?: string): PlugmapError {
  return assertThrows(() => parseIntegrity(metadata, what), PlugmapError);
}

const { sha256, sha384, sha512 } = hashes;

describe("parseIntegrity()", () => {
  for (const [algorithm, hash] of Object.entries(hashes)) {
    it(`reads a ${algorithm} hash`, () => assertEquals(hashesIn(hash), [hash]));
  }

  it("keeps the hashes of the strongest algorithm alone, whatever the order", () => {
    assertEquals(hashesIn(`${sha256} ${sha512} ${sha384}`), [sha512]);
    assertEquals(hashesIn(`${sha384} ${sha256}`), [sha384]);
  });

  it("keeps every hash of that algorithm", () => {
    const other = `sha256-${"A".repeat(43)}=`;
    assertEquals(hashesIn(`${sha256} ${other}`), [sha256, other]);
  });

  it("reads the algorithm in any case, and hashes parted by any ASCII whitespace", () => {
    assertEquals(hashesIn(sha256.replace("sha", "SHA")), [sha256]);
    assertEquals(hashesIn(`\t${sha256}\r\n\f${sha384}\n`), [sha384]);
  });

  it("ignores options, unknown algorithms and malformed hashes beside a usable one", () => {
    assertEquals(hashesIn(`${sha256}?${sha512}`), [sha256]);
    assertEquals(hashesIn(`blake3-${"A".repeat(43)}= ${sha256} text`), [sha256]);
    assertEquals(hashesIn(`sha256-% ${sha256}`), [sha256]);
    assertEquals(hashesIn(`sha256-% ${sha384}`), [sha384]);
  });

  for (
    const [what, metadata, flaw] of [
      ["empty text", "", "is empty"],
      ["whitespace", " \n\t", "is empty"],
      ["an unknown algorithm", "md5-sZRqySSS0jR8YjW00mERhA==", "names no known algorithm"],
      ["an inherited name for an algorithm", `constructor-${"A".repeat(43)}=`, "names no known algorithm"],
      ["a look-alike of an algorithm", sha256.replace("s", "\u0455"), "names no known algorithm"],
      ["a hash behind a no-break space", `\u00a0${sha256}`, "names no known algorithm"],
      ["a digest without algorithm", sha256.slice("sha256-".length), "names no known algorithm"],
      ["a hash in quotes", `"${sha256}"`, "names no known algorithm"],
      ["options alone", `?${sha256}`, "names no known algorithm"],
      ["an algorithm alone", "sha256", "has no well-formed sha256 digest"],
      ["an empty digest", "sha256-", "has no well-formed sha256 digest"],
      ["what is not base64", "sha256-%", "has no well-formed sha256 digest"],
      ["a hex digest", `sha256-${"0a".repeat(32)}`, "has no well-formed sha256 digest"],
      ["base64url", sha256.replaceAll("/", "_"), "has no well-formed sha256 digest"],
      ["a digest without its padding", sha256.slice(0, -1), "has no well-formed sha256 digest"],
      ["a digest with too much padding", `${sha256}=`, "has no well-formed sha256 digest"],
      ["unused bits that are not zero", sha256.replace("vgM=", "vgN="), "has no well-formed sha256 digest"],
      ["a truncated digest", sha256.slice(0, -4), "has no well-formed sha256 digest"],
      ["the digest of a weaker algorithm", sha256.replace("sha256", "sha512"), "has no well-formed sha512 digest"],
      ["text after the digest", `${sha384},${sha384}`, "has no well-formed sha384 digest"],
      ["a malformed hash above a usable weaker one", `sha512-% ${sha256}`, "has no well-formed sha512 digest"],
    ] as const
  ) {
    it(`refuses ${what}`, () => {
      const error = refusal(metadata);
      assertEquals(error.code, "integrity-invalid");
      assertStringIncludes(error.problem, flaw);
      assert(error.mend !== undefined);
    });
  }

  it("names the metadata, what it is for, and the form it should have", () => {
    const error = refusal("sha384-foobar", "./units.ts");
    assertEquals(
      error.message,
      `[integrity-invalid] Integrity metadata "sha384-foobar" of "./units.ts" has no well-formed sha384 digest. ` +
        `Write it as "sha384-" and the 64 characters of the digest in padded standard base64.`,
    );
  });
});
