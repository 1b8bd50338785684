import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A plugin that gives back what it gets. */
export const text = `import { definePlugin } from "@plugmap/plugmap/plugin";

export default definePlugin({
  setup() {},
  hooks: {
    echo: ({ value }) => value,
    receive: ({ bytes }) => bytes.length,
  },
});
`;

const bytes: Uint8Array = new TextEncoder().encode(text);

/** Its manifest. */
export const manifest: Uint8Array = new TextEncoder().encode(JSON.stringify({
  name: "echo",
  version: "1.0.0",
  entry: "./mod.js",
  modules: {
    "./mod.js": {
      integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}`,
      size: bytes.length,
    },
  },
}));

/** Writes the plugin into a folder of its own, and returns the path of that. */
export function writePlugin(): string {
  const folder = mkdtempSync(join(tmpdir(), "plugmap-bench-"));
  writeFileSync(join(folder, "mod.js"), bytes);
  writeFileSync(join(folder, "plugin.json"), manifest);
  return folder;
}
