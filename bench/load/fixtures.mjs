/** What the measurements load: folders of plugins and of plain bytes, written anew for each run. */
import { createHash, randomFillSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const pin = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

const library = (number) =>
  `// Part ${number} of a plugin, of the size that modules have.
export interface Answer {
  readonly to: number;
  readonly given?: string;
}

const weights: readonly number[] = [${[1, 2, 3, 5, 8].map((weight) => weight * (number + 1)).join(", ")}];

export function part${number}({ to, given = "nothing" }: Answer): number {
  let sum: number = given.length;
  for (const weight of weights) {
    sum += weight * to;
  }
  return sum;
}
`;

const entry = (body, imports = "") =>
  `${imports}interface Question {
  readonly to: number;
}

export default {
  hooks: {
    answer({ to }: Question): number {
      return ${body};
    },
  },
};
`;

function writePlugin(folder, name, files) {
  const modules = {};
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    modules[path] = { integrity: pin(text), size: Buffer.byteLength(text) };
  }
  const manifest = { name, version: "1.0.0", entry: "./main.ts", hooks: ["answer"], modules };
  writeFileSync(join(folder, name, "plugin.json"), JSON.stringify(manifest, null, 2));
}

/** As many plugins of one module each. */
export function manyPlugins(folder, count) {
  const imports = {};
  for (let number = 0; number < count; number++) {
    const name = `plugin-${number}`;
    const text = library(number).replace("export function", "function").replace("export interface", "interface");
    writePlugin(folder, name, { "./main.ts": text + entry(`part${number}({ to })`) });
    imports[`plugins/${name}`] = `./${name}/plugin.json`;
  }
  writeFileSync(join(folder, "plugins.json"), JSON.stringify({ imports }));
}

/** One plugin of as many modules: groups of twenty behind an index each, as libraries are cut. */
export function onePlugin(folder, count) {
  const files = {};
  const groups = [];
  for (let number = 0; number + groups.length + 1 < count; number++) {
    const group = Math.floor(number / 20);
    if (number % 20 === 0) groups.push([]);
    groups[group].push(number);
    files[`./group${group}/part${number}.ts`] = library(number);
  }
  groups.forEach((members, group) => {
    files[`./group${group}/mod.ts`] = members.map((number) => `export * from "./part${number}.ts";\n`).join("");
  });
  const imports = groups.map((_, group) => `import * as group${group} from "./group${group}/mod.ts";\n`).join("");
  const sum = groups.map((members, group) => `group${group}.part${members[0]}({ to })`).join(" +\n        ") || "to";
  files["./main.ts"] = entry(sum, imports);
  writePlugin(folder, "large", files);
  writeFileSync(join(folder, "plugins.json"), JSON.stringify({ imports: { "plugins/large": "./large/plugin.json" } }));
}

/** As many files of random bytes. */
export function plainBytes(folder, count, size) {
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < count; number++) {
    writeFileSync(join(folder, `${number}.bin`), randomFillSync(new Uint8Array(size)));
  }
}
