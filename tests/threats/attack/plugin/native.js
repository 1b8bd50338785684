import { builtin, fail, onDeno } from "./tools.js";

const { Deno } = globalThis;
const errors = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  9: "EBADF",
  10: "ECHILD",
  13: "EACCES",
  14: "EFAULT",
  17: "EEXIST",
  18: "EXDEV",
  19: "ENODEV",
  20: "ENOTDIR",
  22: "EINVAL",
  25: "ENOTTY",
  38: "ENOSYS",
  88: "ENOTSOCK",
  95: "EOPNOTSUPP",
  97: "EAFNOSUPPORT",
};
const kept = [];
let symbols;

function addressOf(bytes) {
  // What the kernel is given the address of must not be collected.
  kept.push(bytes);
  return onDeno ? Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)) : builtin("bun:ffi").ptr(bytes);
}

const string = (text) => addressOf(new TextEncoder().encode(`${text}\0`));
const room = (size) => addressOf(new Uint8Array(size));

function load(library) {
  const call = { [onDeno ? "parameters" : "args"]: Array(7).fill("i64"), [onDeno ? "result" : "returns"]: "i64" };
  const errno = { [onDeno ? "parameters" : "args"]: [], [onDeno ? "result" : "returns"]: onDeno ? "pointer" : "ptr" };
  const dlopen = onDeno ? Deno.dlopen : builtin("bun:ffi").dlopen;
  return dlopen(library, { syscall: call, __errno_location: errno }).symbols;
}

/** Makes a system call, past everything that the runtime would say to it. */
function call({ numbers, library }, name, ...words) {
  symbols ??= load(library);
  const all = [numbers[name] ?? fail("absent"), ...words, 0, 0, 0, 0, 0, 0].slice(0, 7);
  let number = ENOMEM;
  // Between a call and the look at its error the engine may itself be refused memory.
  for (let attempt = 0; number === ENOMEM && attempt < 5; attempt++) {
    const result = Number(symbols.syscall(...all.map(BigInt)));
    if (result >= 0) return result;
    const place = symbols.__errno_location();
    number = onDeno ? new Deno.UnsafePointerView(place).getInt32() : builtin("bun:ffi").read.i32(place, 0);
  }
  return fail(errors[number] ?? `errno ${number}`);
}

const ENOMEM = 12;
const raw = (name, ...words) => (target) => call(target, name, ...words);
const AT_FDCWD = -100;
/** No address: whoever may make the call learns that (EFAULT), and does no harm. */
const nowhere = 1;

export const native = {
  "open a denied file": (t) => call(t, "openat", AT_FDCWD, string(`${t.denied}/file`)),
  "open a denied file with openat2": (t) => call(t, "openat2", AT_FDCWD, string(`${t.denied}/file`), room(24), 24),
  "open a denied file by its handle": raw("open_by_handle_at", AT_FDCWD, nowhere),
  "get the handle of a denied file": raw("name_to_handle_at", AT_FDCWD, nowhere, nowhere, nowhere),
  "make a file without a name": (t) => call(t, "openat", AT_FDCWD, string(t.denied), 0o20200003, 0o600),
  "change the mode of a readable file": (t) => call(t, "fchmodat", AT_FDCWD, string(`${t.readable}/file`), 0o666),
  "change the owner of a readable file": (t) => call(t, "fchownat", AT_FDCWD, string(`${t.readable}/file`), -1, -1),
  "change the times of a readable file": (t) => call(t, "utimensat", AT_FDCWD, string(`${t.readable}/file`)),
  "change an attribute of a readable file": (t) =>
    call(t, "setxattr", string(`${t.readable}/file`), string("user.mark"), room(1), 1),
  "make a device": (t) => call(t, "mknodat", AT_FDCWD, string(`${t.denied}/file`), 0o20666, 0x103),
  "exchange the readable and the writable file": (t) =>
    call(t, "renameat2", AT_FDCWD, string(`${t.readable}/file`), AT_FDCWD, string(`${t.writable}/file`), 2),
  "open a TCP socket": raw("socket", 2, 1),
  "open a UDP socket": raw("socket", 2, 2),
  "open a Unix socket": raw("socket", 1, 1),
  "open a netlink socket": raw("socket", 16, 3),
  "open a socket to the virtual machine's host": raw("socket", 40, 1),
  "open a kernel crypto socket": raw("socket", 38, 5),
  "connect the channel elsewhere": raw("connect", 3, nowhere, 16),
  "bind the channel": raw("bind", 3, nowhere, 16),
  "send a descriptor to the host": raw("sendmsg", 3, nowhere),
  "receive a descriptor from the host": raw("recvmsg", 3, nowhere),
  "accept on the channel": raw("accept4", 3),
  "send to an address": (t) => call(t, "sendto", 3, room(1), 0, 0, nowhere, 16),
  "use io_uring": raw("io_uring_setup", 8, nowhere),
  "load BPF": raw("bpf", 0, nowhere, 8),
  "watch performance counters": raw("perf_event_open", nowhere),
  "handle page faults": raw("userfaultfd", -1),
  "make a file in memory": (t) => call(t, "memfd_create", string("name"), 0),
  "execute": raw("execve", nowhere),
  "execute a descriptor": raw("execveat", -1, nowhere, 0, 0, 0x1000),
  "make a process in new namespaces": raw("clone", 0x10000000 | 0x200),
  "make a process with clone3": raw("clone3", nowhere, 0),
  "leave its namespaces": raw("unshare", 0x10000000),
  "enter a namespace": raw("setns", -1),
  "mount": raw("mount", nowhere, nowhere),
  "unmount": raw("umount2", nowhere),
  "change the root": raw("chroot", nowhere),
  "exchange the root": raw("pivot_root", nowhere, nowhere),
  "open a file system": raw("fsopen", nowhere),
  "open a mount": raw("open_tree", AT_FDCWD, nowhere),
  "move a mount": raw("move_mount", -1, nowhere, -1, nowhere),
  "change its user": raw("setuid", -1),
  "trace a neighbour": (t) => call(t, "ptrace", 0x4206, t.victim),
  "read the memory of a neighbour": (t) => {
    const part = (address) => addressOf(new BigUint64Array([BigInt(address), 8n]));
    call(t, "process_vm_readv", t.victim, part(room(8)), 1, part(nowhere), 1);
  },
  "write the memory of a neighbour": (t) => {
    const part = (address) => addressOf(new BigUint64Array([BigInt(address), 8n]));
    call(t, "process_vm_writev", t.victim, part(room(8)), 1, part(nowhere), 1);
  },
  "hold the host": (t) => call(t, "pidfd_open", t.host),
  "take a descriptor of the host": (t) => call(t, "pidfd_getfd", call(t, "pidfd_open", t.host), 2),
  "take any descriptor": raw("pidfd_getfd", -1),
  "signal the host": (t) => call(t, "kill", t.host),
  "signal a thread of the host": (t) => call(t, "tgkill", t.host, t.host),
  "signal any thread": (t) => call(t, "tkill", t.host),
  "queue a signal for the host": (t) => {
    const info = new Int32Array(32);
    info[2] = -1;
    call(t, "rt_sigqueueinfo", t.host, 0, addressOf(info));
  },
  "signal by a descriptor": raw("pidfd_send_signal", -1),
  "advise a neighbour's memory": raw("process_madvise", -1, nowhere, 1),
  "read a limit of the host": (t) => call(t, "prlimit64", t.host, 7, 0, room(16)),
  "raise a limit of its own": (t) => call(t, "prlimit64", 0, 4, addressOf(new BigUint64Array([0n, 0n]))),
  "change the priority of the host": (t) => call(t, "setpriority", 0, t.host, 0),
  "move the host to other processors": (t) =>
    call(t, "sched_setaffinity", t.host, 128, addressOf(new Uint8Array(128).fill(255))),
  "outlive the host": raw("prctl", 1, 0),
  "have its memory dumped": raw("prctl", 4, 1),
  "change its personality": raw("personality", 0xffffffff),
  "leave its group": raw("setpgid", 0, -1),
  "ask about filters": (t) => call(t, "seccomp", 2, 0, addressOf(new Uint32Array([0x7fff0000]))),
  "share memory": raw("shmget", 0, 4096, 0o600),
  "open a message queue": raw("msgget", 0, 0o600),
  "open a semaphore": raw("semget", 0, 1, 0o600),
  "open a POSIX queue": (t) => call(t, "mq_open", string("plugmap-attack"), 0o102, 0o600),
  "watch files": raw("inotify_init1", 0),
  "watch a file system": raw("fanotify_init", -1, 0),
  "add a key": raw("add_key", nowhere, nowhere),
  "use keys": raw("keyctl", 0, -3),
  "read the kernel's log": raw("syslog", 10),
  "load a kernel module": raw("init_module", nowhere, 0, nowhere),
  "load a kernel": raw("kexec_load", 0, 0, 0, -1),
  "change quotas": raw("quotactl", -1, nowhere),
};
