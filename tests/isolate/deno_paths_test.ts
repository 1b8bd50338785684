import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { join } from "node:path";
import process from "node:process";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { denoPaths } from "../../src/isolate/deno_paths.ts";
import type { DenoPaths } from "../../src/isolate/deno_paths.ts";
import { parsePermissions } from "../../src/permissions/mod.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { allPowerful, runtimeThatMay } from "./host_powers.ts";

/** A folder with `granted` and `outside` in it, and files in both. */
function createScene() {
  const folder = createTemporaryFolder();
  const at = (...names: string[]): string => join(folder.path, ...names);
  for (const name of ["granted", "outside"]) {
    mkdirSync(at(name, "deep", "er"), { recursive: true });
    writeFileSync(at(name, "file"), "text");
  }
  return {
    at,
    link: (target: string, ...names: string[]) => symlinkSync(target, at(...names)),
    [Symbol.dispose]: folder.remove,
  };
}

function check(permissions: Readonly<Record<string, unknown>>, host = allPowerful): DenoPaths {
  return denoPaths(parsePermissions(permissions, ""), host);
}

function refusal(permissions: Readonly<Record<string, unknown>>): PlugmapError {
  const error = assertThrows(() => check(permissions), PlugmapError);
  assertEquals(error.code, "permission-invalid");
  return error;
}

describe("denoPaths", { skip: process.platform === "win32" }, () => {
  for (
    const [what, target, at] of [
      ["to a file outside", "outside/file", ["granted", "way"]],
      ["to a folder outside", "outside", ["granted", "way"]],
      ["to all around", ".", ["granted", "way"]],
      ["from deep inside", "outside/deep", ["granted", "deep", "er", "way"]],
      ["to what is not there yet", "outside/none", ["granted", "way"]],
      ["to what begins with the same name", "granted-not", ["granted", "way"]],
    ] as const
  ) {
    it(`refuses a link that leads ${what}, for reading and for writing`, () => {
      using scene = createScene();
      scene.link(scene.at(target), ...at);
      for (const kind of ["read", "write"]) {
        const { problem, mend } = refusal({ [kind]: [scene.at("granted")] });
        assertStringIncludes(problem, scene.at(...at));
        assertStringIncludes(problem, `leads out, to "${scene.at(target)}"`);
        assertStringIncludes(mend ?? "", "Remove the link");
      }
    });
  }

  it("refuses a relative link that leads out, also to what is not there", () => {
    for (const target of ["../outside", "../outside/none"]) {
      using scene = createScene();
      scene.link(target, "granted", "way");
      assertStringIncludes(refusal({ read: [scene.at("granted")] }).problem, "leads out");
    }
  });

  it("refuses a link out by way of another one", () => {
    using scene = createScene();
    scene.link(scene.at("granted", "second"), "granted", "first");
    scene.link(scene.at("outside"), "granted", "second");
    refusal({ read: [scene.at("granted")] });
  });

  it("takes links that stay inside, or lead to what is granted as well", () => {
    using scene = createScene();
    scene.link(scene.at("granted", "deep"), "granted", "short");
    scene.link(scene.at("outside", "file"), "granted", "other");
    const granted = [scene.at("granted"), scene.at("outside", "file")];
    assertEquals(check({ read: granted }), { read: granted, write: [], remarks: [] });
    refusal({ read: granted, write: [scene.at("granted")] });
  });

  it("refuses a link in a folder for writing that leads up, as it could be moved", () => {
    using scene = createScene();
    scene.link("../../file", "granted", "deep", "er", "up");
    assertEquals(check({ read: [scene.at("granted")] }).remarks, []);
    assertStringIncludes(refusal({ write: [scene.at("granted")] }).problem, "could be moved");
  });

  it("has for a granted path that is a link itself both names of it", () => {
    using scene = createScene();
    scene.link(scene.at("granted"), "alias");
    assertEquals(check({ read: [scene.at("alias")] }).read, [scene.at("alias"), scene.at("granted")]);
    scene.link(scene.at("outside"), "granted", "way");
    refusal({ read: [scene.at("alias")] });
  });

  it("takes what is not there, and files", () => {
    using scene = createScene();
    const granted = [scene.at("granted", "none"), scene.at("granted", "file")];
    assertEquals(check({ read: granted, write: granted }), { read: granted, write: granted, remarks: [] });
  });

  it("has nothing to look for where everything is granted", () => {
    assertEquals(check({ read: true, write: true }), { read: true, write: true, remarks: [] });
  });

  it("remarks that it did not look everywhere in a folder with very many files", () => {
    using scene = createScene();
    for (let n = 0; n < 201; n++) {
      mkdirSync(scene.at("granted", `${n}`));
      for (let m = 0; m < 100; m++) symlinkSync("../file", scene.at("granted", `${n}`, `${m}`));
    }
    const { read, remarks } = check({ read: [scene.at("granted")] });
    assertEquals([read, remarks.length], [[scene.at("granted")], 1]);
    assertStringIncludes(remarks[0]!, "too many files");
  });

  it("remarks that a host may not look", () => {
    using scene = createScene();
    scene.link(scene.at("outside"), "granted", "way");
    const blind = runtimeThatMay(() => false);
    const { read, remarks } = check({ read: [scene.at("granted")] }, blind);
    assertEquals([read, remarks.length], [[scene.at("granted")], 1]);
    assertStringIncludes(remarks[0]!, "may not look for links");
  });
});
