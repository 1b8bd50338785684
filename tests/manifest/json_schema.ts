/** The few keywords of JSON Schema 2020-12 that the schemas of this package use; any other is an error. */

/** A schema, or the whole document that has it. */
export type Schema = { readonly [keyword: string]: unknown };

/** Whether a value is valid; `root` is where references lead. */
export function isValid(schema: Schema, value: unknown, root: Schema = schema): boolean {
  return Object.entries(schema).every(([keyword, argument]) => {
    const check = keywords.get(keyword);
    if (check === undefined) throw new Error(`The check does not know the keyword ${keyword}`);
    return check(argument, value, schema, root);
  });
}

type Check = (argument: unknown, value: unknown, schema: Schema, root: Schema) => boolean;

const annotation: Check = () => true;
const unlessString = (check: (argument: never, value: string) => boolean): Check => (argument, value) =>
  typeof value !== "string" || check(argument as never, value);
const unlessNumber = (check: (argument: number, value: number) => boolean): Check => (argument, value) =>
  typeof value !== "number" || check(argument as number, value);

const keywords: ReadonlyMap<string, Check> = new Map([
  ...["$schema", "$defs", "title", "description", "default"].map((name) => [name, annotation] as const),
  ["$ref", (pointer, value, _schema, root) => {
    const steps = String(pointer).split("/").slice(1);
    return isValid(steps.reduce((at, step) => at[step] as Schema, root), value, root);
  }],
  ["type", (type, value) => {
    if (type === "array") return Array.isArray(value);
    if (type === "object") return isObject(value);
    const kind: string = typeof value;
    return type === "integer" ? Number.isInteger(value) : kind === type;
  }],
  ["const", (expected, value) => value === expected],
  ["enum", (expected, value) => (expected as unknown[]).includes(value)],
  ["anyOf", (schemas, value, _schema, root) => (schemas as Schema[]).some((each) => isValid(each, value, root))],
  ["not", (schema, value, _schema, root) => !isValid(schema as Schema, value, root)],
  ["required", (names, value) => !isObject(value) || (names as string[]).every((name) => Object.hasOwn(value, name))],
  [
    "properties",
    (schemas, value, _schema, root) =>
      !isObject(value) ||
      Object.entries(schemas as Record<string, Schema>).every(([name, each]) =>
        !Object.hasOwn(value, name) || isValid(each, value[name], root)
      ),
  ],
  [
    "propertyNames",
    (schema, value, _schema, root) =>
      !isObject(value) || Object.keys(value).every((name) => isValid(schema as Schema, name, root)),
  ],
  [
    "additionalProperties",
    (argument, value, { properties = {} }, root) =>
      !isObject(value) || Object.keys(value).every((name) =>
        Object.hasOwn(properties as object, name) ||
        (argument !== false && isValid(argument as Schema, value[name], root))
      ),
  ],
  [
    "items",
    (schema, value, _schema, root) =>
      !Array.isArray(value) || value.every((each) => isValid(schema as Schema, each, root)),
  ],
  ["minItems", (least, value) => !Array.isArray(value) || value.length >= (least as number)],
  ["uniqueItems", (_argument, value) => !Array.isArray(value) || new Set(value).size === value.length],
  ["minLength", unlessString((least: number, value) => value.length >= least)],
  ["maxLength", unlessString((most: number, value) => value.length <= most)],
  ["pattern", unlessString((pattern: string, value) => new RegExp(pattern, "u").test(value))],
  ["minimum", unlessNumber((least, value) => value >= least)],
  ["maximum", unlessNumber((most, value) => value <= most)],
]);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
