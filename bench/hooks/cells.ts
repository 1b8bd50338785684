/**
 * What is measured, and what is asked of Plugmap there.
 *
 * @module
 */

/** At most how many times as long as each contestant. */
export type Targets = Readonly<Record<string, number>>;

/** One cell of the table. */
export type Cell = CallCell | RegistrationCell;

interface Named {
  readonly name: string;
  /** Cells of one group share a process, as the hooks of a host do. */
  readonly group: string;
  readonly targets: Targets;
}

export interface CallCell extends Named {
  readonly kind: "call";
  readonly mode: "collect" | "first" | "pipeline" | "parallel";
  readonly async: boolean;
  readonly impls: number;
  /** Which handler gives the first result; those around it give none. */
  readonly hit?: "first" | "middle" | "none";
  readonly wrapper?: "middleware" | "generator";
  readonly wrappers: number;
  readonly monitored: boolean;
}

export interface RegistrationCell extends Named {
  readonly kind: "registration";
  readonly plugins: number;
  readonly hooks: number;
  /** Whether each hook is called once too, so that work put off until then counts. */
  readonly called: boolean;
  /** Whether the memory that the registrations take is reported too. */
  readonly memory: boolean;
}

const sizes = [0, 1, 10, 100];

/**
 * What hookable does by itself. A caller for `callHookWith` is code written by hand, so it counts as hookable's way only
 * where there is no other.
 */
const halfOfHookable: Targets = { hookable: 0.5, HookableCore: 0.5 };
const halfOfCaller: Targets = { "hookable callHookWith": 0.5 };

type Work = Pick<CallCell, "mode" | "async" | "impls"> & Partial<CallCell>;

function call(name: string, group: string, targets: Targets, work: Work): CallCell {
  return {
    kind: "call",
    wrappers: 0,
    monitored: false,
    ...work,
    name,
    group,
    targets: { ...halfOfHookable, ...targets },
  };
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 || noun === "middleware" ? "" : "s"}`;
}

function hits(impls: number): NonNullable<CallCell["hit"]>[] {
  if (impls === 0) return ["none"];
  return impls === 1 ? ["first", "none"] : ["first", "middle", "none"];
}

function* plainCells(async: boolean): Generator<Cell> {
  const flow = async ? "async" : "sync";
  // In async cells awaiting is the work, so it is the hand-written loop that has to be matched.
  const named = (mode: string, targets: Targets, work: Work, suffix = "") =>
    call(`${flow} ${mode}, ${count(work.impls, "impl")}${suffix}`, `${flow} ${mode}`, targets, work);
  for (const impls of sizes) {
    const ofLoop = !async && impls === 10 ? 1 : 1.1;
    yield named("collect", { "hand-written": ofLoop }, { mode: "collect", async, impls });
  }
  for (const impls of sizes) {
    for (const hit of hits(impls)) {
      const targets: Targets = { ...halfOfCaller, ...(async ? { "hand-written": 1.1 } : { tapable: 1 }) };
      const suffix = hit === "none" ? ", no hit" : `, hit at ${hit}`;
      yield named("first", targets, { mode: "first", async, impls, hit }, suffix);
    }
  }
  for (const impls of sizes) {
    yield named("pipeline", async ? { "hand-written": 1.1 } : { tapable: 1 }, { mode: "pipeline", async, impls });
  }
  if (!async) return;
  for (const impls of sizes) yield named("parallel", { "hand-written": 1.1 }, { mode: "parallel", async, impls });
}

/** The cells with no wrapper are those of mode collect. */
function* wrappedCells(async: boolean, wrapper: "middleware" | "generator"): Generator<Cell> {
  const flow = async ? "async" : "sync";
  for (const impls of [1, 10]) {
    for (const wrappers of [1, 5]) {
      yield call(
        `${flow} collect, ${count(impls, "impl")}, ${count(wrappers, wrapper)}`,
        `${flow} ${wrapper}`,
        { "hand-written": wrapper === "middleware" ? 1.5 : 1.2 },
        { mode: "collect", async, impls, wrapper, wrappers },
      );
    }
  }
}

function* monitoredCells(async: boolean): Generator<Cell> {
  const flow = async ? "async" : "sync";
  for (const impls of [1, 10]) {
    const work: Work = { mode: "collect", async, impls, monitored: true };
    yield call(`${flow} collect, ${count(impls, "impl")}, monitored`, `${flow} monitored`, {}, work);
  }
}

function* registrationCells(): Generator<Cell> {
  for (const [plugins, hooks] of [[10, 10], [100, 10], [1000, 10], [10_000, 100]] as const) {
    for (const called of [false, true]) {
      yield {
        kind: "registration",
        name: `register${called ? " and call" : ""}, ${count(plugins, "plugin")} of ${hooks} hooks`,
        group: plugins * hooks > 100_000 ? "registration at scale" : "registration",
        targets: { hookable: 0.5 },
        plugins,
        hooks,
        called,
        memory: !called && plugins === 10_000,
      };
    }
  }
}

/** All cells. */
export const cells: readonly Cell[] = [
  ...plainCells(false),
  ...plainCells(true),
  ...wrappedCells(false, "middleware"),
  ...wrappedCells(false, "generator"),
  ...wrappedCells(true, "middleware"),
  ...wrappedCells(true, "generator"),
  ...monitoredCells(false),
  ...monitoredCells(true),
  ...registrationCells(),
];
