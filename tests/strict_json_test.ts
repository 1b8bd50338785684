import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../src/errors.ts";
import { decodeUtf8, parseStrictJson } from "../src/strict_json.ts";

const document = { code: "manifest-invalid", name: "The manifest" } as const;

function parse(text: string): unknown {
  return parseStrictJson(text, document);
}

function refusal(text: string): PlugmapError {
  return assertThrows(() => parse(text), PlugmapError);
}

describe("parseStrictJson()", () => {
  it("reads what JSON.parse reads", () => {
    const texts = [
      "null",
      "-1.5e3",
      `"a \\"quoted\\" : { word } \\\\"`,
      "[]",
      `[1,{"a":[]},"b",[{"a":{}}]]`,
      `{"a":{"a":{"a":1}},"b":{"a":2}}`,
      `{ "a:b": ":", "c": "}{][", "d": "\\u0022:\\\\" }`,
      ` {\n"x" : [ { "y" : 1 } , { "y" : 2 } ] }\t`,
    ];
    for (const text of texts) assertEquals(parse(text), JSON.parse(text), text);
  });

  it("refuses a member given twice, at any depth, and says where", () => {
    const places: [string, string][] = [
      [`{"a":1,"a":1}`, "/a"],
      [`{"a":{"b":[0,{"c":1,"d":2,"c":3}]}}`, "/a/b/1/c"],
      [`[[],[{"x":[1,2]},{"x":1,"x":1}]]`, "/1/1/x"],
      [`{"/~":1,"b":{},"/~":2}`, "/~1~0"],
      [`{"__proto__":1,"__proto__":2}`, "/__proto__"],
      [`{"":1,"":2}`, "/"],
      [`{"x":1,"z":"\\\\","y":"\\":\\"","x":2}`, "/x"],
      [`{"a":[{"b":1},{"b":1}],"c":{"b":1,"d":[1,2,3],"b":2}}`, "/c/b"],
    ];
    for (const [text, pointer] of places) {
      const error = refusal(text);
      assertEquals([error.code, error.pointer], ["manifest-invalid", pointer], text);
      assertStringIncludes(error.problem, "twice");
    }
  });

  it("refuses an escape in a name, which V8 can take for another name", () => {
    // nodejs/node#63785: this parse makes V8 read the second name below as a backslash.
    JSON.parse(String.raw`{"x":1,"\\":1}`);
    for (const name of ["\\u0061", "\\\\", `\\"`, "a\\/b", "\\n"]) {
      const error = refusal(`{"x":1,"${name}":"\\\\"}`);
      assertEquals([error.code, error.problem.includes("has an escape in the name")], ["manifest-invalid", true], name);
    }
    assertEquals(parse(`{"x":"\\\\","y":["\\u0061",{"z":"\\""}]}`), { x: "\\", y: ["a", { z: `"` }] });
  });

  it("keeps __proto__ and constructor as members", () => {
    const value = parse(`{"__proto__":{"polluted":true},"constructor":1}`) as object;
    assertEquals(Object.keys(value), ["__proto__", "constructor"]);
    assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
    assertStrictEquals(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("is not misled by an inherited enumerable property", () => {
    Object.defineProperty(Object.prototype, "inherited", { value: 1, enumerable: true, configurable: true });
    try {
      assertEquals(Object.keys(parse(`{"a":1}`) as object), ["a"]);
    } finally {
      delete (Object.prototype as { inherited?: number }).inherited;
    }
  });

  it("refuses what is not JSON", () => {
    for (const text of ["", "{", "{a:1}", `{"a":1,}`, `// x\n{}`, `"a`, `"\\`, "]", "NaN", `{"a" 1}`, "[1 2]"]) {
      const error = refusal(text);
      assertEquals(error.code, "manifest-invalid", text);
      assertStringIncludes(error.problem, "The manifest is not JSON: ");
    }
  });

  it("refuses a byte order mark", () => {
    assertStringIncludes(refusal("\ufeff{}").problem, "byte order mark");
  });

  it("refuses deep nesting before parsing it", () => {
    parse("[".repeat(32) + "]".repeat(32));
    assertStringIncludes(refusal("[".repeat(33) + "]".repeat(33)).problem, "deeper than 32 levels");
    assertStringIncludes(refusal(`{"a":`.repeat(1_000_000)).problem, "deeper than 32 levels");
  });

  it("agrees with a naive reader on random documents", () => {
    const next = randomNumbers(7);
    const pick = <T>(of: readonly T[]): T => of[next() % of.length]!;
    const names = ["a", "b", "é", "", ":", "{", "__proto__"];
    let duplicated = false;
    const write = (depth: number): string => {
      const kind = depth > 3 ? 0 : next() % 3;
      if (kind === 0) return pick(["1", "true", `"x"`, `"\\\\"`, `"\\""`, `":,{}[]"`]);
      const values = Array.from({ length: next() % 4 }, () => write(depth + 1));
      if (kind === 1) return `[${values.join(" , ")}]`;
      const keys = values.map(() => pick(names));
      if (new Set(keys).size < keys.length) duplicated = true;
      return `{${values.map((value, index) => `"${keys[index]}" : ${value}`).join(",")}}`;
    };
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      duplicated = false;
      const text = write(0);
      if (duplicated) {
        assertStringIncludes(refusal(text).problem, "twice", text);
        refused++;
      } else {
        assertEquals(parse(text), JSON.parse(text), text);
      }
    }
    assertEquals(refused > 100 && refused < 1900, true);
  });
});

describe("decodeUtf8()", () => {
  it("refuses bytes that are not UTF-8", () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const error = assertThrows(() => decodeUtf8(Uint8Array.from(bytes), document), PlugmapError);
      assertEquals([error.code, error.problem], ["manifest-invalid", "The manifest is not UTF-8"]);
    }
  });

  it("keeps a byte order mark, for the parser to refuse", () => {
    assertEquals(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d), document), "\ufeff{}");
  });
});

/** A small linear congruential generator, so that every run is the same. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state >> 8;
  };
}
