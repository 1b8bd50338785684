/**
 * How a Deno process comes by its program: its entry is a few lines in its address, which read the program from standard
 * input and run it. A long text in the address would cost Deno 20 ms.
 *
 * @module
 */

/** Bytes before the program: its length, and what it is told. */
const headLength = 5;

const entry = `import "node:module";
const read = async (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await Deno.stdin.read(bytes.subarray(at));
    if (count === null) Deno.exit(0);
    at += count;
  }
  return bytes;
};
const head = new DataView((await read(${headLength})).buffer);
const text = new TextDecoder().decode(await read(head.getUint32(0, true)));
(0, eval)(text)(process.getBuiltinModule, head.getUint8(4) === 1);
await new Promise(() => {});`;

/** The address to start Deno with. */
export const denoEntry: string = `data:text/javascript,${encodeURIComponent(entry)}`;

/**
 * What the entry reads.
 *
 * @param program Text of a function that takes the one that gives builtins, and a flag.
 * @param flag What the program is told.
 */
export function denoPrologue(program: string, flag: boolean): Uint8Array {
  const bytes = new TextEncoder().encode(program);
  const prologue = new Uint8Array(headLength + bytes.length);
  const view = new DataView(prologue.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint8(4, flag ? 1 : 0);
  prologue.set(bytes, headLength);
  return prologue;
}
