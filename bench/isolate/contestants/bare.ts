import { startBare } from "../bare_process.ts";
import type { Connection } from "../contestant.ts";
import { bulk } from "../cells.ts";

/** Bytes of a small call: as many as one of ours has. */
const callBytes = 24;

/**
 * Nothing but the channel: fixed numbers of bytes there and back, which mean nothing to the other side.
 *
 * @param keeps Whether the other side gathers the bytes of a large argument, as it has to where somebody wants to use them.
 */
export async function connectBare(keeps: boolean): Promise<Connection> {
  const [echoing, counting] = await Promise.all([
    startBare("echo"),
    startBare({ length: bulk, keeps }),
  ]);
  const call = new DataView(new ArrayBuffer(callBytes));
  const answer = new Uint8Array(callBytes);
  let came = 0;
  let answered: ((value: number) => void) | undefined;
  echoing.onBytes = (bytes) => {
    answer.set(bytes, came);
    came += bytes.length;
    if (came < callBytes) return;
    came = 0;
    answered!(new DataView(answer.buffer).getFloat64(0));
  };
  let counted: ((length: number) => void) | undefined;
  counting.onBytes = () => counted!(bulk);
  return {
    echo: (value) =>
      new Promise((resolve) => {
        answered = resolve;
        call.setFloat64(0, value);
        echoing.write(new Uint8Array(call.buffer));
      }),
    receive: (bytes) =>
      new Promise((resolve) => {
        counted = resolve;
        counting.write(bytes);
      }),
    inTurnOnly: true,
    close: () => {
      echoing.end();
      counting.end();
    },
  };
}
