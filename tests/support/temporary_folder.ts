/**
 * Folders that a test fills and then removes.
 *
 * @module
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of the test's own; gone at the end of the block that declared it with `using`. */
export interface TemporaryFolder {
  /** Its path, free of symbolic links. */
  readonly path: string;
  remove(): void;
  [Symbol.dispose](): void;
}

export function createTemporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "plugmap-test-")));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  return { path, remove, [Symbol.dispose]: remove };
}
