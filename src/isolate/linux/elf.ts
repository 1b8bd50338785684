/** Where things are in the headers of a 64-bit ELF file (elf.h). */
const header = { segments: 32, segmentSize: 54, segmentCount: 56 } as const;
const segment = { type: 0, offset: 8, size: 32 } as const;
/** PT_INTERP. */
const interpreter = 3;

/**
 * The dynamic linker that a program names, at the path where the kernel looks for it.
 *
 * @param start The first bytes of the program; a few hundred hold all of the headers.
 * @returns The path; `undefined` if the program names none, or is none for Linux on a 64-bit machine.
 */
export function elfInterpreter(start: Uint8Array): string | undefined {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  try {
    // "\x7fELF", 64 bits, little-endian.
    if (view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201) return undefined;
    const segments = Number(view.getBigUint64(header.segments, true));
    const size = view.getUint16(header.segmentSize, true);
    for (let index = 0; index < view.getUint16(header.segmentCount, true); index++) {
      const at = segments + index * size;
      if (view.getUint32(at + segment.type, true) !== interpreter) continue;
      const from = Number(view.getBigUint64(at + segment.offset, true));
      const length = Number(view.getBigUint64(at + segment.size, true));
      if (from + length > start.length) return undefined;
      return new TextDecoder().decode(start.subarray(from, from + length - 1));
    }
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
