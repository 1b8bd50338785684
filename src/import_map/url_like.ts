import { PlugmapError, quote } from "../errors.ts";

/** A specifier in the form in which rules are looked up. */
export interface NormalSpecifier {
  /** The serialized URL of a URL-like specifier, any other specifier unchanged. */
  readonly name: string;
  /** Whether `name` is a URL. */
  readonly isUrl: boolean;
  /** Whether prefix rules apply: to bare specifiers and to URLs whose path has segments. */
  readonly takesPrefixes: boolean;
}

/** The special schemes of the URL standard: `data:` or `blob:` URLs have no path that a prefix could cut. */
const specialSchemes: ReadonlySet<string> = new Set(["ftp:", "file:", "http:", "https:", "ws:", "wss:"]);

/** "Resolving a URL-like module specifier" of the HTML standard: relative only with a leading `/`, `./` or `../`. */
export function parseUrlLike(specifier: string, base: string): URL | null {
  return /^(?:\/|\.\.?\/)/.test(specifier) ? URL.parse(specifier, base) : URL.parse(specifier);
}

/** The form in which a specifier, imported by the module at `base`, is looked up. */
export function normalizeSpecifier(specifier: string, base: string): NormalSpecifier {
  const url = parseUrlLike(specifier, base);
  return url === null
    ? { name: specifier, isUrl: false, takesPrefixes: true }
    : { name: url.href, isUrl: true, takesPrefixes: specialSchemes.has(url.protocol) };
}

/** The serialization of a URL that a caller passed. */
export function serializeUrl(url: string | URL): string {
  const parsed = typeof url === "string" ? URL.parse(url) : url;
  if (parsed === null) {
    throw new PlugmapError("option-invalid", `${quote(String(url))} is not an absolute URL`, {
      mend: `Pass a URL with its scheme, such as "file:///app/main.ts".`,
    });
  }
  return parsed.href;
}
