import type { AnyFunction, Contestant } from "../contestant.ts";

/** As much of eventemitter3 as is used here. */
export interface EventEmitter3Module {
  readonly EventEmitter: new () => {
    on(name: string, handler: AnyFunction): void;
    emit(name: string, value: number): boolean;
  };
}

/** eventemitter3: always sync, and it only runs the handlers. */
export function contestEventEmitter3({ EventEmitter }: EventEmitter3Module): Contestant {
  return {
    shape({ mode, async, wrappers, monitored }) {
      return !async && mode === "collect" && wrappers === 0 && !monitored ? "value" : undefined;
    },

    subject(_cell, { handlers }) {
      const emitter = new EventEmitter();
      for (const handler of handlers) emitter.on("event", handler);
      return { call: "emitter.emit('event', value)", scope: { emitter }, answers: false };
    },

    table() {
      const emitter = new EventEmitter();
      return {
        add(_plugin, impls) {
          for (const name of Object.keys(impls)) emitter.on(name, impls[name]!);
        },
        call: (name) => emitter.emit(name, 1),
      };
    },
  };
}
