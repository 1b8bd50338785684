import { assert, assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { seccompFilter } from "../../../src/isolate/linux/seccomp.ts";
import { syscallRules } from "../../../src/isolate/linux/syscall_rules.ts";
import type { RuleOptions } from "../../../src/isolate/linux/syscall_rules.ts";
import { verdictOf } from "./bpf_interpreter.ts";
import { syscallNumbers } from "./syscall_numbers.ts";

type Architecture = "x64" | "arm64";
const audit: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const architectures = ["x64", "arm64"] as const;
const nothing: RuleOptions = { write: false, run: false, truncationHeld: true, signalsHeld: true, linksHeld: true };
const pid = 4321;
const secret = [0x11111111, 0xf2222222, 0x33333333, 0x84444444, 0x55555555, 0x66666666];
const key = (index: number): bigint => BigInt(secret[2 * index]!) | BigInt(secret[2 * index + 1]!) << 32n;

/** A filter in which the launcher has filled in what it knows. */
function filled(options: RuleOptions, architecture: Architecture): number[] {
  const { program, blanks } = seccompFilter(syscallRules(options), architecture);
  const words = [...program];
  for (const [name, indexes] of Object.entries(blanks)) {
    const value = name === "pid" ? pid : secret[Number(name.at(-1))]!;
    for (const index of indexes) words[2 * index + 1] = value;
  }
  return words;
}

const answers = new Map([
  [0x7fff0000, "allow"],
  [0x80000000, "kill"],
  [0x50001, "EPERM"],
  [0x5000d, "EACCES"],
  [
    0x50016,
    "EINVAL",
  ],
  [0x50019, "ENOTTY"],
  [0x50026, "ENOSYS"],
]);

/** What filters for a grant answer to a call, on each architecture that has it; they have to agree. */
function answer(name: string, given: readonly (number | bigint)[] = [], options: Partial<RuleOptions> = {}): string {
  const seen = new Set<string>();
  architectures.forEach((architecture, index) => {
    const number = syscallNumbers[name]![index];
    if (number === undefined) return;
    const program = filled({ ...nothing, ...options }, architecture);
    const verdict = verdictOf(program, { architecture: audit[architecture], number, arguments: given.map(BigInt) });
    seen.add(answers.get(verdict) ?? `${verdict}`);
  });
  assertEquals(seen.size, 1, `${name}: the architectures differ: ${[...seen]}`);
  return [...seen][0]!;
}

const NULL = 0;
const AT_FDCWD = -100n;
const SIGTERM = 15;

describe("seccompFilter()", () => {
  it("ends a process that makes calls of another architecture, or of x32", () => {
    for (const architecture of architectures) {
      const program = filled(nothing, architecture);
      const foreign = [0x40000003, /* i386 */ 0x40000028, /* arm */ audit[architecture === "x64" ? "arm64" : "x64"]];
      for (const other of foreign) assertEquals(verdictOf(program, { architecture: other, number: 0 }), 0x80000000);
      const x32 = { architecture: audit[architecture], number: 0x40000000 };
      assertEquals(verdictOf(program, x32), 0x80000000);
      assertEquals(verdictOf(program, { ...x32, number: 0xffffffff }), 0x80000000);
    }
  });

  it("allows no call but those that the rules name", () => {
    for (const architecture of architectures) {
      for (const options of [nothing, { ...nothing, write: true, run: true }]) {
        const { program } = seccompFilter(syscallRules(options), architecture);
        const isAllowed = (number: number): boolean =>
          verdictOf(program, { architecture: audit[architecture], number }) === 0x7fff0000;
        const allowed = Array.from({ length: 1024 }, (_, number) => number).filter(isAllowed);
        const refused = ["ptrace", "mount", "bpf", "io_uring_setup", "unshare", "setns", "keyctl", "memfd_create"];
        const index = architectures.indexOf(architecture);
        for (const name of refused) assert(!allowed.includes(syscallNumbers[name]![index]!), name);
        assert(allowed.length > 50 && allowed.length < 130, `${allowed.length}`);
      }
    }
  });

  it("answers ENOSYS to calls that are newer than the rules, so that programs do without", () => {
    for (const architecture of architectures) {
      const call = { architecture: audit[architecture], number: 451 };
      assertEquals(answers.get(verdictOf(filled(nothing, architecture), call)), "ENOSYS");
    }
  });

  it("stays within what the kernel takes", () => {
    for (const architecture of architectures) {
      const { program } = seccompFilter(syscallRules({ ...nothing, write: true, run: true }), architecture);
      assert(program.length / 2 <= 4096);
    }
  });

  it("has no call in two rules", () => {
    for (const write of [false, true]) {
      for (const run of [false, true]) {
        const calls = syscallRules({ ...nothing, write, run }).flatMap(({ calls }) => calls);
        assertEquals(calls.length, new Set(calls).size);
      }
    }
  });
});

describe("A confined process", () => {
  it("makes the calls that Bun lives on", () => {
    for (const name of ["read", "futex", "getrandom", "mmap", "mprotect", "recvfrom"]) {
      assertEquals(answer(name), "allow");
    }
  });

  it("reaches no other process, no kernel facility and no mount, whatever it is granted", () => {
    const names = [
      ..."ptrace process_vm_readv process_vm_writev process_madvise pidfd_open pidfd_getfd pidfd_send_signal".split(
        " ",
      ),
      ..."rt_sigqueueinfo rt_tgsigqueueinfo tkill sched_setaffinity setpriority setrlimit setsid setpgid".split(" "),
      ..."io_uring_setup bpf userfaultfd perf_event_open keyctl add_key syslog quotactl personality seccomp".split(" "),
      ..."init_module kexec_load inotify_init1 fanotify_init memfd_create execveat setuid".split(" "),
      ..."mount umount2 pivot_root chroot open_tree move_mount fsopen unshare setns".split(" "),
      ..."name_to_handle_at open_by_handle_at shmget semget msgget mq_open mknodat".split(" "),
      ..."sendmsg recvmsg accept4".split(" "),
    ];
    for (const name of names) {
      assertEquals(answer(name), "EPERM", name);
      assertEquals(answer(name, [], { write: true, run: true }), "EPERM", name);
    }
  });

  it("has no socket of any family", () => {
    for (const family of [1, 2, 10, 16, 17, 40]) {
      assertEquals(answer("socket", [family, 1, 0]), "EACCES");
      assertEquals(answer("socket", [family, 1, 0], { run: true, write: true }), "EACCES");
    }
    assertEquals(answer("connect"), "EACCES");
    assertEquals(answer("bind"), "EACCES");
  });

  it("sends over what is connected, and to no address", () => {
    assertEquals(answer("sendto", [3, 0x1000, 1, 0, NULL, 0]), "allow");
    assertEquals(answer("sendto", [3, 0x1000, 1, 0, 0x1000, 16]), "EPERM");
    assertEquals(answer("sendto", [3, 0x1000, 1, 0, 1n << 32n, 16]), "EPERM");
  });

  it("starts threads, and neither processes nor namespaces", () => {
    const glibc = 0x003d0f00;
    assertEquals(answer("clone", [glibc]), "allow");
    for (const missing of [0x100, 0x200, 0x400, 0x800, 0x10000]) {
      assertEquals(answer("clone", [glibc & ~missing]), "EPERM");
    }
    for (const flag of [0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000]) {
      assertEquals(answer("clone", [glibc | flag]), "EPERM", flag.toString(16));
    }
    assertEquals(answer("fork"), "EPERM");
    assertEquals(answer("vfork"), "EPERM");
    assertEquals(answer("clone3"), "ENOSYS");
  });

  it("starts processes if that is granted, but none that is the host's child, is traced or has namespaces", () => {
    const run = { run: true };
    const forked = 0x01200011;
    const spawned = 0x00004111;
    assertEquals(answer("clone", [forked], run), "allow");
    assertEquals(answer("clone", [spawned], run), "allow");
    assertEquals(answer("execve", [1, 2, 3], run), "allow");
    for (const flag of [0x1000, 0x2000, 0x8000, 0x00020000, 0x02000000, 0x10000000, 0x20000000, 0x40000000]) {
      assertEquals(answer("clone", [forked | flag], run), "EPERM", flag.toString(16));
    }
    assertEquals(answer("socketpair", [1, 1 | 0o2000000, 0], run), "allow");
    assertEquals(answer("socketpair", [1, 2, 0], run), "EACCES");
    assertEquals(answer("socketpair", [1, 5, 0], run), "EACCES");
    assertEquals(answer("socketpair", [2, 1, 0], run), "EACCES");
    assertEquals(answer("socketpair", [1, 1, 0]), "EPERM");
  });

  it("passes the gate of execve with the whole secret only", () => {
    const keys = [key(0), key(1), key(2)];
    assertEquals(answer("execve", [1, 2, 3, ...keys]), "allow");
    assertEquals(answer("execve", [1, 2, 3, 0, 0, 0]), "EPERM");
    for (let bit = 0n; bit < 192n; bit++) {
      const wrong = keys.with(Number(bit / 64n), keys[Number(bit / 64n)]! ^ (1n << (bit % 64n)));
      assertEquals(answer("execve", [1, 2, 3, ...wrong]), "EPERM", `bit ${bit}`);
    }
  });

  it("signals itself, and others only where the kernel sees to whom", () => {
    for (const name of ["kill", "tgkill"]) {
      assertEquals(answer(name, [pid, SIGTERM]), "allow");
      for (const other of [0n, -1n, 1n, BigInt(-pid), BigInt(pid + 1)]) assertEquals(answer(name, [other]), "EPERM");
      assertEquals(answer(name, [1], { run: true, signalsHeld: true }), "allow");
      assertEquals(answer(name, [1], { run: true, signalsHeld: false }), "EPERM");
      assertEquals(answer(name, [pid], { run: true, signalsHeld: false }), "allow");
    }
  });

  it("reads its own limits and changes none", () => {
    assertEquals(answer("prlimit64", [0, 7, NULL, 0x1000]), "allow");
    assertEquals(answer("prlimit64", [0, 7, 0x1000, NULL]), "EPERM");
    assertEquals(answer("prlimit64", [0, 7, 1n << 40n, NULL]), "EPERM");
    assertEquals(answer("prlimit64", [1, 7, NULL, 0x1000]), "EPERM");
    assertEquals(answer("sched_getaffinity", [0]), "allow");
    assertEquals(answer("sched_getaffinity", [1]), "ENOSYS");
  });

  it("asks devices for nothing but a few facts, and types into no terminal", () => {
    for (const request of [0x5421, 0x541b, 0x5401, 0x5413]) assertEquals(answer("ioctl", [0, request]), "allow");
    // TIOCSTI, TIOCLINUX, TIOCSETD; the kernel looks at the lower half only.
    for (const request of [0x5412n, 0x541cn, 0x5423n, 0x100005412n]) {
      assertEquals(answer("ioctl", [0, request]), "ENOTTY");
    }
  });

  it("names its threads, and does not outlive the host", () => {
    assertEquals(answer("prctl", [15]), "allow");
    // PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_MM, PR_SET_PTRACER
    for (const option of [1, 4, 22, 35, 0x59616d61]) assertEquals(answer("prctl", [option]), "EINVAL");
  });

  it("has its file descriptors signal nobody and watch nothing", () => {
    for (const command of [0, 1, 2, 3, 4, 6, 1030]) assertEquals(answer("fcntl", [3, command]), "allow");
    // F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY, F_ADD_SEALS
    for (const command of [8, 10, 15, 1024, 1026, 1033]) assertEquals(answer("fcntl", [3, command]), "EINVAL");
  });

  it("changes files only if something may be written, and never their mode, owner, times or attributes", () => {
    for (const name of ["mkdirat", "unlinkat", "linkat", "truncate", "creat"]) {
      assertEquals(answer(name), "EACCES", name);
      assertEquals(answer(name, [], { write: true }), "allow", name);
    }
    for (const name of ["chmod", "fchmod", "fchmodat", "fchownat", "utimensat", "setxattr", "fsetxattr"]) {
      assertEquals(answer(name, [], { write: true }), "EPERM", name);
    }
  });

  it("makes no file that runs as its owner", () => {
    for (const mode of [0o4755, 0o2755, 0o6000]) {
      assertEquals(answer("openat", [AT_FDCWD, 1, 0o101, mode], { write: true }), "EPERM");
      assertEquals(answer("open", [1, 0o101, mode], { write: true }), "EPERM");
      assertEquals(answer("creat", [1, mode], { write: true }), "EPERM");
    }
    assertEquals(answer("openat", [AT_FDCWD, 1, 0o101, 0o1777], { write: true }), "allow");
    assertEquals(answer("openat2"), "ENOSYS");
  });

  it("cuts off no file where Landlock does not see it", () => {
    const old = { write: true, truncationHeld: false };
    const O_TRUNC = 0o1000;
    assertEquals(answer("truncate", [], old), "EACCES");
    assertEquals(answer("openat", [AT_FDCWD, 1, O_TRUNC, 0], old), "EPERM");
    assertEquals(answer("open", [1, O_TRUNC, 0], old), "EPERM");
    assertEquals(answer("openat", [AT_FDCWD, 1, O_TRUNC | 3, 0], old), "EPERM");
    assertEquals(answer("openat", [AT_FDCWD, 1, O_TRUNC | 1, 0], old), "allow");
    assertEquals(answer("openat", [AT_FDCWD, 1, O_TRUNC | 2, 0], old), "allow");
    assertEquals(answer("openat", [AT_FDCWD, 1, 0, 0], old), "allow");
    assertEquals(answer("openat", [AT_FDCWD, 1, O_TRUNC, 0], { write: true }), "allow");
  });
});
