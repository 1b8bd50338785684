/**
 * The host: finds, checks, starts, inspects and disposes of plugins.
 *
 * @module
 */

export { createHost } from "./host.ts";
export type { Host, LoadPluginOptions } from "./host.ts";
export { inFile } from "./discover.ts";
export { addressFrom } from "./lock/address.ts";
export { open } from "./open.ts";
export type { Opened } from "./open.ts";
export type { IsolationOptions } from "./isolation.ts";
export type { HostOptions, ImportMapObject, PluginIdentity } from "./options.ts";
export { planOrder } from "./plan.ts";
export { prepare } from "./prepare.ts";
export { createRecord, reportOf } from "./record.ts";
export type { PluginRecord } from "./record.ts";
export type { ErrorReport, HostReport, PluginReport, PluginState, PluginTimings } from "./states.ts";
export { generateSigningKey, parseSignature, signBytes, signRotation } from "./signatures/mod.ts";
export type { Rotation } from "./signatures/mod.ts";
export type { LockOptions, RevocationOptions } from "./update_options.ts";
export { plugmapVersion } from "./version.ts";
