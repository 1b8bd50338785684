/**
 * The system calls that a confined Bun may make. Whatever is not here is refused.
 *
 * The list was found by running Bun under it (the tests in tests/isolate/linux do), not by reading what there is.
 *
 * @module
 */
import { basicRules } from "./basic_rules.ts";
import { errno } from "./errno.ts";
import type { Condition, SyscallRule } from "./syscall_rule.ts";
import type { SyscallName } from "./syscalls_x64.ts";

/** What the rules depend on. */
export interface RuleOptions {
  /** Whether some paths may be written to. */
  readonly write: boolean;
  /** Whether programs may be started. */
  readonly run: boolean;
  /** Whether something else sees to it that files are not cut off; Landlock does from ABI 3 on. */
  readonly truncationHeld: boolean;
  /** Whether something else sees to it that signals reach only what the process started; Landlock does from ABI 6 on. */
  readonly signalsHeld: boolean;
  /** Whether something else sees to it that symbolic links are made only where they may be. */
  readonly linksHeld: boolean;
}

/** linux/fcntl.h, O_ACCMODE and O_TRUNC. */
const accessMode = 0o3;
const truncating = 0o1000;
/** S_ISUID and S_ISGID. */
const setId = 0o6000;

/**
 * The rules for what was granted.
 *
 * @param options What was granted, and what is held elsewhere.
 * @returns The rules, in the order in which they are checked. No call is in two of them.
 */
export function syscallRules({ write, run, truncationHeld, signalsHeld, linksHeld }: RuleOptions): SyscallRule[] {
  return [
    ...basicRules,
    openRule("open", 1, truncationHeld),
    openRule("openat", 2, truncationHeld),
    ...(write ? writing(truncationHeld, linksHeld) : notWriting),
    ...(run ? running : notRunning),
    { calls: ["kill", "tgkill"], ...(run && signalsHeld ? {} : { when: [itself] }) },
  ];
}

/** O_RDONLY, O_WRONLY and O_RDWR. */
const modes: readonly number[] = [0, 1, 2];

/**
 * Opening files. A file with the set-user-ID bit would hand the host's user to whoever else is on the machine. O_TRUNC cuts
 * off a file that is opened for reading too. There is an access mode 3, for neither, in which Landlock asks for no right.
 */
function openRule(call: "open" | "openat", flags: number, truncationHeld: boolean): SyscallRule {
  const mode: Condition = { argument: flags + 1, mask: setId, is: [0] };
  if (truncationHeld) return { calls: [call], when: [[mode, { argument: flags, mask: accessMode, is: modes }]] };
  const cutsOnlyToWrite = [...modes, truncating | 1, truncating | 2];
  return {
    calls: [call],
    when: [[mode, { argument: flags, mask: truncating | accessMode, is: cutsOnlyToWrite }]],
  };
}

/**
 * What changes files. Modes, owners, times and attributes are in no rule: Landlock does not see them, so they could be changed
 * of files that may only be read, and of Bun itself.
 */
const changes: readonly SyscallName[] = [
  "mkdir",
  "mkdirat",
  "rmdir",
  "unlink",
  "unlinkat",
  "rename",
  "renameat",
  "renameat2",
  "link",
  "linkat",
  "ftruncate",
  "fallocate",
  // It changes nothing, but keeps others from what may only be read, such as Bun itself.
  "flock",
];

/** Whoever follows a link from outside does what the plugin may not. */
const links: readonly SyscallName[] = ["symlink", "symlinkat"];

function writing(truncationHeld: boolean, linksHeld: boolean): SyscallRule[] {
  return [
    { calls: changes },
    { calls: links, ...(linksHeld ? {} : { when: [], otherwise: errno.EACCES }) },
    { calls: ["creat"], when: [[{ argument: 1, mask: setId, is: [0] }]] },
    { calls: ["truncate"], ...(truncationHeld ? {} : { when: [], otherwise: errno.EACCES }) },
  ];
}

/** Landlock refuses them too. The error is the same, whoever refuses first. */
const notWriting: readonly SyscallRule[] = [
  { calls: [...changes, ...links, "creat", "truncate"], when: [], otherwise: errno.EACCES },
];

/** CLONE_THREAD with all that belongs to it: CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND. */
const threadFlags = 0x00010f00;
/**
 * CLONE_PIDFD, CLONE_PTRACE, CLONE_PARENT (a child of the host), and all namespaces: CLONE_NEWNS, CLONE_NEWCGROUP,
 * CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET.
 */
const foreignFlags = 0x7e02b000;
const thread: readonly Condition[] = [
  { argument: 0, mask: threadFlags, is: [threadFlags] },
  { argument: 0, mask: foreignFlags, is: [0] },
];
const itself: readonly Condition[] = [{ argument: 0, is: "pid" }];

const notRunning: readonly SyscallRule[] = [
  { calls: ["clone"], when: [thread] },
  { // Open once, for the launcher: it puts a secret into registers that execve does not use, and the kernel clears them.
    calls: ["execve"],
    when: [[
      { argument: 3, is: "secret0", high: "secret1" },
      { argument: 4, is: "secret2", high: "secret3" },
      { argument: 5, is: "secret4", high: "secret5" },
    ]],
  },
];

/** What starting programs takes. Which programs, Landlock decides, and they are as confined as what started them. */
const running: readonly SyscallRule[] = [
  { calls: ["execve", "wait4", "waitid", "fork", "vfork"] },
  { calls: ["clone"], when: [[{ argument: 0, mask: foreignFlags, is: [0] }]] },
  { // How Bun talks to what it starts: AF_UNIX, SOCK_STREAM. A datagram socket would send to any socket with a name.
    calls: ["socketpair"],
    when: [[{ argument: 0, is: [1] }, { argument: 1, mask: 0xf, is: [1] }]],
    otherwise: errno.EACCES,
  },
];
