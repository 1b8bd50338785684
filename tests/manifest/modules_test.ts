import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { parseWith, placeOf, record, refusalWith, withModule } from "./sample.ts";

/** What {@linkcode placeOf} gives for a fault of a module's address. */
function fault(code: string, address: string): [string, string] {
  return [code, `/modules/${address.replaceAll("~", "~0").replaceAll("/", "~1")}`];
}

describe("modules of a manifest", () => {
  it("are paths, URLs and modules of JSR packages", () => {
    const addresses = [
      "./a.ts",
      "./lib/deep/a-b_c.d.ts",
      "./With Space.ts",
      "./éa.ts",
      "./@scope/a.js",
      "./~a/(b)/[c].tsx",
      "./.hidden/.a",
      "./console.ts",
      "./common/complete.ts",
      "./__proto__",
      "./constructor",
      "https://cdn.example/a%20b/mod.ts?target=es2022",
      "http://127.0.0.1:8000/a.ts",
      "jsr:@std/path@1.0.8",
      "jsr:@std/path@1.0.8-rc.1/posix/mod.ts",
    ];
    for (const address of addresses) assertEquals(parseWith(withModule(address)).modules.get(address), record);
  });

  it("have paths that stay in the folder and have one spelling", () => {
    const paths = [
      "mod.ts",
      "lib/mod.ts",
      "./",
      ".",
      "..",
      "../mod.ts",
      "/mod.ts",
      "//host/mod.ts",
      "./../mod.ts",
      "./a/../mod.ts",
      "./a/./mod.ts",
      "././mod.ts",
      ".//mod.ts",
      "./a//mod.ts",
      "./a/",
      "./a/..",
      ".\\mod.ts",
      "./a\\mod.ts",
      "./a\\..\\..\\mod.ts",
      "./%2e%2e/mod.ts",
      "./a%2fmod.ts",
      "./a%5cmod.ts",
      "./a%00.ts",
      "./a%20b.ts",
      "./a\0.ts",
      "./a\n.ts",
      "./a\u007f.ts",
      "./a\u202e.ts",
      "./a\u200b.ts",
      "./a\ud800.ts",
      "./a.ts?x",
      "./a.ts#x",
      "./a:b.ts",
      "./a*.ts",
      "C:/mod.ts",
      "c:\\mod.ts",
      "./C:/mod.ts",
      "./con",
      "./lib/NUL.ts",
      "./aux.d/mod.ts",
      "./com1.ts",
      "./LPT¹",
      "./conin$",
      "./con .ts",
      "./a./mod.ts",
      "./mod.ts.",
      "./mod.ts ",
      "./a /mod.ts",
      "./...",
      "./e\u0301.ts",
      `./${"a".repeat(256)}`,
      `./${"a/".repeat(600)}b`,
    ];
    for (const path of paths) {
      assertEquals(placeOf({ entry: path }), ["path-unsafe", "/entry"], path);
      const needsEscape = JSON.stringify(path) !== `"${path}"`;
      assertEquals(
        placeOf(withModule(path)),
        needsEscape ? ["manifest-invalid", ""] : fault("path-unsafe", path),
        path,
      );
    }
    assertEquals(placeOf(withModule("")), fault("path-unsafe", ""));
  });

  it("are unlike each other where case and composition do not count", () => {
    for (
      const [one, other] of [["./A.ts", "./a.ts"], ["./Éa.ts", "./éa.ts"], ["./straße", "./STRASSE"], ["./ſ", "./S"]]
    ) {
      const error = refusalWith({ modules: { "./mod.ts": record, [one!]: record, [other!]: record } });
      assertEquals([error.code, error.pointer], fault("path-unsafe", other!));
      assertStringIncludes(error.problem, "where case does not count");
    }
    const urls = { "https://cdn.example/A.ts": record, "https://cdn.example/a.ts": record };
    assertEquals(parseWith({ modules: { "./mod.ts": record, ...urls } }).modules.size, 3);
  });

  it("have URLs in normal form, over the web", () => {
    const refused: [string, string][] = [
      ["path-unsafe", "https://cdn.example"],
      ["path-unsafe", "HTTPS://cdn.example/a.ts"],
      ["path-unsafe", "https://CDN.example/a.ts"],
      ["path-unsafe", "https://cdn.example:443/a.ts"],
      ["path-unsafe", "https://cdn.example/x/../a.ts"],
      ["path-unsafe", "https://cdn.example/x/%2e%2E/a.ts"],
      ["path-unsafe", "https://cdn.example/a b.ts"],
      ["path-unsafe", " https://cdn.example/a.ts"],
      ["path-unsafe", "https://cdn.example/a.ts#x"],
      ["path-unsafe", "https://cdn.example/a.ts#"],
      ["manifest-invalid", "https://user:secret@cdn.example/a.ts"],
      ["manifest-invalid", "https://user@cdn.example/a.ts"],
      ["scheme-unsupported", "file:///etc/passwd"],
      ["scheme-unsupported", "data:text/javascript,1"],
      ["scheme-unsupported", "blob:https://cdn.example/1"],
      ["scheme-unsupported", "ftp://cdn.example/a.ts"],
      ["manifest-invalid", "node:fs"],
      ["manifest-invalid", "bun:ffi"],
      ["npm-refused", "npm:left-pad@1.3.0"],
      ["npm-refused", "NPM:left-pad"],
    ];
    for (const [code, address] of refused) assertEquals(placeOf(withModule(address)), fault(code, address), address);
    assertStringIncludes(refusalWith(withModule("npm:left-pad@1.3.0")).mend ?? "", "Bundle");
    assertEquals(refusalWith(withModule("https://cdn.example")).mend, `Write "https://cdn.example/".`);
  });

  it("have exact versions of JSR packages", () => {
    const refused: [string, string][] = [
      ["manifest-invalid", "jsr:@std/path"],
      ["manifest-invalid", "jsr:@std/path@^1.0.0/posix"],
      ["manifest-invalid", "jsr:@std/path@1.0"],
      ["manifest-invalid", "jsr:@std/path@latest"],
      ["manifest-invalid", "jsr:path@1.0.0"],
      ["manifest-invalid", "jsr:/@std/path@1.0.0/mod.ts"],
      ["path-unsafe", "jsr:@std/path@1.0.0/"],
      ["path-unsafe", "jsr:@std/path@1.0.0/../x"],
      ["path-unsafe", "jsr:@std/path@1.0.0/%2e%2e/x"],
    ];
    for (const [code, address] of refused) assertEquals(placeOf(withModule(address)), fault(code, address), address);
  });

  it("each bind integrity and size", () => {
    const { integrity, size } = record;
    const at = (module: unknown): [string, string?] => placeOf(withModule("./a.ts", module));
    assertEquals(at({ size }), ["integrity-missing", "/modules/.~1a.ts/integrity"]);
    assertEquals(at({ integrity }), ["manifest-invalid", "/modules/.~1a.ts/size"]);
    assertEquals(at(integrity), ["manifest-invalid", "/modules/.~1a.ts"]);
    assertEquals(at(null), ["manifest-invalid", "/modules/.~1a.ts"]);
    const shapes = [
      "",
      " ",
      "sha1-AAAA",
      "md5-AAAA",
      "sha256",
      "sha256-",
      "sha256AAAA",
      "SHA256-AAAA",
      "sha256-AA-_",
      "sha256-AAAA?x",
    ];
    for (
      const shape of [...shapes, `${integrity} sha1-AAAA`, `${integrity}\n`, ` ${integrity}`, null, 1, [integrity]]
    ) {
      assertEquals(at({ integrity: shape, size }), ["integrity-invalid", "/modules/.~1a.ts/integrity"], String(shape));
    }
    for (const wrong of ["12", -1, 1.5, 2 ** 53, 1e400, null, true]) {
      assertEquals(at({ integrity, size: wrong }), ["manifest-invalid", "/modules/.~1a.ts/size"], String(wrong));
    }
  });

  it("stay below the caps", () => {
    const { integrity } = record;
    const modules = { "./mod.ts": { integrity, size: 5 }, "./a.ts": { integrity, size: 5 } };
    const sizes = parseWith({ modules }, { modules: 2, moduleBytes: 5, totalBytes: 10 }).modules.size;
    assertEquals(sizes, 2);
    assertEquals(placeOf({ modules }, { modules: 1 }), ["manifest-too-large", "/modules"]);
    assertEquals(placeOf({ modules }, { moduleBytes: 4 }), ["manifest-too-large", "/modules/.~1mod.ts/size"]);
    assertEquals(placeOf({ modules }, { totalBytes: 9 }), ["manifest-too-large", "/modules"]);
    assertEquals(placeOf({ modules }, { manifestBytes: 20 }), ["manifest-too-large", ""]);
    assertEquals(placeOf({ modules: {} }, { modules: Number.NaN })[0], "option-invalid");
    assertEquals(placeOf({ description: "x".repeat(2 ** 22) }, { manifestBytes: undefined })[0], "manifest-too-large");
    assertEquals(placeOf(withModule("./a.ts", { integrity, size: 64 * 2 ** 20 + 1 }))[0], "manifest-too-large");
    assertEquals(placeOf({ description: "x".repeat(2 * 2 ** 20) }), ["manifest-too-large", ""]);
  });
});
