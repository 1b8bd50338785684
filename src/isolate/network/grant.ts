import { quote } from "../../errors.ts";
import { coversHost, type HostPattern, parseHostPattern } from "../../permissions/hosts.ts";
import type { PermissionItems } from "../../permissions/mod.ts";
import { denied } from "./denied.ts";
import { malformed } from "./read.ts";

/** Where a process may connect to. */
export class NetworkGrant {
  readonly #granted: true | readonly HostPattern[];

  /** @param granted Items of `net`, in normal form. */
  constructor(granted: PermissionItems) {
    this.#granted = granted === true
      ? true
      : granted.map(parseHostPattern).filter((pattern): pattern is HostPattern => pattern.kind !== "fault");
  }

  /** Whether there is any such place. */
  get isEmpty(): boolean {
    return this.#granted !== true && this.#granted.length === 0;
  }

  /**
   * Checks one place. A name stands for whatever it resolves to, and an address is only ever granted as an address, as in
   * Deno.
   *
   * @param hostname As {@linkcode URL.hostname} writes it: that is the host that is connected to.
   * @throws {PlugmapError} `permission-denied`, with what would grant it.
   */
  require(hostname: string, port: number): void {
    const place = `${hostname}:${port}`;
    const asked = parseHostPattern(place);
    // A URL can have the host "*.example.com", which as a pattern would be more than one host.
    const isOne = asked.kind === "ipv6" || (asked.kind === "name" ? !asked.wildcard : asked.kind === "ipv4");
    if (port === 0 || asked.kind === "fault" || !isOne) throw malformed(`${quote(place)} is no host with a port`);
    if (this.#granted === true || this.#granted.some((granted) => coversHost(granted, asked))) return;
    throw denied(place);
  }
}
