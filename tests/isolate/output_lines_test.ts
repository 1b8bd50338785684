import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { readLines } from "../../src/isolate/output_lines.ts";
import type { OutputLine } from "../../src/isolate/output_lines.ts";
import type { TextReceiver } from "../../src/runtime/types.ts";

function reading(lines = 100): { print: TextReceiver; received: OutputLine[] } {
  const received: OutputLine[] = [];
  return { print: readLines("sample", lines, (line) => received.push(line)), received };
}

describe("readLines", () => {
  it("receives a line when it is complete, of each stream by itself", () => {
    const { print, received } = reading();
    print("to ", "stdout");
    print("not ", "stderr");
    print("be\nor ", "stdout");
    print("to be\n", "stderr");
    print("that\r\n\n", "stdout");
    assertEquals(received, [
      { plugin: "sample", stream: "stdout", text: "to be" },
      { plugin: "sample", stream: "stderr", text: "not to be" },
      { plugin: "sample", stream: "stdout", text: "or that" },
      { plugin: "sample", stream: "stdout", text: "" },
    ]);
  });

  it("keeps 8 Ki of a line, in however many pieces it comes", () => {
    for (const size of [1, 1000, 8 * 1024, 100_000]) {
      const { print, received } = reading();
      for (let at = 0; at < 20_000; at += size) print("x".repeat(Math.min(size, 20_000 - at)), "stdout");
      print("\nnext\n", "stdout");
      assertEquals(received.map(({ text }) => text), [`${"x".repeat(8 * 1024)}…`, "next"]);
    }
  });

  it("leaves a line whole that is just as long", () => {
    const { print, received } = reading();
    print(`${"x".repeat(8 * 1024)}\n`, "stdout");
    assertEquals(received[0]?.text, "x".repeat(8 * 1024));
  });

  it("counts lines of both streams together", () => {
    const { print, received } = reading(3);
    print("1\n2\n", "stdout");
    print("3\n4\n5\n", "stderr");
    assertEquals(received.map(({ text }) => text), ["1", "2", "3"]);
  });
});
