import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { resolve } from "@std/path/resolve";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { inFile, parseSignature, signBytes, signRotation } from "../host/mod.ts";
import type { Rotation } from "../host/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { usage } from "./arguments.ts";
import { pathOfManifest, replaceManifest, requireRead } from "./manifest_file.ts";
import type { Command } from "./types.ts";

/** Signs a manifest, or another file whose signature lies beside it. */
export const sign: Command = {
  options: new Map([["key", "value"], ["replaces", "value"]]),
  async run({ operands: [target, ...more], values }, terminal) {
    if (target === undefined || more.length > 0) throw usage('"plugmap sign" takes one folder or file');
    const key = values.get("key");
    if (key === undefined) throw usage('"plugmap sign" needs "--key"');
    const runtime = await detectRuntime();
    const read = (name: string): Uint8Array => readBytes(resolve(process.cwd(), name), runtime);
    const given = resolve(process.cwd(), target);
    requireRead(given, runtime);
    const path = pathOfManifest(given);
    const bytes = read(path);
    const privateKey = textOf(read(key));
    const signaturePath = `${path}.sig`;
    const before = existsSync(signaturePath) ? read(signaturePath) : undefined;
    const rotations = before === undefined ? [] : [...inFile(signaturePath, () => parseSignature(before)).rotations];
    const { key: publicKey } = parseSignature(await signBytes(bytes, privateKey).catch(inKey(key)));
    const replaced = values.get("replaces");
    if (replaced !== undefined) {
      add(await signRotation(textOf(read(replaced)), publicKey).catch(inKey(replaced)), rotations);
    }
    replaceManifest(signaturePath, await signBytes(bytes, privateKey, rotations), runtime);
    terminal.out(`Wrote ${quote(signaturePath)}, signed with ${publicKey}.`);
    return 0;
  },
};

/** What is wrong with a key shows when something is signed with it. */
function inKey(name: string): (error: unknown) => never {
  return (error) =>
    inFile(name, () => {
      throw error;
    });
}

/** Signing twice with the same options states nothing twice. */
function add(rotation: Rotation, rotations: Rotation[]): void {
  const isThere = rotations.some(({ from, to }) => from === rotation.from && to === rotation.to);
  if (!isThere) rotations.push(rotation);
}

function readBytes(path: string, runtime: RuntimeAdapter): Uint8Array {
  requireRead(path, runtime);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new PlugmapError("fetch-failed", `${quote(path)} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
