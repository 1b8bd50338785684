import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { OutputLine } from "../../mod.ts";
import { plugmap, runProgram } from "../support/child.ts";
import { loadIsolated, until } from "../support/isolated.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createUnruly } from "../support/unruly_plugin.ts";

/** What a plugin prints, as text, while it does what it is told. */
async function printed(
  calls: readonly Readonly<Record<string, unknown>>[],
  count: number,
  lines = 200,
): Promise<readonly string[]> {
  using unruly = createUnruly();
  const received: OutputLine[] = [];
  await using host = await loadIsolated([unruly], {
    isolation: { limits: { lines }, output: (line) => received.push(line) },
  });
  for (const call of calls) await host.hooks.one(call).catch(() => {});
  await until(() => received.length >= count, `${count} lines are there`);
  assertEquals(received.map(({ plugin }) => plugin), received.map(() => "unruly"));
  return received.map(({ text }) => text);
}

describe("what an isolated plugin prints", () => {
  it("comes in lines, however it was written", async () => {
    const texts = ["a", "b\nc", "\r\n", "\n", "é", "\n"];
    assertEquals(await printed([{ deed: "write", texts }], 4), ["ab", "c", "", "é"]);
  });

  it("is complete when its process has ended", async () => {
    const calls = [{ deed: "write", texts: ["last words"] }, { deed: "exit", code: 0 }];
    assertEquals(await printed(calls, 1), ["last words"]);
  });

  it("is cut where a line is too long", async () => {
    const calls = [{ deed: "print", text: "x".repeat(100_000) }, { deed: "print", text: "next" }];
    assertEquals(await printed(calls, 2), [`${"x".repeat(8 * 1024)}…`, "next"]);
  });

  it("is left out beyond so many lines in a second, and the number is told", async () => {
    const lines = await printed([{ deed: "print", lines: 1000, text: "line #" }], 6, 5);
    assertEquals(lines, [
      "line 0",
      "line 1",
      "line 2",
      "line 3",
      "line 4",
      "(995 lines more than 5 in a second left out)",
    ]);
  });

  it("goes on when what receives it throws", async () => {
    using unruly = createUnruly();
    let received = 0;
    await using host = await loadIsolated([unruly], {
      isolation: {
        output: () => {
          received++;
          throw new Error("no thanks");
        },
        limits: { lines: 3 },
      },
    });
    await host.hooks.one({ deed: "print", lines: 2, text: "one, two" });
    await until(() => received === 2, "two lines are received");
    await host.hooks.one({ deed: "print", lines: 2, text: "three, four" });
    await until(() => received === 4, "another one is, and that there are more");
    assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
  });

  it("goes to standard error by default, with the name, and cannot steer a terminal", async () => {
    using folder = createTemporaryFolder();
    using unruly = createUnruly();
    const text = "\u001b[2J\u001b]0;title\u0007 \u009b31m \rover \u202egnp.exe \u200b end";
    const { code, stdout, stderr } = await runProgram(
      `import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
await using host = createHost({
  hooks: defineHooks({ one: hook({ async: true, mode: "first" }) }),
  importMap: { imports: { "plugins/unruly": ${JSON.stringify(unruly.manifestUrl)} } },
  policy: { default: { tier: "isolated" } },
  store: false,
});
await host.load();
await host.hooks.one({ deed: "print", text: ${JSON.stringify(text)} });
await new Promise((resolve) => setTimeout(resolve, 200));
`,
      { cwd: folder.path },
    );
    assertEquals([code, stdout], [0, ""]);
    assertStringIncludes(stderr, "[unruly] ");
    assertStringIncludes(stderr, " end\n");
    assertEquals(stderr.match(/[^\n -~]/g), null);
  });
});
