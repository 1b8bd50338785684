import type { AnyFunction, Contestant } from "../contestant.ts";

/** As much of emittery as is used here. */
export interface EmitteryModule {
  readonly default: new () => { on(name: string, handler: AnyFunction): void };
}

/** emittery: always async, and it only runs the handlers. */
export function contestEmittery({ default: Emittery }: EmitteryModule): Contestant {
  return {
    shape({ mode, async, wrappers, monitored }) {
      const fits = async && (mode === "collect" || mode === "parallel") && wrappers === 0 && !monitored;
      return fits ? "value" : undefined;
    },

    subject({ mode }, { handlers }) {
      const emitter = new Emittery();
      for (const handler of handlers) emitter.on("event", handler);
      const method = mode === "parallel" ? "emit" : "emitSerial";
      return { call: `emitter.${method}("event", value)`, scope: { emitter }, answers: false };
    },
  };
}
