let serial = 0;

/**
 * Makes a value from source, under its own names. Each function of the benchmark is made from source of its own: engines
 * keep what they learn about a function with its source, so a hundred closures of one literal would count as one function.
 * V8 does so even for equal texts that are evaluated apart, which is what the number in them is for.
 *
 * @param scope What the source names.
 * @param source An expression.
 * @returns Its value.
 */
export function compile<Value>(scope: object, source: string): Value {
  const evaluate = new Function(...Object.keys(scope), `"use strict"; /* ${serial++} */ return (${source});`);
  return evaluate(...Object.values(scope)) as Value;
}
