import { builtin, got, onDeno, present } from "./tools.js";

const { Bun } = globalThis;
const module = builtin("node:module");
const text = { with: { type: "text" } };
const computed = (specifier, options) => import(specifier, options);
const script = (source) => `data:text/javascript;base64,${btoa(source)}`;

export const modules = {
  "import node:fs": () => computed("node:fs"),
  "import node:module": () => computed("node:module"),
  "import a module that is not listed": ({ denied }) => computed(`file://${denied}/module.js`),
  "import the text of a denied file": async ({ denied }) =>
    got((await computed(`file://${denied}/file`, text)).default, "denied"),
  "import a module of text": async () => got((await computed(script("export default 42"))).default, "42"),
  "import a denied file by a module of text": async ({ denied }) => {
    const source = `export { default } from "file://${denied}/module.js";`;
    got((await computed(script(source))).default, "denied");
  },
  "import a blob": async () => {
    const blob = new Blob(["export default 42"], { type: "text/javascript" });
    got((await computed(URL.createObjectURL(blob))).default, "42");
  },
  "import from the granted server": async ({ port }) =>
    got((await computed(`http://127.0.0.1:${port}/module.js`)).default, "42"),
  "import from npm": () => computed("npm:ms@2.1.3"),
  "import from jsr": () => computed("jsr:@std/path@1"),
  "import a package": () => computed("ms"),
  "import in evaluated code": async ({ denied }) =>
    got((await (0, eval)(`import("file://${denied}/module.js")`)).default, "denied"),
  "import in a function of text": async ({ denied }) =>
    got((await Function("specifier", "return import(specifier)")(`file://${denied}/module.js`)).default, "denied"),
  "require a denied file": ({ denied }) => got(module.createRequire(`${denied}/from.js`)("./required.cjs"), "denied"),
  "require a denied file with internals of node": ({ denied }) => {
    if (!onDeno) present(undefined);
    const loaded = { exports: {}, filename: `${denied}/data.json` };
    present(module._extensions)[".json"](loaded, `${denied}/data.json`);
    got(loaded.exports.secret, "denied");
  },
  "find the package of a denied file": ({ denied }) =>
    got(present(module.findPackageJSON)(`file://${denied}/module.js`), "package.json"),
  "resolve modules itself": async () => {
    const source = (url) => url === "attack:own" ? "export default 42" : undefined;
    present(module.registerHooks)({
      resolve: (specifier, context, next) =>
        specifier === "attack:own" ? { url: specifier, shortCircuit: true } : next(specifier, context),
      load: (url, context, next) =>
        source(url) === undefined ? next(url, context) : { format: "module", source: source(url), shortCircuit: true },
    });
    got((await computed("attack:own")).default, "42");
  },
  "load a native addon": ({ library }) => {
    try {
      process.dlopen({ exports: {} }, library);
    } catch (error) {
      // The library was loaded: it is only no addon.
      if (!/self-register|napi|Node-API|symbol/i.test(error.message)) throw error;
    }
  },
  "compile C": () => present(builtin("bun:ffi")?.cc)({ source: "/nowhere.c", symbols: {} }),
  "load a graphics driver": async () => {
    // It is native code that the environment can name.
    const adapter = await present(globalThis.navigator?.gpu).requestAdapter();
    present(adapter ?? undefined);
  },
  "resolve a denied module": ({ denied }) => got(present(Bun?.resolveSync)(`${denied}/module.js`, "/"), "module.js"),
};
