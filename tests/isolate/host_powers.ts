/**
 * Hosts that may do some things only.
 *
 * @module
 */
import type { HostPower, RuntimeAdapter } from "../../src/runtime/types.ts";

/** A runtime of which only that is there by which a host learns what it may do. */
export function runtimeThatMay(may: (power: HostPower) => boolean): RuntimeAdapter {
  return { may, flagFor: ({ name }: HostPower) => `--allow-${name}` } as unknown as RuntimeAdapter;
}

export const allPowerful: RuntimeAdapter = runtimeThatMay(() => true);
