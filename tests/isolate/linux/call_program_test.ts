import { assertEquals, assertThrows } from "@std/assert";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import type { Architecture } from "../../../src/isolate/linux/mod.ts";
import { CallProgram, Label } from "../../../src/isolate/linux/call_program.ts";
import { notTested } from "../../support/not_tested.ts";
import { createTemporaryFolder } from "../../support/temporary_folder.ts";

/** How programs of an architecture are run here: as they are, or by QEMU. */
function runnerOf(architecture: Architecture): readonly string[] | undefined {
  if (process.platform !== "linux") return undefined;
  if (process.arch === architecture) return [];
  const emulator = { x64: "qemu-x86_64", arm64: "qemu-aarch64" }[architecture];
  return spawnSync(emulator, ["--version"]).status === 0 ? [emulator] : undefined;
}

for (const architecture of ["x64", "arm64"] as const) {
  const runner = runnerOf(architecture);
  const skip = runner === undefined && notTested(`programs for Linux on ${architecture} do not run here`);

  const run = (program: CallProgram): [status: number | null, stdout: string, stderr: string] => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "program");
    writeFileSync(path, program.finish(), { mode: 0o755 });
    const [file, ...args] = [...runner!, path];
    const { status, stdout, stderr } = spawnSync(file!, args, { encoding: "latin1" });
    return [status, stdout, stderr];
  };

  describe(`A program of system calls on ${architecture}`, { skip }, () => {
    it("makes its calls in turn, and ends where one fails", () => {
      const program = new CallProgram(architecture);
      const otherwise = program.failure(7, "It failed\n");
      for (const text of ["one ", "two "]) {
        program.call("write", [1, program.bytes(new TextEncoder().encode(text)), text.length], { otherwise });
      }
      program.call("close", [99], { otherwise });
      program.call("write", [1, program.text("three"), 5], { otherwise });
      assertEquals(run(program), [7, "one two ", "It failed\n"]);
    });

    it("becomes another program, with its arguments and its environment", () => {
      const program = new CallProgram(architecture);
      const otherwise = program.failure(7, "It failed\n");
      const words = ["/bin/sh", "-c", 'echo "$1, $NAME"', "", "é"].map((word) => program.text(word));
      const environment = program.words([program.text("NAME=value"), 0]);
      program.call("execve", [words[0]!, program.words([...words, 0]), environment], { then: otherwise, otherwise });
      assertEquals(run(program), [0, "\u00c3\u00a9, value\n", ""]);
    });

    it("goes on with the results that are accepted, and with no others", () => {
      // The parent is this process; -EBADF is -9.
      const parent = process.pid;
      const outcome = (
        call: (program: CallProgram, accepted: { least?: number; most?: number; otherwise: Label }) => void,
        accepted: { least?: number; most?: number },
      ): number | null => {
        const program = new CallProgram(architecture);
        call(program, { ...accepted, otherwise: program.failure(7, "") });
        const done = program.failure(0, "");
        program.call("getpid", [], { then: done, otherwise: done });
        return run(program)[0];
      };
      const ask = (least?: number, most?: number): number | null =>
        outcome((program, accepted) => program.call("getppid", [], accepted), { least, most } as { least: number });
      assertEquals([ask(parent, parent), ask(parent - 1, parent), ask(parent), ask()], [0, 0, 0, 0]);
      assertEquals([ask(parent + 1), ask(0, parent - 1), ask(parent + 1, parent + 2), ask(-5, -5)], [7, 7, 7, 7]);
      const close = (least: number, most: number): number | null =>
        outcome((program, accepted) => program.call("close", [99], accepted), { least, most });
      assertEquals([close(-9, -9), close(-10, 0), close(-9, 5)], [0, 0, 0]);
      assertEquals([close(-8, 0), close(-20, -10), close(0, 99)], [7, 7, 7]);
    });

    it("takes the way that each result has", () => {
      const program = new CallProgram(architecture);
      const failed = program.failure(1, "failed ");
      const done = program.failure(0, "done");
      const recovered = new Label();
      program.call("close", [99], { then: failed, otherwise: recovered });
      program.call("getpid", [], { then: failed, otherwise: failed });
      program.place(recovered);
      program.call("getpid", [], { then: done, otherwise: failed });
      assertEquals(run(program), [0, "", "done"]);
    });

    it("keeps results, in memory and for a later step to expect", () => {
      const program = new CallProgram(architecture);
      const otherwise = program.failure(7, "");
      const kept = program.bytes(Uint8Array.of(0, 0, 0, 0, 9, 9, 9, 9));
      const path = program.text("/dev/null");
      program.call("close", [0], { otherwise });
      program.call("openat", [-100, path, 0], { otherwise, keep: kept });
      program.call("openat", [-100, path, 0], { otherwise, keep: { offset: kept.offset + 4 } });
      const expected = new Label();
      program.call("getpid", [], { otherwise, keep: { least: expected } });
      program.place(expected);
      program.call("getpid", [], { most: 0, otherwise });
      const end = program.failure(0, "");
      program.call("write", [1, kept, 8], { then: end, otherwise });
      const [status, stdout] = run(program);
      assertEquals([status, stdout.charCodeAt(0), stdout.slice(1, 4)], [0, 0, "\0\0\0"]);
      assertEquals([stdout.charCodeAt(4) > 2, stdout.slice(5)], [true, "\0\0\0"]);
    });

    it("takes bits away", () => {
      const program = new CallProgram(architecture);
      const otherwise = program.failure(7, "");
      const word = program.words([0x1_6f_7f_ff_ff]);
      program.call("getpid", [], { otherwise, mask: { at: word, bits: 0x61_62_63_64 } });
      const end = program.failure(0, "");
      program.call("write", [1, word, 8], { then: end, otherwise });
      assertEquals(run(program), [0, "dcba\u0001\0\0\0", ""]);
    });
  });
}

describe("CallProgram", () => {
  it("refuses a call that the architecture does not have", () => {
    const program = new CallProgram("arm64");
    assertThrows(() => program.call("open", [], { otherwise: program.failure(7, "") }), RangeError, "open");
  });
});
