import { describe, it } from "node:test";
import { assertEquals, assertNotMatch } from "@std/assert";
import { failureOf } from "../support/host.ts";

// T23: an error that a plugin has made to look like one whose text was checked: one of ours, or one of the runtime's.

/** Clears the screen, and turns around what follows. */
const text = String.raw`"\u001b[2J\u202egood"`;
const message = `"PlugmapError: [integrity-mismatch] " + ${text}`;
const place = `{ file: import.meta.url, line: ${text}, column: ${text} }`;

const forgeries: Readonly<Record<string, string>> = {
  "has the members of one of ours":
    `Object.assign(new Error("x"), { name: "PlugmapError", code: "integrity-mismatch", problem: ${text}, mend: ${text} })`,
  "has the name of one of ours": `Object.assign(new Error(${message}), { name: "PlugmapError" })`,
  "has the message of one of ours": `new TypeError(${message})`,
  "is no error and has all that one of ours has":
    `{ name: "PlugmapError", code: ${text}, problem: ${text}, message: ${message}, toString: () => ${text} }`,
  "is like an error of Bun's parser": `{ name: "BuildMessage", message: ${text}, position: ${place} }`,
  "is like several errors of Bun's parser":
    `new AggregateError([{ name: "BuildMessage", message: ${text}, position: ${place} }], ${text})`,
  "is like an error of V8's parser": `new SyntaxError(${text} + " at plugmap:1:" + ${text} + ":1:1")`,
  "is like a missing export":
    `new SyntaxError("The requested module '" + ${text} + "' does not provide an export at " + import.meta.url + ":1:1")`,
  "is like an error of JavaScriptCore's":
    `Object.assign(new SyntaxError(${text}), { sourceURL: "plugmap:1:" + ${text} })`,
  "has getters that throw": `{ get name() { throw ${text}; }, get message() { throw ${text}; } }`,
  "is a proxy": `new Proxy(new Error("x"), { get() { throw ${text}; } })`,
};

describe("T23, forged errors", () => {
  for (const [what, forgery] of Object.entries(forgeries)) {
    it(`an error that ${what} is the plugin's own, and shows what is hidden in it`, async () => {
      const attempts = {
        "module-invalid": `throw ${forgery};\nexport default {};`,
        "setup-failed": `export default { setup() { throw ${forgery}; } };`,
      };
      for (const [expected, source] of Object.entries(attempts)) {
        const { code, message } = await failureOf({ "mod.js": source });
        // deno-lint-ignore no-control-regex
        assertNotMatch(message, /[\u0000-\u001f\u202e]/);
        assertEquals(code, expected);
      }
    });
  }
});
