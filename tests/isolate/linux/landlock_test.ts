import { assert, assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { heldBy, pathRules, rightsOfFiles, withheldBy } from "../../../src/isolate/linux/landlock.ts";
import type { FileGrants } from "../../../src/isolate/linux/landlock.ts";

const runtime = {
  bun: "/opt/bun",
  interpreter: "/lib64/ld-linux-x86-64.so.2",
  linker: "/usr/lib/x/ld-linux-x86-64.so.2",
  libraries: ["/usr/lib/x/libc.so.6"],
};
const none: FileGrants = { read: [], write: [], run: [] };

const read = 0b1100;
const write = 0x6000 | 0x100 | 0x80 | 0x30 | 0x2;
const makeLink = 0x1000;

function rules(grants: Partial<FileGrants>, abi = 7): Record<string, number> {
  return Object.fromEntries(pathRules({ ...none, ...grants }, runtime, abi).map(({ path, rights }) => [path, rights]));
}

const start = {
  "/opt/bun": 0b101,
  "/usr/lib/x/ld-linux-x86-64.so.2": 0b101,
  "/usr/lib/x/libc.so.6": 0b100,
  "/proc/self/maps": 0b100,
  "/proc/self/stat": 0b100,
  "/proc/self/statm": 0b100,
};

describe("withheldBy()", () => {
  it("withholds all that a kernel knows, in the size that it expects", () => {
    assertEquals([1, 2, 3, 4, 5, 6, 7].map(withheldBy), [
      { files: 0x1fff, network: 0, scopes: 0, size: 8 },
      { files: 0x3fff, network: 0, scopes: 0, size: 8 },
      { files: 0x7fff, network: 0, scopes: 0, size: 8 },
      { files: 0x7fff, network: 3, scopes: 0, size: 16 },
      { files: 0xffff, network: 3, scopes: 0, size: 16 },
      { files: 0xffff, network: 3, scopes: 3, size: 24 },
      { files: 0xffff, network: 3, scopes: 3, size: 24 },
    ]);
  });

  it("withholds what is known here on a kernel that is newer", () => assertEquals(withheldBy(99), withheldBy(7)));
});

describe("heldBy()", () => {
  it("says from which kernel on the filter need not make up for Landlock", () => {
    assertEquals([1, 2, 3, 4, 5, 6, 7].map((abi) => heldBy(abi).truncationHeld), [
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    assertEquals([1, 2, 3, 4, 5, 6, 7].map((abi) => heldBy(abi).signalsHeld), [
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });
});

describe("pathRules()", () => {
  it("grants what Bun needs to start, and nothing else", () => {
    assertEquals(rules({}), start);
    assert(pathRules(none, runtime, 7).every(({ needed }) => needed));
  });

  it("grants reading to what may be read", () => assertEquals(rules({ read: ["/data"] }), { ...start, "/data": read }));

  it("grants changing to what may be written, but not reading it or making devices, sockets and links", () => {
    assertEquals(rules({ write: ["/data"] }), { ...start, "/data": write });
  });

  it("adds up what is granted to one path", () => {
    assertEquals(rules({ read: ["/data"], write: ["/data"] }), { ...start, "/data": read | write });
  });

  it("grants the root for `true`, and links with all writing", () => {
    assertEquals(rules({ read: true }), { ...start, "/": read });
    assertEquals(rules({ write: true }), { ...start, "/": write | makeLink });
  });

  it("grants programs that may run with the libraries of the system", () => {
    assertEquals(rules({ run: ["/bin/tool"] }), {
      ...start,
      "/bin/tool": 0b101,
      "/etc/ld.so.cache": read,
      "/usr/lib/x": read,
      "/dev/null": 0b110,
    });
  });

  it("leaves out rights that a kernel does not know", () => {
    for (const abi of [1, 2, 3, 4]) {
      for (const rights of Object.values(rules({ write: true, read: true, run: true }, abi))) {
        assertEquals(rights & ~withheldBy(abi).files, 0);
      }
    }
  });

  it("lets Bun start without what is granted and missing", () => {
    const needed = pathRules({ ...none, read: ["/data", "/opt/bun"] }, runtime, 7).map((
      { path, needed },
    ) => [path, needed]);
    assertEquals(Object.fromEntries(needed)["/data"], false);
    assertEquals(Object.fromEntries(needed)["/opt/bun"], true);
  });

  it("takes names like any other", () => {
    assertEquals(pathRules({ ...none, read: ["__proto__", "constructor"] }, runtime, 7).length, 8);
  });
});

describe("rightsOfFiles", () => {
  it("are those that a rule for a file can have", () => assertEquals(rightsOfFiles, 0xc007));
});
