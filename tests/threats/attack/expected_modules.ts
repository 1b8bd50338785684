import { granted, informed, told } from "./verdict_table.ts";
import type { VerdictTable } from "./verdict_table.ts";

const closedWorld = "Imports are held to the manifest in every tier; see T3.";

/** What becomes of code that nobody has verified. */
export const modules: VerdictTable = {
  "import node:fs": {
    deno: granted("builtin-denied", "read reading write files mixed"),
    bun: granted("builtin-denied", "read reading write files mixed"),
    unproven: closedWorld,
  },
  "import node:module": { deno: "builtin-denied", bun: "builtin-denied", unproven: closedWorld },
  "import a module that is not listed": { deno: "module-unlisted", bun: "module-unlisted", unproven: closedWorld },
  "import the text of a denied file": { deno: "ERR_MODULE_NOT_FOUND", bun: "module-unlisted", unproven: closedWorld },
  "import a module of text": { deno: "module-unlisted", bun: "module-unlisted", unproven: closedWorld },
  "import a denied file by a module of text": {
    deno: "module-unlisted",
    bun: "module-unlisted",
    unproven: closedWorld,
  },
  "import a blob": { deno: "module-unlisted", bun: "module-unlisted", unproven: closedWorld },
  "import from the granted server": { deno: "module-unlisted", bun: "module-unlisted", unproven: closedWorld },
  "import from npm": { deno: "npm-refused", bun: "npm-refused", unproven: closedWorld },
  "import from jsr": { deno: "module-unlisted", bun: "module-unlisted", unproven: closedWorld },
  "import a package": { deno: "module-unlisted", bun: "module-unlisted", unproven: closedWorld },
  "import in evaluated code": {
    deno: "module-unlisted",
    bun: granted("ERR_MODULE_NOT_FOUND", "reading"),
    unproven: closedWorld,
  },
  "import in a function of text": {
    deno: "module-unlisted",
    bun: granted("ERR_MODULE_NOT_FOUND", "reading"),
    unproven: closedWorld,
  },
  "require a denied file": { deno: granted("needs read", "reading"), bun: granted("MODULE_NOT_FOUND", "reading") },
  "require a denied file with internals of node": { deno: granted("needs read", "reading"), bun: "absent" },
  "find the package of a denied file": { deno: granted("needs read", "reading"), bun: "absent" },
  "resolve modules itself": {
    deno: "allowed",
    bun: "absent",
    why: "Only in its own process, and what it could load is still held by the flags.",
  },
  "load a native addon": { deno: granted("needs ffi", "ffi"), bun: "ERR_DLOPEN_DISABLED" },
  "compile C": { deno: "absent", bun: "ERR_FFI_CC_DISABLED" },
  "load a graphics driver": { deno: "absent", bun: "absent" },
  "resolve a denied module": { deno: "absent", bun: granted("ERR_MODULE_NOT_FOUND", "reading") },
};

/** What becomes of attempts to find secrets, and to know the machine. */
export const environment: VerdictTable = {
  "read the granted variable": { deno: granted("needs env", told), bun: granted("no effect", told) },
  "read a variable of the host": { deno: granted("needs env", "most"), bun: granted("no effect", "most") },
  "read a variable of the host with the runtime's API": {
    deno: granted("needs env", "most"),
    bun: granted("no effect", "most"),
  },
  "list all variables": { deno: granted("no effect", "most"), bun: granted("no effect", "most") },
  "find the secret in its arguments": { deno: "no effect", bun: "no effect" },
  "read a file that the host has open": {
    deno: "no effect",
    bun: "no effect",
    unproven: "Deno counts files its own way: it does not look at descriptors of files at all.",
  },
  "use a socket that the host inherited": { deno: "no effect", bun: "no effect" },
  "find a descriptor of the host": {
    deno: "no effect",
    bun: "no effect",
    unproven: "Deno counts files its own way: it does not look at descriptors of files at all.",
  },
  "see the name of the machine": {
    deno: granted("needs sys", informed),
    bun: "allowed",
    why: "Bun cannot withhold it.",
  },
  "see the load of the machine": {
    deno: granted("needs sys", informed),
    bun: "allowed",
    why: "Bun cannot withhold it.",
  },
  "see the network of the machine": { deno: granted("needs sys", informed), bun: "ERR_SYSTEM_ERROR" },
  "see who the user is": {
    deno: granted("needs sys", informed),
    bun: granted("EACCES", "reading most"),
    why: "On Bun, the variables of the host say it.",
  },
  "see the user's home": {
    deno: granted("needs sys", informed),
    bun: granted("EACCES", "reading most"),
    why: "On Bun, the variables of the host say it.",
  },
  "see how much memory is free": {
    deno: granted("needs sys", informed),
    bun: "allowed",
    why: "Bun cannot withhold it.",
  },
};

/** What becomes of attempts to keep something. */
export const storage: VerdictTable = {
  "keep something in local storage": { deno: "ENOTDIR", bun: "absent" },
  "keep something in a cache": { deno: "Failed to create cache storage directory", bun: "absent" },
  "keep something in a key-value store": { deno: "absent", bun: "absent" },
  "keep something in an indexed database": { deno: "absent", bun: "absent" },
};
