/**
 * Plugins in processes of their own.
 *
 * @module
 */

export { IsolatedPlugin, type IsolationStatus } from "./isolated_plugin.ts";
export type { Launch } from "./launch.ts";
export { type IsolationLimits, readIsolationLimits } from "./limits.ts";
export type { EnforcementLevel, PermissionReport } from "./enforcement.ts";
export type { PluginModules, StartedMessage } from "./messages.ts";
export type { OutputLine } from "./output_lines.ts";
export type { AuditRecord, AuditSink } from "./audit.ts";
export type { PermissionRequests } from "./permission_broker.ts";
export type { PermissionCallback, PermissionRequest } from "./permission_broker_decisions.ts";
export { type MeansReport, planLaunch, reportMeans } from "./plan_launch.ts";
export { proxiedImpls } from "./proxied_impls.ts";
export { sharedContext } from "./shared_context.ts";
export { SpareProcesses } from "./spare_processes.ts";
