import { PlugmapError, quote } from "../errors.ts";

/** Where a plugin's manifest is. */
export type Location =
  | { readonly kind: "file"; readonly manifest: string }
  | { readonly kind: "http"; readonly manifest: string }
  | { readonly kind: "jsr"; readonly manifest: string; readonly jsr: JsrReference };

/** `jsr:@scope/name@range/path`, taken apart. */
export interface JsrReference {
  readonly scope: string;
  readonly name: string;
  /** A semver range; `*` where the specifier names none. */
  readonly range: string;
  /** Path of a file in the package, without leading slash. */
  readonly path: string;
}

/**
 * What an import map's target says of a plugin: the manifest itself, the folder that holds `plugin.json`, or a package
 * with `plugin.json` at its root.
 *
 * @param target An absolute URL.
 * @throws {PlugmapError} `scheme-unsupported`, `npm-refused` or `option-invalid` for targets that no manifest can be at.
 */
export function locate(target: string): Location {
  const url = URL.parse(target);
  if (url?.protocol === "jsr:") {
    const jsr = parseJsr(target);
    return { kind: "jsr", manifest: target, jsr: { ...jsr, path: jsr.path || "plugin.json" } };
  }
  if (url?.protocol === "npm:") {
    throw new PlugmapError("npm-refused", `${quote(target)} names an npm package`, {
      mend: "Bundle the package into a plugin of its own, and list that plugin's plugin.json.",
    });
  }
  if (url === null || !["file:", "http:", "https:"].includes(url.protocol)) {
    throw new PlugmapError("scheme-unsupported", `No plugin can be loaded from ${quote(target)}`, {
      mend: 'Name a file, an "http:" or "https:" URL or a "jsr:" package.',
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new PlugmapError("option-invalid", `${quote(url.origin)} is given with a user name or password`, {
      mend: "Take the credentials out of the URL.",
    });
  }
  url.hash = "";
  if (url.pathname.endsWith("/")) url.pathname += "plugin.json";
  if (!url.pathname.endsWith(".json")) {
    throw new PlugmapError("option-invalid", `${quote(target)} is neither a manifest nor a folder`, {
      mend: 'List the plugin by its "plugin.json", or by the folder that holds it, with a slash at the end.',
    });
  }
  return { kind: url.protocol === "file:" ? "file" : "http", manifest: url.href };
}

/** Escapes are for ranges, in ASCII: in a path they could spell a dot segment, and no path on JSR has or needs one. */
const jsrSpecifier = /^jsr:\/?@([a-z0-9-]+)\/([a-z0-9-]+)(?:@((?:[^/%]|%[0-7][\dA-Fa-f])+))?(?:\/([^%\\?#\s]*))?$/;

/**
 * Takes a `jsr:` specifier apart; `path` is empty where it names none.
 *
 * @throws {PlugmapError} `package-unresolved` when it is not one.
 */
export function parseJsr(specifier: string): JsrReference {
  const match = jsrSpecifier.exec(specifier);
  if (match === null || /(?:^|\/)\.{0,2}(?:\/|$)/.test(match[4] || "x")) {
    throw new PlugmapError("package-unresolved", `${quote(specifier)} is not a JSR specifier`, {
      mend: 'Write "jsr:@scope/name@version", and a path behind it if the manifest is not at the root.',
    });
  }
  const [, scope = "", name = "", range = "*", path = ""] = match;
  return { scope, name, range: decodeURIComponent(range), path };
}
