import { defaultJsrUrl } from "../loader/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import type { PermissionSet } from "../permissions/mod.ts";
import type { StartMessage } from "./messages.ts";

const source = `import { definePlugin } from "@plugmap/plugmap/plugin";
export default definePlugin({ setup() {}, hooks: { rehearse: ({ value }) => value } });`;

const permissions: PermissionSet = { read: [], write: [], net: [], env: [], run: [], sys: [], ffi: [], import: [] };

const manifest: Manifest = {
  name: "rehearsal",
  version: "1.0.0",
  description: undefined,
  author: undefined,
  license: undefined,
  entry: "./mod.js",
  engines: new Map(),
  dependencies: new Map(),
  imports: new Map(),
  permissions,
  hooks: undefined,
  impls: undefined,
  modules: new Map(),
};

/** A plugin that does nothing, as it comes in a start message. */
export const rehearsal: StartMessage = {
  plugins: [{
    manifest,
    url: "file:///rehearsal/plugin.json",
    modules: [{ url: "file:///rehearsal/mod.js", kind: "javascript", bytes: new TextEncoder().encode(source) }],
  }],
  registry: defaultJsrUrl,
};
