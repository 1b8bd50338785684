import { type ErrorCode, printable, quote } from "../errors.ts";
import { parseVersion } from "./versions.ts";

/** Why something cannot name a module. */
export interface AddressFault {
  readonly code: ErrorCode;
  /** What is wrong, in sentence case, without a full stop. */
  readonly text: string;
  /** What to do about it, in whole sentences. */
  readonly mend: string;
}

const longestPath = 1024;
const longestSegment = 255;

/** What Windows cannot have in a name, what would start an escape, a query or a fragment, and its other separator. */
const reserved = /[<>:"|?*\\%#]/;

/** Names that are devices on Windows, whatever their extension. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/** A path that needs no closer look: lower case, nothing that any system treats specially. */
const plain = /^\.(?:\/(?!con|prn|aux|nul|com|lpt)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)+$/;

/**
 * What is wrong with a path as the name of a module. Exactly one spelling of each file is accepted, on every file
 * system: `./`, then plain segments; nothing that means another directory, an escape, or another file elsewhere.
 *
 * @param path What stands in the manifest.
 * @returns The fault, or `undefined` if it has none.
 */
export function faultOfPath(path: string): AddressFault | undefined {
  if (plain.test(path) && path.length <= longestSegment) return undefined;
  const unsafe = (flaw: string, mend: string): AddressFault => ({
    code: "path-unsafe",
    text: `Path ${quote(path)} ${flaw}`,
    mend,
  });
  if (path.length > longestPath) return unsafe(`is longer than ${longestPath} characters`, "Shorten it.");
  if (printable(path, path.length) !== path) return unsafe("has a control or invisible character", "Remove it.");
  const [special] = reserved.exec(path) ?? [];
  if (special === "\\") return unsafe("has a backslash", `Separate folders with "/".`);
  if (special !== undefined) {
    return unsafe(`has the character ${quote(special)}`, "Write it without; rename the file if that is in its name.");
  }
  if (/^(?:\/|\.\.(?:\/|$))/.test(path)) {
    return unsafe("leads out of the plugin's folder", "Move the module into the folder of the manifest.");
  }
  if (!path.startsWith("./")) return unsafe(`does not start with "./"`, `Write ${quote(`./${path}`)}.`);
  if (path.normalize("NFC") !== path) {
    return unsafe("is not in Unicode normal form C", "Rename the file, with its characters composed.");
  }
  for (const segment of path.slice(2).split("/")) {
    if (segment === "") return unsafe("has an empty segment", `Write single "/", and none at the end.`);
    if (segment === "." || segment === "..") {
      return unsafe(`has the segment ${quote(segment)}`, "Write the path without it.");
    }
    if (/[. ]$/.test(segment)) {
      return unsafe("has a segment that ends with a dot or a space", "Rename the file or folder.");
    }
    if (device.test(segment)) {
      return unsafe(`has the segment ${quote(segment)}, a device on Windows`, "Rename the file or folder.");
    }
    if (segment.length > longestSegment) {
      return unsafe(`has a segment longer than ${longestSegment} characters`, "Shorten it.");
    }
  }
  return undefined;
}

/** Scope, name, version and path of a module of a package. */
const jsrAddress = /^jsr:@[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*@([^/]+)(\/.*)?$/s;

/**
 * What is wrong with what names a module: a path of the plugin, a URL, or a module of a JSR package.
 *
 * @param address What stands in the manifest.
 * @returns The fault, or `undefined` if it has none.
 */
export function faultOfAddress(address: string): AddressFault | undefined {
  if (address.startsWith("./")) return faultOfPath(address);
  const url = URL.parse(address);
  // A single letter before a colon is a drive.
  if (url === null || /^.:$/.test(url.protocol)) return faultOfPath(address);
  switch (url.protocol) {
    case "https:":
    case "http:":
      return faultOfUrl(address, url);
    case "jsr:":
      return faultOfJsr(address);
    case "npm:":
      return {
        code: "npm-refused",
        text: `${quote(address)} is a package of npm, whose files have no fixed list to pin`,
        mend: "Bundle the package into a module of the plugin.",
      };
    case "node:":
    case "bun:":
      return {
        code: "manifest-invalid",
        text: `${quote(address)} is a builtin of the runtime, not a module of the plugin`,
        mend: "Import it by that name; whether the plugin may is a matter of its permissions.",
      };
    default:
      return {
        code: "scheme-unsupported",
        text: `${quote(address)} has the scheme ${quote(url.protocol)}`,
        mend: `Use a path that starts with "./", or a URL with "https:" or "jsr:".`,
      };
  }
}

function faultOfUrl(address: string, url: URL): AddressFault | undefined {
  if (url.username !== "" || url.password !== "") {
    return {
      code: "manifest-invalid",
      text: `${quote(address)} has credentials`,
      mend: "Remove them; a manifest is public.",
    };
  }
  if (url.href.includes("#")) {
    return { code: "path-unsafe", text: `${quote(address)} has a fragment`, mend: "Remove it; it is never sent." };
  }
  if (url.href !== address) {
    return { code: "path-unsafe", text: `${quote(address)} is not in normal form`, mend: `Write ${quote(url.href)}.` };
  }
  return undefined;
}

function faultOfJsr(address: string): AddressFault | undefined {
  const [, version, path] = jsrAddress.exec(address) ?? [];
  if (version === undefined) {
    return {
      code: "manifest-invalid",
      text: `${quote(address)} is not a module of a JSR package`,
      mend: `Write it as "jsr:@scope/name@1.2.3/path".`,
    };
  }
  if (parseVersion(version) === undefined) {
    return {
      code: "manifest-invalid",
      text: `${quote(address)} names no exact version`,
      mend: "Write the version that its integrity is for.",
    };
  }
  return path === undefined ? undefined : faultOfPath(`.${path}`);
}

/** What is the same for two paths that some file system takes for one: case and composition do not count. */
export function foldPath(path: string): string {
  return /^[\x20-\x7e]*$/.test(path) ? path.toLowerCase() : path.toUpperCase().toLowerCase().normalize("NFC");
}
