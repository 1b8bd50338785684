import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { addresses, stepWords } from "../../../src/isolate/linux/call_code.ts";
import type { Architecture, LaunchJob } from "../../../src/isolate/linux/mod.ts";
import { launcherImage } from "../../../src/isolate/linux/mod.ts";

const job: LaunchJob = {
  landlock: {
    withheld: { files: 1, network: 0, scopes: 0, size: 8 },
    paths: [
      { path: "/needed", rights: 1, needed: true, follow: true },
      { path: "/granted", rights: 1, needed: false, follow: false },
    ],
    rightsOfFiles: 1,
  },
  filter: [6, 0],
  blanks: {},
  limits: [[4, 0]],
  capabilities: 0,
  command: ["/program"],
  environment: [],
  parent: 1,
};

/** The numbers of the calls that a launcher makes, each once, in the order of the steps. */
function numbersOf(architecture: Architecture): number[] {
  const { buffer } = launcherImage(job, architecture);
  const start = addresses.steps & 0xffff;
  // What nobody wants to know, such as the result of the first step, goes to where the data begin, behind the steps.
  const size = new DataView(buffer).getInt32(start + 8 * 7, true) - addresses.steps;
  const words = [...new BigInt64Array(buffer.slice(start, start + size))];
  return [...new Set(words.filter((_, index) => index % stepWords === 0).map(Number))];
}

/** From asm/unistd_64.h and asm-generic/unistd.h: a second copy, on purpose, to see an error in the first. */
const numbers: readonly (readonly [call: string, x64: number, arm64: number])[] = [
  ["prctl", 157, 167],
  ["getppid", 110, 173],
  ["getpid", 39, 172],
  ["setsid", 112, 157],
  ["getpgid", 121, 155],
  ["close_range", 436, 436],
  ["landlock_create_ruleset", 444, 444],
  ["openat", 257, 56],
  ["landlock_add_rule", 445, 445],
  ["close", 3, 57],
  ["openat2", 437, 437],
  ["landlock_restrict_self", 446, 446],
  ["capget", 125, 90],
  ["capset", 126, 91],
  ["prlimit64", 302, 261],
  ["seccomp", 317, 277],
  ["execve", 59, 221],
  ["write", 1, 64],
  ["exit_group", 231, 94],
];

describe("launcherImage()", () => {
  it("calls the kernel by the numbers of the architecture", () => {
    assertEquals(numbersOf("x64"), numbers.map(([, x64]) => x64));
    assertEquals(numbersOf("arm64"), numbers.map(([, , arm64]) => arm64));
  });
});
