import { granted, informed, ok, readers, readWriters, writers } from "./verdict_table.ts";
import type { VerdictTable } from "./verdict_table.ts";

/** What becomes of attacks on files. */
export const files: VerdictTable = {
  "read the readable folder": { deno: granted("needs read", readers), bun: granted("EACCES", readers) },
  "read the readable folder with the runtime's API": {
    deno: granted("needs read", readers),
    bun: granted("EACCES", readers),
  },
  "list the readable folder": { deno: granted("needs read", readers), bun: granted("EACCES", readers) },
  "watch the readable folder": {
    deno: granted("needs read", readers),
    bun: "EPERM",
    why: "On Bun nothing can be watched: inotify would tell names of any folder.",
  },
  "read a denied file": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "read a denied file later": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "read a denied file with the runtime's API": {
    deno: granted("needs read", "reading"),
    bun: granted("EACCES", "reading"),
  },
  "read a denied file as a stream": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "read a denied file as a blob": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "read a denied file by fetch": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "read a denied file by the readable folder and dots": {
    deno: granted("needs read", "reading"),
    bun: granted("EACCES", "reading"),
  },
  "read a denied file by the root of the process": {
    deno: { else: "needs read", reading: "needs all" },
    bun: granted("EACCES", "reading"),
  },
  "read the readable folder by the root of the process": {
    deno: { else: "needs read", reading: "needs all" },
    bun: granted("EACCES", readers),
    why: "Deno takes everything beneath /proc for the system's.",
  },
  "read a denied file by the working folder": {
    deno: granted("needs read", "reading"),
    bun: granted("EACCES", "reading"),
  },
  "read a denied file into an environment": { deno: "needs env", bun: granted("EACCES", "reading") },
  "map a denied file into memory": { deno: "absent", bun: "EACCES" },
  "bundle a denied file": { deno: "absent", bun: granted("EACCES", "reading") },
  "list a denied folder": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "list the root": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "find names in a denied folder": { deno: granted("needs read", "reading"), bun: granted("EACCES", "reading") },
  "watch a denied folder": { deno: granted("needs read", "reading"), bun: "EPERM" },
  "write the writable folder": { deno: granted("needs write", writers), bun: granted("EACCES", writers) },
  "write the writable folder with the runtime's API": {
    deno: granted("needs write", writers),
    bun: granted("EACCES", writers),
  },
  "read the writable folder": {
    deno: granted("needs read", "reading files mixed"),
    bun: granted("EACCES", "reading files mixed"),
  },
  "make a folder in the writable folder": { deno: granted("needs write", writers), bun: granted("EACCES", writers) },
  "cut off a file of the writable folder": {
    deno: { else: "needs read", reading: "needs write", [readWriters]: ok },
    bun: granted("EACCES", writers),
    why: "Deno opens the file to read for that as well.",
  },
  "make a set-user-ID file in the writable folder": {
    deno: { else: "needs write", write: "needs read", [readWriters]: ok },
    bun: "EPERM",
    why: "Deno does not look at the mode of what is written.",
  },
  "write a denied file": { deno: "needs write", bun: "EACCES" },
  "write a denied file with the runtime's API": { deno: "needs write", bun: "EACCES" },
  "append to a denied file": { deno: "needs write", bun: "EACCES" },
  "write a denied file by the root of the process": { deno: "needs write", bun: "EACCES" },
  "write a readable file": { deno: "needs write", bun: "EACCES" },
  "cut off a readable file by opening it": { deno: { else: "needs read", [readers]: "needs write" }, bun: "EACCES" },
  "change the mode of a readable file": { deno: "needs write", bun: "EPERM" },
  "change the times of a readable file": { deno: "needs write", bun: "EPERM" },
  "change the owner of a writable file": {
    deno: { else: "needs sys", [informed]: "needs write" },
    bun: "EPERM",
    why: "It is not Deno's `write` to ask who the user is, which the attack does first.",
  },
  "remove a denied file": { deno: "needs write", bun: "EACCES" },
  "make a folder in a denied folder": { deno: "needs write", bun: "EACCES" },
  "make a temporary folder": { deno: "needs write", bun: "EACCES" },
  "copy a denied file to the writable folder": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "copy a readable file to the writable folder": {
    deno: { else: "needs read", "read reading": "needs write", [readWriters]: ok },
    bun: granted("EACCES", readWriters),
  },
  "copy a readable file to a denied folder": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "open a denied database": { deno: { else: "needs read", reading: "needs write" }, bun: "SQLITE_CANTOPEN" },
  "attach a denied database": {
    deno: "ERR_SQLITE_ERROR",
    bun: "SQLITE_CANTOPEN",
    why: "Deno lets no database be attached that it has not seen opened.",
  },
  "write a database to a denied file": {
    deno: "ERR_SQLITE_ERROR",
    bun: "SQLITE_CANTOPEN",
    why: "Deno lets no database be attached that it has not seen opened.",
  },
  "load native code into a database": {
    deno: "needs ffi",
    bun: "allowed",
    why: "Bun can load native code; what that may do is what the plugin may do.",
  },
  "write a heap snapshot": { deno: "absent", bun: "EACCES" },
  "keep compiled code": { deno: "absent", bun: "no effect" },
};

/** What becomes of attempts to know of files without opening them. */
export const metadata: VerdictTable = {
  "see the size of a denied file": {
    deno: granted("needs read", "reading"),
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
  "see whether a denied file exists": {
    deno: granted("needs read", "reading"),
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
  "see where a denied link leads": {
    deno: granted("needs read", "reading"),
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
  "see what a denied path resolves to": {
    deno: granted("needs read", "reading"),
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
  "see whether a denied file could be opened": {
    deno: { else: "needs read", reading: "needs sys" },
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
  "see how full a denied file system is": {
    deno: { else: "needs read", reading: "needs sys" },
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
  "make a denied folder the working folder": {
    deno: granted("needs read", "reading"),
    bun: "allowed",
    why: "Landlock does not withhold what is known of a path without opening it.",
  },
};

/** What becomes of attacks by links, and by moving files. */
export const links: VerdictTable = {
  "read a denied file by a symbolic link of its own": { deno: "needs all", bun: "EACCES" },
  "write a denied file by a symbolic link of its own": { deno: "needs all", bun: "EACCES" },
  "leave a symbolic link for others to follow": { deno: "needs all", bun: "EACCES" },
  "read a denied file by a relative symbolic link": { deno: "needs all", bun: "EACCES" },
  "read a denied file by a hard link": {
    deno: { else: "needs read", reading: "needs write" },
    bun: { else: "EACCES", [writers]: "EXDEV" },
  },
  "write a readable file by a hard link": {
    deno: { else: "needs read", [readers]: "needs write" },
    bun: { else: "EACCES", [writers]: "EXDEV" },
  },
  "write a readable file by moving it": { deno: { else: "needs read", [readers]: "needs write" }, bun: "EACCES" },
  "read a denied file by moving it": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "move a file out of the writable folder": {
    deno: { else: "needs read", "reading files mixed": "needs write" },
    bun: "EACCES",
  },
  "move a denied file over another": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "move the writable folder": { deno: { else: "needs read", "reading files mixed": "needs write" }, bun: "EACCES" },
  "follow a symbolic link that leads out of the readable folder": {
    deno: granted("needs read", readers),
    bun: granted("EACCES", "reading"),
    why: "Deno follows links. Those that are there when a plugin is loaded are refused; this one was planted later.",
  },
};
