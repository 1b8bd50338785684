import { accessSync, constants, statSync } from "node:fs";
import { delimiter } from "node:path";
import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";

/**
 * The program that a granted name means, found as Deno's flag finds it: once, in the `PATH` that the process starts with.
 *
 * @returns Its path, or undefined if there is none.
 */
export function findCommand(name: string, path: string = ""): string | undefined {
  return path.split(delimiter).filter((folder) => isAbsolute(folder)).map((folder) => join(folder, name)).find(
    isProgram,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
