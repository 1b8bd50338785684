/**
 * Where modules are. A process of an isolated plugin needs this too, and nothing of what reads or fetches them.
 *
 * @module
 */

import { canParse, format, parse } from "@std/semver";
import { PlugmapError, quote } from "../errors.ts";
import { parseJsr } from "./location.ts";
import type { JsrReference } from "./location.ts";

/** The URL of a file in one version of a package. */
export function jsrFileUrl({ scope, name, path }: JsrReference, version: string, registry: string): string {
  return new URL(`@${scope}/${name}/${version}/${path}`, registry).href;
}

/** The version that the reference names, if it names exactly one; without the "v" that some write before it. */
export function exactVersion({ range }: JsrReference): string | undefined {
  return canParse(range) ? format(parse(range)) : undefined;
}

/** The absolute URL of a module that a manifest lists by path, URL or `jsr:` specifier. */
export function urlOfModule(key: string, manifestUrl: string, registry: string): string {
  if (!key.startsWith("jsr:")) return new URL(key, manifestUrl).href;
  const jsr = parseJsr(key);
  const version = exactVersion(jsr);
  if (version === undefined || jsr.path === "") {
    throw new PlugmapError("package-unresolved", `Module ${quote(key)} does not name one file of one version`, {
      mend: 'Write it as "jsr:@scope/name@1.2.3/path", with the version that its hash is of.',
    });
  }
  return jsrFileUrl(jsr, version, registry);
}
