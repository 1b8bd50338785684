import { granted, informed } from "./verdict_table.ts";
import type { VerdictTable } from "./verdict_table.ts";

/** What becomes of attacks by other programs and threads. */
export const processes: VerdictTable = {
  "run the granted program": { deno: granted("needs run", "run"), bun: granted("EPERM", "run") },
  "run the granted program with node:child_process": {
    deno: { else: "needs env", most: "no effect" },
    bun: granted("EPERM", "run"),
    why: "Deno's `node:child_process` hands the whole environment on.",
  },
  "run another program": { deno: "needs run", bun: { else: "EPERM", run: "EACCES" } },
  "run another program with node:child_process": {
    deno: { else: "needs env", most: "no effect" },
    bun: { else: "EPERM", run: "EACCES" },
  },
  "run another program by a shell": {
    deno: { else: "needs env", most: "Command failed" },
    bun: { else: "EPERM", run: "EACCES" },
  },
  "run another program by the runtime's shell": {
    deno: "absent",
    bun: { else: "EACCES", reading: "Failed with exit code 1" },
    why: "Where Bun may look for the program, its shell tells by the exit code that it was refused.",
  },
  "run another program by the dynamic linker": { deno: "needs run", bun: { else: "EPERM", run: "no effect" } },
  "run the runtime": {
    deno: "needs run",
    bun: granted("EPERM", "run"),
    why: "On Bun, a program can only be granted together with Bun itself; it is as confined as the plugin.",
  },
  "let the runtime read a denied file": { deno: "needs run", bun: { else: "EPERM", run: "no effect" } },
  "fork": { deno: { else: "needs env", most: "needs run" }, bun: { else: "EPERM", run: "no effect" } },
  "fork a cluster": { deno: { else: "needs env", most: "needs run" }, bun: { else: "EPERM", run: "exit" } },
  "become another program": { deno: "absent", bun: { else: "EPERM", run: "ENOENT" } },
  "let the granted program read a denied file": {
    deno: granted("needs run", "run"),
    bun: { else: "EPERM", run: "no effect" },
    why: "On Deno, what is run is not confined.",
  },
  "run the granted program with a library of its own": {
    deno: "needs run",
    bun: granted("EPERM", "run"),
    why: "On Bun, what is run may do what the plugin may do, whatever it is made to load.",
  },
  "open a terminal": { deno: "absent", bun: "Failed to open PTY" },
  "start a worker": { deno: "absent", bun: "absent" },
  "read a denied file in a thread": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "read a denied file by the entry of a thread": {
    deno: granted("needs read", "reading"),
    bun: granted("EACCES", "reading"),
  },
};

/** What becomes of attacks on processes and the user. */
export const signals: VerdictTable = {
  "signal itself": { deno: "allowed", bun: "allowed" },
  "signal the host": { deno: "needs run", bun: "EPERM" },
  "signal the host with the runtime's API": { deno: "needs run", bun: "absent" },
  "signal a neighbour": { deno: "needs run", bun: "EPERM" },
  "signal everybody": {
    deno: "needs run",
    bun: granted("EPERM", "run"),
    why: "On Bun, what is allowed reaches only what the plugin has started.",
  },
  "signal its group": {
    deno: "needs run",
    bun: granted("EPERM", "run"),
    why: "On Bun, what is allowed reaches only what the plugin has started.",
  },
  "see the priority of the host": {
    deno: granted("needs sys", informed),
    bun: "ERR_SYSTEM_ERROR",
    why: "All of Deno's `sys` includes it.",
  },
  "change the priority of the host": {
    deno: granted("needs sys", informed),
    bun: "ERR_SYSTEM_ERROR",
    why: "All of Deno's `sys` includes it.",
  },
  "change its user": {
    deno: granted("needs sys", informed),
    bun: "EPERM",
    why: "All of Deno's `sys` includes it; the kernel has to allow it as well.",
  },
};

/** What becomes of attacks by the files of processes and devices. */
export const proc: VerdictTable = {
  "read the environment of the host": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "read the command of the host": {
    deno: { else: "needs read", reading: "needs all" },
    bun: granted("EACCES", "reading"),
  },
  "open the memory of the host": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "see the memory map of the host": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "see the program of the host": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "list the descriptors of the host": {
    deno: { else: "needs read", reading: "needs all" },
    bun: granted("EACCES", "reading"),
    why: "Only their numbers: where they lead is refused.",
  },
  "see the working folder of the host": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "read a denied file by the root of the host": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "read the environment of a neighbour": { deno: { else: "needs read", reading: "needs all" }, bun: "EACCES" },
  "open the memory of a neighbour to write": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "list all processes": { deno: { else: "needs read", reading: "needs all" }, bun: granted("EACCES", "reading") },
  "read its own environment": { deno: { else: "needs read", reading: "needs all" }, bun: granted("EACCES", "reading") },
  "open its own memory to write": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "read how much memory there is": {
    deno: { else: "needs read", reading: "needs all" },
    bun: granted("EACCES", "reading"),
  },
  "read a setting of the kernel": {
    deno: { else: "needs read", reading: "needs all" },
    bun: granted("EACCES", "reading"),
  },
  "open the null device to write": {
    deno: { else: "needs read", reading: "needs write" },
    bun: granted("EACCES", "run"),
    why: "Programs need it.",
  },
  "open the null device": {
    deno: granted("needs read", "reading"),
    bun: granted("EACCES", "reading run"),
    why: "Programs need it.",
  },
  "open shared memory": { deno: "needs write", bun: "EACCES" },
};
