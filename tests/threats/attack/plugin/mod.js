/**
 * A plugin that tries everything it should not be able to do, and says how far it got.
 *
 * Each attack is a function under the name of what it would achieve. It fails unless it had that effect.
 */
import { environment } from "./environment.js";
import { files } from "./files.js";
import { links } from "./links.js";
import { metadata } from "./metadata.js";
import { modules } from "./modules.js";
import { native } from "./native.js";
import { network } from "./network.js";
import { proc } from "./proc.js";
import { processes } from "./processes.js";
import { signals } from "./signals.js";
import { storage } from "./storage.js";
import { reasonOf } from "./tools.js";

const groups = {
  files,
  metadata,
  links,
  network,
  processes,
  signals,
  proc,
  native,
  modules,
  environment,
  storage,
};

let plugin;

/** An attack that hangs has not succeeded. */
const longest = 10_000;

async function verdictOf(attack, target) {
  let timer;
  const late = new Promise((resolve) => timer = setTimeout(() => resolve("no answer"), longest));
  const done = (async () => {
    try {
      await attack(target);
      return "allowed";
    } catch (error) {
      return reasonOf(error);
    }
  })();
  const verdict = await Promise.race([done, late]);
  clearTimeout(timer);
  return verdict;
}

export default {
  setup(context) {
    plugin = context.name;
    // What is refused later than it is asked for must not end the process before the other attacks have been made.
    for (const name of ["error", "unhandledrejection"]) {
      globalThis.addEventListener?.(name, (event) => event.preventDefault());
    }
    for (const name of ["uncaughtException", "unhandledRejection"]) process.on(name, () => {});
  },
  hooks: {
    async attack({ targets }) {
      const target = targets[plugin];
      const verdicts = {};
      for (const [group, attacks] of Object.entries(groups)) {
        for (const [name, attack] of Object.entries(attacks)) {
          const id = `${group}: ${name}`;
          verdicts[id] = target.skip.includes(id) ? "skipped" : await verdictOf(attack, target);
        }
      }
      return [plugin, verdicts];
    },
  },
};
