/** What remembers a number for as long as a function runs, with all that it waits for: an `AsyncLocalStorage` does. */
export interface DepthStorage {
  /** Gives the number of the function that runs now. */
  getStore(): number | undefined;
  /** Runs a function with a number. */
  run<Returned>(depth: number, run: () => Returned): Returned;
}

/** What can be said about the tracing of calls. */
export interface TraceOptions {
  /**
   * An `AsyncLocalStorage` of `node:async_hooks` that is used for nothing else. With it, lines are indented by the calls
   * they are inside of, also where async calls overlap; without it, by the calls that are open.
   */
  readonly storage?: DepthStorage | undefined;
}

/** How deep calls are inside each other. */
export interface Depth {
  /** The depth here. */
  current(): number;
  /** Begins a call, and tells its depth. */
  enter(): number;
  /** Runs the inside of a call, or a part of it. */
  within<Returned>(depth: number, run: () => Returned): Returned;
  /** Ends a call. */
  leave(): void;
}

/** Takes for depth how many calls are open, which is right as long as none of them waits while another begins. */
export function countedDepth(): Depth {
  let open = 0;
  return {
    current: () => open,
    enter: () => ++open,
    within: (_depth, run) => run(),
    leave: () => void open--,
  };
}

/** Lets a storage tell which call a place belongs to, so that calls which overlap do not get into each other's way. */
export function storedDepth(storage: DepthStorage): Depth {
  const current = () => storage.getStore() ?? 0;
  return {
    current,
    enter: () => current() + 1,
    within: (depth, run) => storage.run(depth, run),
    leave: () => {},
  };
}
