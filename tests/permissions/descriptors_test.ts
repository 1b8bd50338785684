import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import { parsePermissions, permissionNames, resolvePermissions } from "../../src/permissions/mod.ts";

function refusal(value: unknown): PlugmapError {
  return assertThrows(() => parsePermissions(value, "/permissions"), PlugmapError);
}

/** Each text refused as an item of a kind, at its place. */
function refuseItems(name: string, items: readonly unknown[]): void {
  for (const item of items) {
    const error = refusal({ [name]: ["x", item] });
    assertEquals([error.code, error.pointer], ["permission-invalid", `/permissions/${name}/1`], `${name} ${item}`);
  }
}

describe("parsePermissions()", () => {
  it("gives all eight kinds, and nothing for what is left out, false or empty", () => {
    const permissions = parsePermissions({ read: false, write: [], net: true, env: ["LANG", "LANG"] }, "");
    assertEquals(Object.keys(permissions), [...permissionNames]);
    assertEquals(permissions.net, true);
    assertEquals(permissions.env, ["LANG", "LANG"]);
    for (const name of ["read", "write", "run", "sys", "ffi", "import"] as const) assertEquals(permissions[name], []);
    assert(Object.isFrozen(permissions) && Object.isFrozen(permissions.env));
  });

  it("refuses an unknown kind, an inherited name and what is no object", () => {
    assertEquals(refusal({ reed: true }).mend, `Did you mean "read"?`);
    for (
      const value of [JSON.parse(`{"__proto__":true}`), { constructor: true }, { hrtime: true }, null, [], true, "all"]
    ) {
      assertEquals(refusal(value).code, "permission-invalid");
    }
  });

  it("refuses values of the wrong kind", () => {
    for (const value of ["example.com", 1, null, {}, "inherit"]) {
      assertEquals(refusal({ net: value }).pointer, "/permissions/net");
    }
    for (const name of permissionNames) assertEquals(refusal({ [name]: [""] }).pointer, `/permissions/${name}/0`);
    for (const name of permissionNames) assertEquals(refusal({ [name]: [1] }).pointer, `/permissions/${name}/0`);
    for (const name of permissionNames) assertEquals(refusal({ [name]: ["a\0b"] }).pointer, `/permissions/${name}/0`);
  });

  it("refuses run and ffi as a whole, since they are full access", () => {
    for (const name of ["run", "ffi"]) {
      const error = refusal({ [name]: true });
      assertEquals([error.code, error.pointer], ["permission-invalid", `/permissions/${name}`]);
      assertStringIncludes(error.problem, "full access");
      assertEquals(parsePermissions({ [name]: false }, "")[name as "run"], []);
    }
    refuseItems("run", ["*", "git*", "/usr/bin/*"]);
    const named = parsePermissions({ run: ["git", "/bin/ls", "./tool"], ffi: ["./libgreet.so"] }, "");
    assertEquals([named.run, named.ffi], [["git", "/bin/ls", "./tool"], ["./libgreet.so"]]);
  });

  it("brings hosts into their one spelling", () => {
    const spellings: [string, string][] = [
      ["Example.COM", "example.com"],
      ["example.com.", "example.com"],
      ["example.com:080", "example.com:80"],
      ["example.com:0", "example.com:0"],
      ["*.Example.com:443", "*.example.com:443"],
      ["my_host-1", "my_host-1"],
      ["xn--bcher-kva.example", "xn--bcher-kva.example"],
      ["192.0.2.1:65535", "192.0.2.1:65535"],
      ["10.1.2.3/8", "10.0.0.0/8"],
      ["10.1.2.3/32:80", "10.1.2.3:80"],
      ["0.0.0.0/0", "0.0.0.0/0"],
      ["255.255.255.255/1", "128.0.0.0/1"],
      ["[2001:DB8:0::1]:443", "[2001:db8::1]:443"],
      ["[::1]", "[::1]"],
      ["[::ffff:192.0.2.1]:80", "192.0.2.1:80"],
    ];
    for (const [written, normal] of spellings) {
      assertEquals(parsePermissions({ net: [written], import: [written] }, "").net, [normal], written);
      assertEquals(parsePermissions({ import: [normal] }, "").import, [normal], normal);
    }
  });

  it("refuses what is no host", () => {
    const items = [
      "*",
      "*.",
      "a.*.com",
      "*example.com",
      "**.example.com",
      "https://example.com",
      "example.com/path",
      "user@example.com",
      "example.com:",
      "example.com:65536",
      "example.com:http",
      "example.com:1:2",
      ":80",
      "::1",
      "[::1",
      "[::1]x",
      "[::g]",
      "[fe80::1%eth0]",
      "[::1]/64",
      "2001:db8::/32",
      "127.1",
      "0x7f000001",
      "2130706433",
      "1.2.3.256",
      "1.2.3.04",
      "10.0.0.0/33",
      "10.0.0.0/08",
      "10.0.0/8",
      "a..b",
      "-a.example",
      "bücher.example",
      "ex ample.com",
      `${"a".repeat(64)}.example`,
      "unix:/run/docker.sock",
      "vsock:1:2",
    ];
    refuseItems("net", items);
    assertStringIncludes(refusal({ net: ["unix:/run/docker.sock"] }).mend ?? "", "sockets cannot be granted");
    refuseItems("import", items);
  });

  it("refuses what names no variable", () => {
    refuseItems("env", ["*", "A*B", "**", "A=B", "="]);
    assertEquals(parsePermissions({ env: ["AWS_*"] }, "").env, ["AWS_*"]);
  });

  it("knows the kinds of system information that Deno knows", () => {
    assertEquals(parsePermissions({ sys: ["hostname", "username"] }, "").sys, ["hostname", "userInfo"]);
    const error = refusal({ sys: ["hostName"] });
    assertStringIncludes(error.mend ?? "", `"hostname"`);
  });

  it("refuses what is no path", () => {
    for (const name of ["read", "write", "ffi"]) refuseItems(name, ["file:///data", "https://example.com/", "C:data"]);
    refuseItems("run", ["https://example.com/tool"]);
  });
});

describe("resolvePermissions()", () => {
  const asked = parsePermissions({
    read: ["data", "./data/", "../x/./y", "/etc//hosts", "/a/../b"],
    run: ["git", "./tool"],
    ffi: ["./lib.so"],
    env: ["data"],
    net: true,
  }, "");

  it("starts relative paths from the folder, or from that of the document", () => {
    for (const base of ["file:///app/my%20plugin/", "file:///app/my%20plugin/plugin.json"]) {
      const resolved = resolvePermissions(asked, base, "/permissions");
      assertEquals(resolved.read, ["/app/my plugin/data", "/app/my plugin/data", "/app/x/y", "/etc/hosts", "/b"]);
      assertEquals(resolved.run, ["git", "/app/my plugin/tool"]);
      assertEquals(resolved.ffi, ["/app/my plugin/lib.so"]);
      assertEquals([resolved.env, resolved.net], [["data"], true]);
      assert(Object.isFrozen(resolved.read));
    }
  });

  it("resolves as Windows does where the folder is on Windows", () => {
    const paths = parsePermissions(
      { read: ["./data", "..\\x", "d:/y", "/z", "\\\\server\\share\\f"], run: ["bin\\t"] },
      "",
    );
    const resolved = resolvePermissions(paths, "file:///c:/app/plugin/", "");
    assertEquals(resolved.read, ["C:\\app\\plugin\\data", "C:\\app\\x", "D:\\y", "C:\\z", "\\\\server\\share\\f"]);
    assertEquals(resolved.run, ["C:\\app\\plugin\\bin\\t"]);
  });

  it("refuses a relative path of what is not on this machine", () => {
    const error = assertThrows(
      () =>
        resolvePermissions(
          parsePermissions({ write: ["/ok", "./data"] }, ""),
          "https://cdn.example/p/",
          "/permissions",
        ),
      PlugmapError,
    );
    assertEquals([error.code, error.pointer], ["permission-invalid", "/permissions/write/1"]);
    const absolute = parsePermissions({ write: ["/ok", "C:\\ok"], run: ["git"] }, "");
    assertEquals(resolvePermissions(absolute, "jsr:@acme/weather@1.0.0", "").write, ["/ok", "C:\\ok"]);
  });

  it("refuses a base that is no URL", () => {
    for (const base of ["/app", "", "file:///app/%ff/"]) {
      assertEquals(assertThrows(() => resolvePermissions(asked, base, ""), PlugmapError).code, "option-invalid", base);
    }
  });
});
