import { findBubblewrap } from "../../../src/isolate/linux/mod.ts";
import { notTested } from "../../support/not_tested.ts";
import { machine } from "./confined_bun.ts";

/** The path of `bwrap`, where it works. */
export const bubblewrap: string | undefined = typeof machine === "string" ? undefined : findBubblewrap(machine.files);

/** For the options of a test that needs it: says why it is skipped, if it is. */
export const bubblewrapped: { readonly skip: string | false } = {
  skip: bubblewrap === undefined && notTested("bubblewrap is not installed, or does not work here"),
};
