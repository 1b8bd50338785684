import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "../../support/temporary_folder.ts";

/** Folders with a file `file` each, which every user may read and write: what keeps a process out is its confinement. */
export interface Folders {
  readonly readable: string;
  readonly writable: string;
  readonly denied: string;
  [Symbol.dispose](): void;
}

/** Makes them; they are gone at the end of the block that declared them with `using`. */
export function createFolders(): Folders {
  const folder = createTemporaryFolder();
  chmodSync(folder.path, 0o755);
  const make = (name: string): string => {
    const path = join(folder.path, name);
    mkdirSync(path);
    writeFileSync(join(path, "file"), name);
    chmodSync(path, 0o777);
    chmodSync(join(path, "file"), 0o666);
    return path;
  };
  return {
    readable: make("readable"),
    writable: make("writable"),
    denied: make("denied"),
    [Symbol.dispose]: () => folder.remove(),
  };
}
