import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import {
  diffPermissions,
  missingPermissions,
  parsePermissions,
  type PermissionName,
  permissionNames,
  requirePermissions,
} from "../../src/permissions/mod.ts";

/** Whether `granted` covers `asked`, both items of one kind. */
function covers(name: PermissionName, granted: string, asked: string): boolean {
  const set = (item: string): ReturnType<typeof parsePermissions> => parsePermissions({ [name]: [item] }, "");
  return missingPermissions(set(asked), set(granted)).length === 0;
}

function check(name: PermissionName, granted: string, inside: readonly string[], outside: readonly string[]): void {
  for (const asked of inside) assert(covers(name, granted, asked), `${name}: ${granted} covers ${asked}`);
  for (const asked of outside) assert(!covers(name, granted, asked), `${name}: ${granted} does not cover ${asked}`);
}

describe("missingPermissions()", () => {
  it("covers paths by whole segments", () => {
    for (const name of ["read", "write", "ffi"] as const) {
      check(
        name,
        "/data",
        ["/data", "/data/", "/data/a/b", "/data/./a", "/x/../data/a", "//data"],
        ["/dat", "/data2", "/data.bak", "/", "/data/../etc", "/data/a/../../etc", "/DATA", "data", "./data"],
      );
      check(name, "/", ["/", "/etc"], ["etc", "C:\\x"]);
      check(name, "/data/", ["/data", "/data/a"], ["/data2"]);
      check(name, "./data", [], ["./data", "./data/a", "/data"]);
      check(name, "C:\\data", ["C:\\data\\a", "c:/data/a"], ["C:\\data2", "D:\\data", "/data", "C:\\data\\..\\x"]);
      check(name, "C:\\", ["C:\\a"], ["D:\\a"]);
    }
  });

  it("covers hosts by name, and by port where one is given", () => {
    for (const name of ["net", "import"] as const) {
      check(
        name,
        "example.com",
        ["example.com", "example.com:80", "EXAMPLE.com.", "example.com:0"],
        ["www.example.com", "example.org", "*.example.com", "notexample.com", "com"],
      );
      check(name, "example.com:443", ["example.com:443"], ["example.com", "example.com:80", "example.com:4430"]);
      check(name, "192.0.2.1", ["192.0.2.1:80", "[::ffff:192.0.2.1]:80"], ["192.0.2.10", "192.0.2.0/24", "localhost"]);
      check(name, "[::1]", ["[::1]", "[0:0:0:0:0:0:0:1]:80"], ["[::2]", "127.0.0.1", "localhost"]);
      check(name, "localhost", ["localhost:80"], ["127.0.0.1", "[::1]"]);
    }
  });

  it("covers what is below a wildcard, and its name itself", () => {
    check(
      "net",
      "*.example.com",
      ["example.com", "www.example.com", "a.b.example.com:80", "*.example.com", "*.a.example.com", "*.example.com:80"],
      ["notexample.com", "example.com.evil.example", "example.org", "*.com", "com"],
    );
    check("net", "*.example.com:443", ["a.example.com:443"], ["a.example.com", "*.example.com", "a.example.com:80"]);
  });

  it("covers addresses and networks in a network", () => {
    check(
      "net",
      "10.0.0.0/8",
      ["10.1.2.3", "10.255.255.255:80", "10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8:80"],
      ["11.0.0.0", "9.255.255.255", "10.0.0.0/7", "0.0.0.0/0", "example.com", "[::1]"],
    );
    check("net", "10.0.0.0/8:80", ["10.1.2.3:80"], ["10.1.2.3", "10.1.2.3:81"]);
    check("net", "192.168.1.128/25", ["192.168.1.128", "192.168.1.255"], ["192.168.1.127", "192.168.2.128"]);
    check("net", "0.0.0.0/0", ["1.2.3.4", "255.255.255.255", "0.0.0.0/0"], ["example.com", "[::1]"]);
    check("net", "255.255.255.255", ["255.255.255.255"], ["255.255.255.254"]);
  });

  it("covers variables by name, and by how they begin", () => {
    check("env", "HOME", ["HOME"], ["home", "HOME_", "HOM", "HOME*"]);
    check("env", "AWS_*", ["AWS_KEY", "AWS_", "AWS_*", "AWS_S3_*"], ["AWS", "aws_key", "A*", "MY_AWS_KEY"]);
    check("env", "constructor", ["constructor"], ["__proto__"]);
  });

  it("covers commands by name or by path, never by folder", () => {
    check("run", "git", ["git"], ["git-upload-pack", "Git", "/usr/bin/git"]);
    check("run", "/usr/bin/git", ["/usr/bin/git", "/usr/bin/./git"], [
      "git",
      "/usr/bin/gitk",
      "/usr/bin/git/x",
      "/usr/bin",
    ]);
    check("run", "/usr/bin", [], ["/usr/bin/git"]);
    check("run", "./tool", [], ["./tool", "tool", "/tool"]);
  });

  it("covers kinds of system information by name", () => {
    check("sys", "hostname", ["hostname"], ["cpus"]);
    check("sys", "username", ["userInfo"], ["uid"]);
  });

  it("lists exactly what is missing, once, in one order", () => {
    const asked = parsePermissions({
      import: ["example.com"],
      net: ["a.example", "b.example", "a.example"],
      env: true,
      read: ["/data", "/etc"],
      run: ["git"],
    }, "");
    const granted = parsePermissions({ read: ["/data"], net: ["b.example"], env: ["LANG"], import: true }, "");
    assertEquals(missingPermissions(asked, granted), [
      { permission: "read", item: "/etc" },
      { permission: "net", item: "a.example" },
      { permission: "env", item: true },
      { permission: "run", item: "git" },
    ]);
  });

  it("does not take a list of everything for all of a kind", () => {
    const all = parsePermissions({ read: true, net: true }, "");
    const list = parsePermissions({ read: ["/"], net: ["0.0.0.0/0"] }, "");
    assertEquals(missingPermissions(all, list).map(({ item }) => item), [true, true]);
    assertEquals(missingPermissions(list, all), []);
  });

  it("is reflexive and transitive, and grows with the grant", () => {
    const items: Partial<Record<PermissionName, string[]>> = {
      read: ["/", "/a", "/a/b", "/a/b/c", "/ab"],
      net: [
        "a.b",
        "*.a.b",
        "x.a.b:1",
        "x.a.b",
        "*.x.a.b",
        "10.0.0.0/8",
        "10.1.0.0/16:1",
        "10.1.2.3",
        "[::1]:1",
        "[::1]",
      ],
      env: ["A", "A*", "AB", "AB*", "B"],
      run: ["git", "/git", "/bin/git"],
    };
    for (const [name, texts] of Object.entries(items) as [PermissionName, string[]][]) {
      for (const a of texts) {
        assert(covers(name, a, a), `${name} ${a}`);
        for (const b of texts) {
          for (const c of texts) {
            if (covers(name, a, b) && covers(name, b, c)) assert(covers(name, a, c), `${name}: ${a} > ${b} > ${c}`);
          }
        }
      }
      const all = parsePermissions({ [name]: texts }, "");
      assertEquals(missingPermissions(parsePermissions({ [name]: texts.slice(1) }, ""), all), []);
    }
  });
});

describe("diffPermissions()", () => {
  it("tells what widened and what narrowed", () => {
    const before = parsePermissions({ net: ["a.example"], read: ["/data/a"], env: ["A"] }, "");
    const after = parsePermissions({ net: ["a.example:443"], read: ["/data"], env: ["A"] }, "");
    assertEquals(diffPermissions(before, after), {
      added: [{ permission: "read", item: "/data" }],
      removed: [{ permission: "net", item: "a.example" }],
    });
    assertEquals(diffPermissions(before, before), { added: [], removed: [] });
  });
});

describe("requirePermissions()", () => {
  const grant = { permissions: parsePermissions({ read: ["/data"] }, "") };

  it("does nothing when all is granted", () => {
    requirePermissions("weather", parsePermissions({ read: ["/data/a"] }, ""), grant);
    for (const name of permissionNames) requirePermissions("weather", parsePermissions({ [name]: [] }, ""), grant);
  });

  it("lists what is missing and the lines that would grant it", () => {
    const asked = parsePermissions({
      net: ["api.example.com:443"],
      read: ["/data/a", "/etc"],
      write: ['/o"k'],
      env: true,
    }, "");
    const error = assertThrows(() => requirePermissions("weather", asked, grant), PlugmapError);
    assertEquals(error.code, "permission-missing");
    assertEquals(
      error.problem,
      `The policy does not grant read "/etc", write "/o\\"k", net "api.example.com:443", all of env`,
    );
    assertEquals(
      error.mend,
      `Add to "plugins"."weather"."permissions" in plugins.policy.json: ` +
        `"read": ["/etc"], "write": ["/o\\"k"], "net": ["api.example.com:443"], "env": true.`,
    );
  });

  it("warns of what is full access, which nothing grants as a whole", () => {
    const asked = parsePermissions({ run: ["git"], ffi: ["/lib.so"] }, "");
    const everything = parsePermissions({ read: true, write: true, net: true, env: true, sys: true, import: true }, "");
    const error = assertThrows(
      () => requirePermissions("weather", asked, { permissions: everything }),
      PlugmapError,
    );
    assertEquals(error.problem, `The policy does not grant run "git", ffi "/lib.so"`);
    assertStringIncludes(error.mend ?? "", `"run": ["git"], "ffi": ["/lib.so"].`);
    assertStringIncludes(error.mend ?? "", `"run" is full access`);
  });

  it("shows no character that would hide another", () => {
    const asked = parsePermissions({ read: ["/a\u202eb\u001b[2J"] }, "");
    const { message } = assertThrows(() => requirePermissions("wea\u202ether", asked, grant), PlugmapError);
    assert(!message.includes("\u202e") && !message.includes("\u001b"));
  });
});
