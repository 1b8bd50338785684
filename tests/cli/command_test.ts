import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { plugmapVersion } from "../../mod.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";

describe("plugmap", () => {
  it("plugmap --help prints all commands and options on standard output, without any permission", async () => {
    using folder = createTemporaryFolder();
    const { code, out, problems } = await spawnPlugmap(["--help"], { cwd: folder.path });
    assertEquals([code, problems], [0, ""]);
    for (const word of ["inspect", "hash", "--import-map", "--policy", "--json", "--check", "--version"]) {
      assertStringIncludes(out, word);
    }
  });

  it("plugmap --help fits into 100 columns and is also what a command prints with -h", async () => {
    const { out } = await callPlugmap("--help");
    for (const line of out.split("\n")) assert(line.length <= 100, line);
    for (const args of [["-h"], ["inspect", "-h"], ["hash", "folder", "--help"]]) {
      assertEquals(await callPlugmap(...args), { code: 0, out, problems: "" });
    }
  });

  it("plugmap without a command prints the help as a problem", async () => {
    using folder = createTemporaryFolder();
    const { code, out, problems } = await spawnPlugmap([], { cwd: folder.path });
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(problems, "plugmap inspect");
  });

  it("plugmap does not mind a reader that goes away", async () => {
    using folder = createTemporaryFolder();
    const { code, problems } = await spawnPlugmap(["--help"], { cwd: folder.path, unread: true });
    assertEquals([code, problems], [0, ""]);
  });

  it("plugmap --version prints the version", async () => {
    assertEquals(await callPlugmap("--version"), { code: 0, out: `${plugmapVersion}\n`, problems: "" });
  });

  it("plugmap refuses an unknown command and tells what was meant", async () => {
    const { code, out, problems } = await callPlugmap("inspct");
    assertEquals([code, out], [2, ""]);
    assertEquals(problems, '[usage] There is no command "inspct". Did you mean "inspect"?\n');
    const { problems: far } = await callPlugmap("constructor");
    assertEquals(far, '[usage] There is no command "constructor". Run "plugmap --help".\n');
  });

  const wrong: readonly (readonly [args: readonly string[], problem: string])[] = [
    [["inspect", "--jsn"], 'There is no option "--jsn" here. Did you mean "--json"?'],
    [["inspect", "--__proto__"], 'There is no option "--__proto__" here'],
    [["inspect", "-x"], 'There is no option "-x" here'],
    [["inspect", "--no-json"], 'There is no option "--no-json" here'],
    [["inspect", "--check"], 'There is no option "--check" here'],
    [["hash", "folder", "--json"], 'There is no option "--json" here'],
    [["inspect", "--json=yes"], 'Option "--json" takes no value'],
    [["inspect", "--policy"], 'Option "--policy" needs a value'],
    [["inspect", "--policy="], 'Option "--policy" needs a value'],
    [["inspect", "--policy", "--json"], 'Option "--policy" needs a value'],
    [["hash"], '"plugmap hash" takes one folder or URL'],
    [["hash", "one", "two"], '"plugmap hash" takes one folder or URL'],
    [["hash", "--check", "https://example.com/plugin.json"], 'Option "--check" is for folders'],
  ];
  for (const [args, problem] of wrong) {
    it(`plugmap ${args.join(" ")} is a wrong command line`, async () => {
      const { code, out, problems } = await callPlugmap(...args);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(problems, `[usage] ${problem}`);
      assertMatch(problems, /^.*\n$/);
    });
  }
});
