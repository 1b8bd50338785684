import { assertEquals, assertThrows } from "@std/assert";
import { closeSync, openSync, readSync } from "node:fs";
import { describe, it } from "node:test";
import { PlugmapError } from "../../../src/errors.ts";
import { elfInterpreter } from "../../../src/isolate/linux/elf.ts";
import { libraryOfC, runtimeFiles } from "../../../src/isolate/linux/runtime_files.ts";
import { bun } from "../../support/binaries.ts";
import { confinable } from "./confined_bun.ts";

/** The headers of a program that names a dynamic linker. */
function program(interpreter: string, { segments = [3] }: { segments?: readonly number[] } = {}): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f454c46);
  view.setUint16(4, 0x0201);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach((type, index) => {
    view.setUint32(64 + 56 * index, type, true);
    view.setBigUint64(64 + 56 * index + 8, 512n, true);
    view.setBigUint64(64 + 56 * index + 32, BigInt(interpreter.length + 1), true);
  });
  bytes.set(new TextEncoder().encode(`${interpreter}\0`), 512);
  return bytes;
}

const glibc = `00200000-00a00000 r--p 00000000 fe:00 401  /opt/my bun/bin/bun
00a00000-05000000 r-xp 00800000 fe:00 401                        /opt/my bun/bin/bun
05000000-06000000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000010000 r--p 00000000 fe:00 7                  /usr/lib/x86_64-linux-gnu/libc.so.6
7f0000010000-7f0000020000 r-xp 00010000 fe:00 7                  /usr/lib/x86_64-linux-gnu/libc.so.6
7f0000020000-7f0000030000 r-xp 00000000 fe:00 8                  /usr/lib/x86_64-linux-gnu/libpthread.so.0
7f0000030000-7f0000040000 r-xp 00000000 fe:00 9                  /home/user/addon/libsecret.so
7f0000040000-7f0000050000 rw-s 00000000 fe:00 10                 /home/user/data.db
7f0000050000-7f0000060000 r-xp 00000000 fe:00 11                 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7f0000060000-7f0000070000 rw-p 00000000 00:00 0 \n7fff00000000-7fff00010000 r-xp 00000000 00:00 0                  [vdso]
`;
const musl = `00200000-00a00000 r--p 00000000 fe:00 401                  /usr/local/bin/bun
7f0000000000-7f0000010000 r-xp 00000000 fe:00 7                  /lib/ld-musl-aarch64.so.1
7f0000010000-7f0000020000 r-xp 00000000 fe:00 8                  /usr/lib/libstdc++.so.6.0.33
7f0000020000-7f0000030000 r-xp 00000000 fe:00 9                  /usr/lib/libgcc_s.so.1
`;

describe("runtimeFiles()", () => {
  it("finds what glibc's Bun needs, and not what else the process has open", () => {
    const files = runtimeFiles("/opt/my bun/bin/bun", program("/lib64/ld-linux-x86-64.so.2"), glibc);
    assertEquals(files, {
      bun: "/opt/my bun/bin/bun",
      interpreter: "/lib64/ld-linux-x86-64.so.2",
      linker: "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
      libraries: ["/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libpthread.so.0"],
    });
    assertEquals(libraryOfC(files), "/usr/lib/x86_64-linux-gnu/libc.so.6");
  });

  it("finds what musl's Bun needs, where the linker is the C library", () => {
    const files = runtimeFiles("/usr/local/bin/bun", program("/lib/ld-musl-aarch64.so.1"), musl);
    assertEquals(files.libraries, ["/usr/lib/libstdc++.so.6.0.33", "/usr/lib/libgcc_s.so.1"]);
    assertEquals(libraryOfC(files), "/lib/ld-musl-aarch64.so.1");
  });

  it("refuses a program that is no Bun of a release", () => {
    for (const [start, maps] of [[new Uint8Array(64), glibc], [program("/lib/ld.so"), ""]] as const) {
      const error = assertThrows(() => runtimeFiles("/bun", start, maps), PlugmapError);
      assertEquals((error as PlugmapError).code, "tier-unavailable");
    }
  });
});

describe("elfInterpreter()", () => {
  it("finds it among other segments", () => {
    assertEquals(elfInterpreter(program("/lib/ld.so", { segments: [6, 1, 3] })), "/lib/ld.so");
  });

  it("says so if there is none", () => {
    assertEquals(elfInterpreter(program("/lib/ld.so", { segments: [1, 2] })), undefined);
    assertEquals(elfInterpreter(new TextEncoder().encode("#!/bin/sh\n")), undefined);
    assertEquals(elfInterpreter(new Uint8Array()), undefined);
  });

  it("reads no further than there are bytes", () => {
    const whole = program("/lib/ld.so");
    for (let length = 0; length < 520; length++) assertEquals(elfInterpreter(whole.subarray(0, length)), undefined);
  });

  it("finds that of Bun", confinable, () => {
    const start = new Uint8Array(4096);
    const file = openSync(bun, "r");
    readSync(file, start);
    closeSync(file);
    assertEquals(elfInterpreter(start)!.startsWith("/lib"), true);
  });
});
