import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import type { PermissionSet } from "../../../src/permissions/types.ts";
import { bubblewrap, bubblewrapped } from "./bubblewrapped.ts";
import { isRoot, probe } from "./confined_bun.ts";
import { createFolders } from "./folders.ts";
import type { Folders } from "./folders.ts";

const tried = {
  "read readable": "fs.readFileSync(env.readable + '/file')",
  "read denied": "fs.readFileSync(env.denied + '/file')",
  "see denied": "fs.statSync(env.denied)",
  "write writable": "fs.writeFileSync(env.writable + '/new', 'text')",
  "write readable": "fs.writeFileSync(env.readable + '/new', 'text')",
  "cut off readable": "fs.openSync(env.readable + '/file', fs.constants.O_RDONLY | fs.constants.O_TRUNC)",
  "write the root": "fs.writeFileSync('/new', '')",
  "change the mode": "fs.chmodSync(env.writable + '/file', 0o600)",
  "link out": "fs.symlinkSync(env.denied, env.writable + '/link')",
  "connect": "await fetch('http://127.0.0.1:1')",
  "run": "run('/usr/bin/echo')",
  "run another": "run('/usr/bin/cat', '/dev/null')",
  "see other processes": "fs.readdirSync('/proc').filter(Number).length > 2",
  // In a process namespace of its own, that is bubblewrap.
  "signal the parent": "process.kill(process.ppid, 0)",
};
const refused = {
  "read readable": "ENOENT",
  "read denied": "ENOENT",
  "see denied": "ENOENT",
  "write writable": "ENOENT",
  "write readable": "ENOENT",
  "cut off readable": "ENOENT",
  "write the root": "EROFS",
  "change the mode": "EPERM",
  "link out": "EACCES",
  "connect": "EACCES",
  "run": "EPERM",
  "run another": "EPERM",
  "see other processes": "false",
  "signal the parent": "EPERM",
};

for (const asRoot of isRoot ? [false, true] : [false]) {
  const verdicts = async (granted: (folders: Folders) => Partial<PermissionSet>): Promise<Record<string, string>> => {
    using folders = createFolders();
    const { readable, writable, denied } = folders;
    return await probe(tried, {
      asRoot,
      bubblewrap: bubblewrap!,
      environment: { readable, writable, denied },
      granted: granted(folders),
    });
  };
  const reading = {
    "read readable": "ok",
    "write readable": "EROFS",
    "cut off readable": "EROFS",
  };

  describe(`A Bun in bubblewrap, as ${asRoot ? "root" : "an ordinary user"},`, bubblewrapped, () => {
    it("that is granted nothing can do and see nothing", async () => {
      assertEquals(await verdicts(() => ({})), refused);
    });

    it("that may read does no more", async () => {
      assertEquals(await verdicts(({ readable }) => ({ read: [readable] })), { ...refused, ...reading });
    });

    it("that may write does no more", async () => {
      assertEquals(await verdicts(({ writable }) => ({ write: [writable] })), { ...refused, "write writable": "ok" });
    });

    it("that may read everything, and write in one folder, changes nothing else", async () => {
      assertEquals(await verdicts(({ writable }) => ({ read: true, write: [writable] })), {
        ...refused,
        ...reading,
        "read denied": "ok",
        "see denied": "ok",
        "write writable": "ok",
      });
    });

    it("that may write everything may make links", async () => {
      using folders = createFolders();
      const { writable, denied } = folders;
      const found = await probe({ "link out": tried["link out"] }, {
        asRoot,
        bubblewrap: bubblewrap!,
        environment: { writable, denied },
        granted: { write: true },
      });
      assertEquals(found, { "link out": "ok" });
    });

    it("that may read, write and run does all three", async () => {
      const seen = await verdicts(({ readable, writable }) => ({
        read: [readable],
        write: [writable],
        run: ["/usr/bin/echo"],
      }));
      assertEquals(seen, {
        ...refused,
        ...reading,
        "write writable": "ok",
        "run": "ok",
        "run another": "ENOENT",
        "signal the parent": "ok",
      });
    });
  });
}
