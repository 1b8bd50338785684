import process from "node:process";

/**
 * Why something is not tested on this machine, said aloud: Bun passes over what a skipped group holds without a word.
 *
 * @param reason What is missing.
 * @returns The reason, for the option `skip` of a test.
 * @throws Where nothing may be missing, which PLUGMAP_NOTHING_MISSING=1 says.
 */
export function notTested(reason: string): string {
  const told = `NOT TESTED: ${reason}`;
  if (process.env["PLUGMAP_NOTHING_MISSING"] === "1") throw new Error(told);
  console.warn(told);
  return told;
}
