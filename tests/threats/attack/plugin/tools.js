/** What attacks are made with. */

export const onDeno = "Deno" in globalThis;

/** A builtin of the runtime, got past the imports that the host looks at. */
export const builtin = (name) => process.getBuiltinModule(name);

/** An attack that fails in a way that has no error of its own. */
export function fail(code) {
  throw Object.assign(new Error(code), { code });
}

/** What an attack needs to be there. */
export const present = (value) => value ?? fail("absent");

/** What an attack has to have got: an attack that has no effect is none. */
export const got = (value, wanted) => String(value).includes(wanted) ? wanted : fail("no effect");

/** Waits for what an attack promises, or for an error that nobody can catch; some builtins throw those. */
export async function unlessStray(promise) {
  const { promise: stray, reject } = Promise.withResolvers();
  const onStray = (event) => reject(event.error ?? event);
  globalThis.addEventListener?.("error", onStray);
  process.on("uncaughtException", onStray);
  try {
    return await Promise.race([promise, stray]);
  } finally {
    globalThis.removeEventListener?.("error", onStray);
    process.off("uncaughtException", onStray);
  }
}

/** Waits for one of the events of an emitter; `error` always ends the wait. */
export function event(emitter, name) {
  return new Promise((resolve, reject) => {
    emitter.once("error", reject);
    emitter.once(name, resolve);
  });
}

/** Why an attack failed, in words that tell who stopped it. */
export function reasonOf(error) {
  const text = `${error?.message ?? error}`;
  // Deno names the permission that would have been needed; node's modules wrap that in errors of their own.
  const needed = /Requires (?:(\w+) access|--allow-(\w+))/.exec(text);
  if (needed !== null) return `needs ${needed[1] ?? needed[2]}`;
  if (text.includes("requires unscoped")) return "needs all";
  if (typeof error?.code === "string") return error.code;
  const named = /\b(?:EACCES|EPERM)\b/.exec(text);
  if (named !== null) return named[0];
  if (error instanceof TypeError && /is not a|undefined/.test(text)) return "absent";
  // Paths differ from run to run.
  return text.split(/['":\n/]/)[0].trim();
}
