import { PlugmapError, quote } from "../../errors.ts";

/**
 * A connection that was not granted.
 *
 * @param place Host and port.
 */
export function denied(place: string): PlugmapError {
  return new PlugmapError("permission-denied", `The plugin may not connect to ${quote(place)}`, {
    mend: `Ask for it in the manifest and grant it to the plugin in plugins.policy.json: "permissions": { "net": [${
      JSON.stringify(place)
    }] }.`,
  });
}

/**
 * Stands for what cannot be had at all where the host connects, and says so when it is used.
 *
 * @param name What it is called.
 */
export function unavailable(name: string): () => never {
  // It may be called with `new`.
  return function () {
    throw new PlugmapError("permission-denied", `${quote(name)} cannot be had in an isolated plugin on this runtime`, {
      mend: "Use fetch, WebSocket, net.connect or tls.connect: for those the host connects, and looks names up.",
    });
  };
}
