import { messageOf, PlugmapError } from "../../errors.ts";

/** What goes wrong, for a process to see: without the stack, which is of the host's files, and without its causes. */
export function bareError(error: unknown): Error {
  const { code } = Object(error) as { code?: unknown };
  const bare = error instanceof PlugmapError
    ? new PlugmapError(error.code, error.problem, { mend: error.mend })
    : Object.assign(new TypeError(messageOf(error)), typeof code === "string" ? { code } : {});
  Object.defineProperty(bare, "stack", { value: `${bare.name}: ${bare.message}` });
  return bare;
}
