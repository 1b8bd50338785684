/**
 * The host: finds, checks, starts, inspects and disposes of plugins.
 *
 * @module
 */

export { createHost } from "./host.ts";
export type { Host, LoadPluginOptions } from "./host.ts";
export { open } from "./open.ts";
export type { Opened } from "./open.ts";
export type { HostOptions, ImportMapObject } from "./options.ts";
export { planOrder } from "./plan.ts";
export { prepare } from "./prepare.ts";
export { createRecord, reportOf } from "./record.ts";
export type { PluginRecord } from "./record.ts";
export type { ErrorReport, HostReport, PluginReport, PluginState, PluginTimings } from "./states.ts";
export { plugmapVersion } from "./version.ts";
