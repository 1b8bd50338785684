/** Loads a package that only this folder installs: type checks of the checkout run without, and must not look for it. */
export async function load<Module>(name: string): Promise<Module> {
  return await import(name);
}

/** Settles once a worker has said that it listens: Bun loses what is sent to it before. */
export async function ready(worker: Worker): Promise<void> {
  await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
}
