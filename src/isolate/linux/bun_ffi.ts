import process from "node:process";

/** A number that C gives or takes. */
export type Word = number | bigint;

/** What is used of `bun:ffi`, whose types only Bun has. */
export interface Ffi {
  dlopen<Name extends string>(
    library: string,
    functions: Readonly<Record<Name, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<Name, (...words: Word[]) => Word>> };
  ptr(bytes: ArrayBufferView): number;
  readonly read: { i32(address: number, offset: number): number };
}

/** The module `bun:ffi`; `undefined` where it is not Bun that runs. An import of it would fail on Deno before anything runs. */
export function bunFfi(): Ffi | undefined {
  return "bun" in process.versions ? process.getBuiltinModule("bun:ffi") as unknown as Ffi : undefined;
}

/** Makes system calls by number. */
export interface SystemCalls {
  /** What a call returns; -1 if it failed. */
  call(number: number, ...words: Word[]): number;
  /** Why the last call failed. */
  errno(): number;
}

/** System calls through the function `syscall` of a C library. */
export function systemCalls(ffi: Ffi, libc: string): SystemCalls {
  const { symbols } = ffi.dlopen(libc, {
    syscall: { args: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"], returns: "i64" },
    __errno_location: { args: [], returns: "ptr" },
  });
  return {
    call(number, ...words) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = words;
      return Number(symbols.syscall(number, a, b, c, d, e, f));
    },
    errno: () => ffi.read.i32(Number(symbols.__errno_location()), 0),
  };
}
