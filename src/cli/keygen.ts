import { writeFileSync } from "node:fs";
import process from "node:process";
import { resolve } from "@std/path/resolve";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { generateSigningKey } from "../host/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import { usage } from "./arguments.ts";
import type { Command } from "./types.ts";

/** Makes a key to sign with. */
export const keygen: Command = {
  options: new Map(),
  async run({ operands: [target, ...more] }, terminal) {
    if (target === undefined || more.length > 0) throw usage('"plugmap keygen" takes one file');
    const path = resolve(process.cwd(), target);
    const power = { name: "write", path } as const;
    const runtime = await detectRuntime();
    if (!runtime.may(power)) {
      throw new PlugmapError("store-failed", `${quote(path)} may not be written`, {
        mend: `Start "plugmap" with ${runtime.flagFor(power)}.`,
      });
    }
    const { privateKey, publicKey } = await generateSigningKey();
    try {
      // What a key was lost for cannot be signed any more, so none is ever written over.
      writeFileSync(path, privateKey, { flag: "wx", mode: 0o600 });
    } catch (cause) {
      throw new PlugmapError("store-failed", `${quote(path)} cannot be written: ${messageOf(cause)}`, {
        mend: "Name a file that is not there yet, in a folder that is.",
        cause,
      });
    }
    terminal.out(publicKey);
    return 0;
  },
};
