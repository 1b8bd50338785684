/**
 * The sets of grants under which the attack plugin runs: nothing, each kind of permission, and typical mixes.
 *
 * @module
 */
import type { Target } from "./scene.ts";

/** A set of grants; the plugin is called by it. */
export type GrantName = (typeof grantNames)[number];

/** All sets of grants. */
export const grantNames = [
  "nothing",
  "read",
  "reading",
  "write",
  "net",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
  "files",
  "mixed",
  "most",
] as const;

type Grants = Readonly<Record<string, true | readonly string[]>>;

/** What is granted, as a manifest and a policy say it. */
export function grantsOf(name: GrantName, target: Target | undefined): Grants {
  const { readable = "", writable = "", port = 1, program = "", reader = "", library = "" } = target ?? {};
  const server = `127.0.0.1:${port}`;
  const files = { read: [readable, writable], write: [writable] };
  const sets: Record<GrantName, Grants> = {
    nothing: {},
    read: { read: [readable] },
    reading: { read: true },
    write: { write: [writable] },
    net: { net: [server] },
    env: { env: ["PLUGMAP_GRANTED"] },
    run: { run: [program, reader] },
    sys: { sys: true },
    ffi: { ffi: [library] },
    import: { import: [server] },
    files,
    mixed: { ...files, net: [server] },
    // All that can be granted without a name, but for what reaches files.
    most: { net: [server], env: true, sys: true, import: true },
  };
  return sets[name];
}
