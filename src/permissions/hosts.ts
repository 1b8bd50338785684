import { type ItemFault, itemFault } from "./item_fault.ts";

/** Some hosts, on one port or on all: an item of `net` or `import`. */
export type HostPattern = HostSet & {
  /** The port, or `undefined` for all. */
  readonly port: number | undefined;
};

type HostSet =
  /** One name; with `wildcard`, that name and all below it. */
  | { readonly kind: "name"; readonly name: string; readonly wildcard: boolean }
  /** The addresses that begin with the same `bits` bits as `address`. */
  | { readonly kind: "ipv4"; readonly address: number; readonly bits: number }
  /** One address, as URLs write it. */
  | { readonly kind: "ipv6"; readonly address: string };

/**
 * Parses a host pattern as Deno 2.9 does: `example.com`, `example.com:443`, `*.example.com`, `192.0.2.1`, `10.0.0.0/8`
 * and `[2001:db8::1]:443`. Where Deno takes for a name what URLs take for an address (`127.1`), this refuses.
 */
export function parseHostPattern(text: string): HostPattern | ItemFault {
  const fault = (flaw: string, mend: string): ItemFault => itemFault(text, flaw, mend);
  if (/^(?:unix|vsock):/i.test(text)) {
    return fault("is a socket without a host", "List hosts only; such sockets cannot be granted.");
  }
  if (text.includes("://")) {
    return fault("is a URL, not a host", `Write only its host and port, such as "example.com:443".`);
  }
  const [, host, digits] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) {
    return fault("is not a host with a port", `Write one such as "example.com:443", an IPv6 address as "[::1]:443".`);
  }
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65535) return fault("has no possible port", "Write a port from 0 to 65535.");
  const hosts = parseIpv6(host) ?? parseIpv4(host) ?? parseName(host);
  return hosts === undefined
    ? fault(
      "names no host",
      `Write one such as "example.com", "*.example.com", "192.0.2.1", "10.0.0.0/8" or "[2001:db8::1]".`,
    )
    : { ...hosts, port };
}

function parseIpv6(text: string): HostSet | undefined {
  const address = text.startsWith("[") ? URL.parse(`http://${text}`)?.hostname : undefined;
  if (address === undefined) return undefined;
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(address) ?? [];
  // An IPv4 address in IPv6 form reaches the same host as the IPv4 address.
  return high === undefined || low === undefined
    ? { kind: "ipv6", address }
    : { kind: "ipv4", address: Number.parseInt(high, 16) * 0x10000 + Number.parseInt(low, 16), bits: 32 };
}

const octet = "(?:0|[1-9][0-9]{0,2})";
const ipv4 = new RegExp(`^(${octet}(?:\\.${octet}){3})(?:/(0|[1-9][0-9]?))?$`);

function parseIpv4(text: string): HostSet | undefined {
  const [, quad, length = "32"] = ipv4.exec(text) ?? [];
  const octets = quad?.split(".").map(Number);
  const bits = Number(length);
  if (octets === undefined || bits > 32 || octets.some((octet) => octet > 255)) return undefined;
  return { kind: "ipv4", address: networkOf(octets.reduce((sum, octet) => sum * 0x100 + octet, 0), bits), bits };
}

/** An address with all but its first bits cleared. Arithmetic, since shifts by 32 are shifts by none. */
function networkOf(address: number, bits: number): number {
  return address - address % 2 ** (32 - bits);
}

function parseName(text: string): HostSet | undefined {
  const wildcard = text.startsWith("*.");
  const name = text.slice(wildcard ? 2 : 0).toLowerCase().replace(/\.$/, "");
  const labels = name.split(".");
  const isName = name.length <= 253 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // A URL whose host ends in a number has an IPv4 address, however it is written (WHATWG URL, "ends in a number checker").
  return isName && !/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1)!) ? { kind: "name", name, wildcard } : undefined;
}

/** The one spelling of a host pattern. */
export function formatHostPattern(pattern: HostPattern): string {
  const port = pattern.port === undefined ? "" : `:${pattern.port}`;
  switch (pattern.kind) {
    case "name":
      return `${pattern.wildcard ? "*." : ""}${pattern.name}${port}`;
    case "ipv4": {
      const octets = [24, 16, 8, 0].map((shift) => Math.floor(pattern.address / 2 ** shift) % 0x100);
      return `${octets.join(".")}${pattern.bits === 32 ? "" : `/${pattern.bits}`}${port}`;
    }
    case "ipv6":
      return `${pattern.address}${port}`;
  }
}

/** Whether every host and port of `asked` is one of `granted`. A name covers no address, whatever it resolves to. */
export function coversHost(granted: HostPattern, asked: HostPattern): boolean {
  if (granted.port !== undefined && granted.port !== asked.port) return false;
  if (granted.kind === "name" && asked.kind === "name") {
    if (!granted.wildcard) return !asked.wildcard && asked.name === granted.name;
    return asked.name === granted.name || asked.name.endsWith(`.${granted.name}`);
  }
  if (granted.kind === "ipv4" && asked.kind === "ipv4") {
    return asked.bits >= granted.bits && networkOf(asked.address, granted.bits) === granted.address;
  }
  return granted.kind === "ipv6" && asked.kind === "ipv6" && asked.address === granted.address;
}
