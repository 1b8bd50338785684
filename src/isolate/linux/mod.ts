/**
 * Confines a Bun on Linux to what a plugin is granted: Landlock rules for files, a seccomp filter that allows only the system
 * calls that Bun needs, and resource limits, all applied by a launcher that then becomes Bun.
 *
 * @module
 */
export { findBubblewrap, planBubblewrap } from "./bubblewrap.ts";
export type { BubblewrapConfinement } from "./bubblewrap.ts";
export type { Architecture } from "./architecture.ts";
export { detectLinux } from "./detect.ts";
export { launcherImage } from "./launcher.ts";
export { launchFailures } from "./launch_job.ts";
export type { LandlockRules, LaunchJob } from "./launch_job.ts";
export { limitVariables } from "./limits.ts";
export type { ResourceLimits } from "./limits.ts";
export { openMemoryFile } from "./memory_file.ts";
export { planConfinement } from "./plan.ts";
export type { Confinement, ConfinementOptions, LinuxFacts } from "./plan.ts";
export { runtimeFiles } from "./runtime_files.ts";
export type { RuntimeFiles } from "./runtime_files.ts";
