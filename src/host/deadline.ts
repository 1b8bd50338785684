import type { PlugmapError } from "../errors.ts";

/**
 * Waits for something of a plugin's, but not for ever.
 *
 * @param promise What is waited for.
 * @param milliseconds How long.
 * @param late Makes the error when it is not there by then.
 */
export async function withDeadline<Value>(
  promise: PromiseLike<Value>,
  milliseconds: number,
  late: () => PlugmapError,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<Value>((resolve, reject) => {
      timer = setTimeout(() => reject(late()), milliseconds);
      promise.then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
  }
}
