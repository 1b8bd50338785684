import { errno } from "./errno.ts";
import type { SyscallRule } from "./syscall_rule.ts";

/** Without an alternative, a call is refused; these are, with an error that programs expect. */
const never: SyscallRule["when"] = [];
/** The process's own, where a call takes an id. */
const own: readonly number[] = [0];

/**
 * What every Bun needs, whatever is granted. What a call can open is not decided here but by Landlock, which sees paths where
 * a filter sees only addresses.
 */
export const basicRules: readonly SyscallRule[] = [
  { // Files that are open.
    calls: [
      "read",
      "write",
      "readv",
      "writev",
      "pread64",
      "pwrite64",
      "preadv",
      "pwritev",
      "lseek",
      "close",
      "close_range",
      "dup",
      "dup2",
      "dup3",
      "fstat",
      "fstatfs",
      "getdents64",
      "fadvise64",
      "fsync",
      "fdatasync",
      "sendfile",
      "copy_file_range",
    ],
  },
  { // Names of files: not withheld by Landlock, and Bun cannot start without them.
    calls: [
      "stat",
      "lstat",
      "newfstatat",
      "statx",
      "statfs",
      "access",
      "faccessat",
      "faccessat2",
      "readlink",
      "readlinkat",
      "getcwd",
      "chdir",
      "fchdir",
      "umask",
    ],
  },
  { // Memory. PROT_EXEC stays, because compiling JavaScript to machine code is what Bun does.
    calls: ["mmap", "munmap", "mprotect", "mremap", "madvise", "msync", "brk", "membarrier"],
  },
  { // Threads of its own.
    calls: [
      "futex",
      "set_robust_list",
      "set_tid_address",
      "rseq",
      "gettid",
      "sched_yield",
      "exit",
      "exit_group",
      "arch_prctl",
      "restart_syscall",
    ],
  },
  { // Time.
    calls: ["clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "times"],
  },
  { // Signals that arrive, and those it sends itself.
    calls: [
      "rt_sigaction",
      "rt_sigprocmask",
      "rt_sigreturn",
      "rt_sigsuspend",
      "rt_sigtimedwait",
      "sigaltstack",
    ],
  },
  { // Waiting.
    calls: [
      "poll",
      "ppoll",
      "pselect6",
      "epoll_create1",
      "epoll_ctl",
      "epoll_wait",
      "epoll_pwait",
      "epoll_pwait2",
      "eventfd2",
      "pipe",
      "pipe2",
    ],
  },
  { // About itself and the machine; `sys` cannot be withheld.
    calls: [
      "getpid",
      "getppid",
      "getuid",
      "geteuid",
      "getgid",
      "getegid",
      "getgroups",
      "getresuid",
      "getresgid",
      "getpgrp",
      "getrusage",
      "getrandom",
      "uname",
      "sysinfo",
    ],
  },
  { // The channel, which the host opened. Without an address, a socket sends only where it is connected to.
    calls: ["sendto"],
    when: [[{ argument: 4, is: [0], high: 0 }]],
  },
  { calls: ["recvfrom", "shutdown", "getsockname", "getpeername", "getsockopt"] },
  { // There is no other socket: what is granted of the network goes through the host.
    calls: ["socket", "connect", "bind", "listen"],
    when: never,
    otherwise: errno.EACCES,
  },
  { // The flags are in memory, where a filter cannot see them: C libraries fall back to clone.
    calls: ["clone3"],
    when: never,
    otherwise: errno.ENOSYS,
  },
  { // The flags and the mode are in memory: whoever uses it falls back to openat.
    calls: ["openat2"],
    when: never,
    otherwise: errno.ENOSYS,
  },
  { // Reading a limit. Root could raise its own again.
    calls: ["prlimit64"],
    when: [[{ argument: 0, is: own }, { argument: 2, is: [0], high: 0 }]],
  },
  { // Of itself. glibc asks for those of other threads by their ids too, and does without if it hears ENOSYS.
    calls: ["sched_getaffinity"],
    when: [[{ argument: 0, is: own }], [{ argument: 0, is: "pid" }]],
    otherwise: errno.ENOSYS,
  },
  { // PRIO_PROCESS of itself.
    calls: ["getpriority"],
    when: [[{ argument: 0, is: [0] }, { argument: 1, is: own }]],
  },
  { // PR_SET_NAME and PR_GET_NAME, PR_SET_VMA (names of mappings). PR_SET_PDEATHSIG would let it outlive the host.
    calls: ["prctl"],
    when: [[{ argument: 0, is: [15, 16, 0x53564d41] }]],
    otherwise: errno.EINVAL,
  },
  { // FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TCGETS, TIOCGWINSZ. TIOCSTI and TIOCLINUX type into the host's terminal.
    calls: ["ioctl"],
    when: [[{ argument: 1, is: [0x541b, 0x5421, 0x5450, 0x5451, 0x5401, 0x5413] }]],
    otherwise: errno.ENOTTY,
  },
  { // F_DUPFD to F_SETFL, locks, F_DUPFD_CLOEXEC. Not F_SETOWN (signals others), not F_NOTIFY (watches folders).
    calls: ["fcntl"],
    when: [[{ argument: 1, is: [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030] }]],
    otherwise: errno.EINVAL,
  },
];
