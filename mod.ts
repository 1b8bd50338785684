/**
 * Plugins for Deno and Bun: listed in an import map, verified byte for byte before they run, called through typed hooks.
 *
 * @example A host
 * ```ts
 * import { createHost, defineHooks, hook } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = defineHooks({ greeting: hook<{ name: string }, string>() });
 * await using host = createHost({ hooks, importMap: { imports: {} }, store: false });
 * await host.load();
 *
 * assertEquals(host.hooks.greeting({ name: "Ada" }), []);
 * ```
 *
 * @module
 */

export * from "./src/errors.ts";
export * from "./src/hooks/mod.ts";
export * from "./src/import_map/mod.ts";
export * from "./src/integrity/mod.ts";
export * from "./src/manifest/mod.ts";
export * from "./src/permissions/mod.ts";
export * from "./src/host/lock/mod.ts";
export * from "./src/host/revocations/mod.ts";
export {
  generateSigningKey,
  parseSignature,
  signBytes,
  signRotation,
  verifySignature,
} from "./src/host/signatures/mod.ts";
export type { Rotation, Signature, Signer, SigningKey, Trust } from "./src/host/signatures/mod.ts";
export { createHost, plugmapVersion } from "./src/host/mod.ts";
export type {
  ErrorReport,
  Host,
  HostOptions,
  HostReport,
  ImportMapObject,
  IsolationOptions,
  LoadPluginOptions,
  LockOptions,
  PluginIdentity,
  PluginReport,
  PluginState,
  PluginTimings,
  RevocationOptions,
} from "./src/host/mod.ts";
export type {
  AuditRecord,
  AuditSink,
  EnforcementLevel,
  IsolationLimits,
  IsolationStatus,
  OutputLine,
  PermissionCallback,
  PermissionReport,
  PermissionRequest,
} from "./src/isolate/mod.ts";
export type { Limits } from "./src/loader/limits.ts";
