import { below, describe, type Place, type Problems, readRecord, readTable } from "../document.ts";
import { quote } from "../errors.ts";
import { faultOfAddress, foldPath } from "./addresses.ts";
import type { ManifestLimits } from "./limits.ts";
import type { ModuleRecord } from "./types.ts";

/** All that a module record can say. */
export const moduleMembers: readonly string[] = ["integrity", "size"];

/** The shape of SRI metadata; what is in it is for the part that verifies. */
const integrityShape = /^sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}(?: sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2})*$/;

/** The member `modules`: what each module must be, by its path or URL. */
export function readModules(
  value: unknown,
  parent: Place,
  limits: ManifestLimits,
  problems: Problems,
): ReadonlyMap<string, ModuleRecord> {
  const modules = new Map<string, ModuleRecord>();
  const table = readTable(value, parent, problems);
  if (table === undefined) return modules;
  if (table.size > limits.modules) {
    problems.add(parent, `The manifest lists ${table.size} modules, and ${limits.modules} is the cap`, tooLarge);
    return modules;
  }
  const folded = new Map<string, string>();
  let total = 0;
  for (const [address, member] of table) {
    const place = below(parent, address);
    const fault = faultOfAddress(address);
    if (fault !== undefined) problems.add(place, fault.text, fault);
    else if (address.startsWith("./")) refuseTwin(address, place, folded, problems);
    const record = readModule(member, place, limits, problems);
    if (record === undefined) continue;
    total += record.size;
    modules.set(address, record);
  }
  if (total > limits.totalBytes) {
    problems.add(parent, `The modules have ${total} bytes together, and ${limits.totalBytes} is the cap`, tooLarge);
  }
  return modules;
}

const tooLarge = { code: "manifest-too-large", mend: "Make the plugin smaller." } as const;

function refuseTwin(path: string, place: Place, folded: Map<string, string>, problems: Problems): void {
  const key = foldPath(path);
  const twin = folded.get(key);
  if (twin === undefined) {
    folded.set(key, path);
  } else {
    problems.add(place, `Paths ${quote(twin)} and ${quote(path)} are the same where case does not count`, {
      code: "path-unsafe",
      mend: "Rename one of the files.",
    });
  }
}

function readModule(
  value: unknown,
  place: Place,
  limits: ManifestLimits,
  problems: Problems,
): ModuleRecord | undefined {
  if (typeof value === "string") {
    problems.add(place, `Expected an object, found ${quote(value)}`, {
      mend: `Write { "integrity": "sha256-…", "size": 123 }, with the size in bytes.`,
    });
    return undefined;
  }
  const members = readRecord(value, place, moduleMembers, problems);
  if (members === undefined) return undefined;
  const integrity = readIntegrity(members.get("integrity"), below(place, "integrity"), problems);
  const size = readSize(members.get("size"), below(place, "size"), limits, problems);
  return integrity === undefined || size === undefined ? undefined : Object.freeze({ integrity, size });
}

function readIntegrity(value: unknown, place: Place, problems: Problems): string | undefined {
  if (typeof value === "string" && integrityShape.test(value)) return value;
  if (value === undefined) {
    problems.add(place, "A module without integrity cannot be verified", {
      code: "integrity-missing",
      mend: `Add it, such as "integrity": "sha256-…".`,
    });
  } else {
    problems.add(place, `Expected integrity metadata, found ${describe(value)}`, {
      code: "integrity-invalid",
      mend: `Write "sha256-", "sha384-" or "sha512-" and the digest in base64.`,
    });
  }
  return undefined;
}

function readSize(value: unknown, place: Place, limits: ManifestLimits, problems: Problems): number | undefined {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    problems.add(place, `Expected the module's size in bytes, found ${describe(value)}`, {
      mend: "Write how many bytes the module has; no more are read.",
    });
    return undefined;
  }
  if (value <= limits.moduleBytes) return value;
  problems.add(place, `The module has ${value} bytes, and ${limits.moduleBytes} is the cap`, tooLarge);
  return undefined;
}
