import type { PermissionSet } from "../../permissions/types.ts";

/**
 * What is on the command line of a Bun that runs no code but ours and the plugin's: nothing is installed from a registry, no
 * `.env` is read, no native addon is loaded, no C is compiled and no macro runs.
 */
export const bunFlags: readonly string[] = [
  "--no-install",
  "--no-env-file",
  "--no-addons",
  "--no-ffi-cc",
  "--no-macros",
];

/**
 * Runs the text that follows it on the command line. Bun translates what `-e` is given as if it were TypeScript, which takes
 * it longer than to run it; what is evaluated is not translated.
 */
export const bootText = "(0,eval)(process.argv[1])";

/** The flags for a plugin. One to which all of `ffi` is granted may load native addons, which Bun else refuses. */
export function flagsFor({ ffi }: PermissionSet): readonly string[] {
  return ffi === true ? bunFlags.filter((flag) => flag !== "--no-addons") : bunFlags;
}
