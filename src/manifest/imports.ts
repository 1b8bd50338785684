import { below, type Place, type Problems, readString, readTable } from "../document.ts";
import { quote } from "../errors.ts";
import { type AddressFault, faultOfAddress } from "./addresses.ts";
import type { ModuleRecord } from "./types.ts";

/** Prefixes of specifiers that mean the same to every plugin. */
const reservedPrefixes: readonly string[] = ["plugins/", "@plugmap/"];

/** The member `imports`: the plugin's own import map. */
export function readImports(
  value: unknown,
  parent: Place,
  modules: ReadonlyMap<string, ModuleRecord>,
  problems: Problems,
): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  const listed = [...modules.keys()].sort();
  for (const [specifier, member] of readTable(value, parent, problems) ?? []) {
    const place = below(parent, specifier);
    const flaw = flawOfSpecifier(specifier);
    if (flaw !== undefined) problems.add(place, flaw.text, flaw);
    const address = readString(member, place, problems);
    if (address === undefined) continue;
    checkAddress(specifier, address, place, listed, problems);
    imports.set(specifier, address);
  }
  return imports;
}

/** Why a plugin cannot map a specifier, if it cannot. */
function flawOfSpecifier(specifier: string): { text: string; mend: string } | undefined {
  if (specifier === "") return { text: "A specifier cannot be empty", mend: "Remove it." };
  const shadows = (what: string): { text: string; mend: string } => ({
    text: `Mapping ${quote(specifier)} would shadow ${what}`,
    mend: "Map another bare specifier, which no one else has a meaning for.",
  });
  if (specifier === "bun" || reservedPrefixes.some((prefix) => specifier.startsWith(prefix))) {
    return shadows("modules of the host or of other plugins");
  }
  if (/^\.{0,2}\//.test(specifier)) return shadows("a file, which a specifier of a path already names");
  if (URL.canParse(specifier)) return shadows("what that URL already names");
  return undefined;
}

/** Notes an address that leads out of the closed world of `modules`. */
function checkAddress(
  specifier: string,
  address: string,
  place: Place,
  listed: readonly string[],
  problems: Problems,
): void {
  const isPrefix = specifier.endsWith("/");
  if (isPrefix !== address.endsWith("/")) {
    problems.add(place, `Only one of ${quote(specifier)} and ${quote(address)} ends with "/"`, {
      mend: `A prefix ends with "/", and so does what it maps to.`,
    });
    return;
  }
  const fault = isPrefix ? faultOfPrefix(address) : faultOfAddress(address);
  if (fault !== undefined) {
    problems.add(place, fault.text, fault);
    return;
  }
  const nearest = listed[indexOfFirstFrom(address, listed)];
  if (isPrefix ? nearest?.startsWith(address) : nearest === address) return;
  problems.add(place, `${quote(specifier)} maps to ${quote(address)}, which "modules" does not list`, {
    mend: "List the module with its integrity and size, or remove the rule.",
  });
}

function faultOfPrefix(address: string): AddressFault | undefined {
  if (address === "./") return undefined;
  return faultOfAddress(/^https?:/.test(address) ? address : address.slice(0, -1));
}

/** Index of the first of sorted texts that is not before `text`, by halving: a manifest can hold many of both. */
function indexOfFirstFrom(text: string, sorted: readonly string[]): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
