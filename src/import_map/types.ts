/**
 * Rules by key, in the order of the document. A key that ends with `/` is a prefix rule: it also stands for everything
 * that begins with it.
 */
export interface RuleTable<Value> extends ReadonlyMap<string, Value> {
  /** Length of the longest key that ends with `/`, 0 without one. No longer part of a name has to be looked up. */
  readonly longestPrefix: number;
}

/** From specifier to address: a serialized URL, or `null` where the rule forbids what it matches. */
export type SpecifierMap = RuleTable<string | null>;

/**
 * A parsed import map, every key and address in normal form. The HTML standard keeps the rules sorted so that the most
 * specific match comes first; here the lookup finds it, and the order of the document is kept.
 */
export interface ImportMap {
  /** Rules for every importer. */
  readonly imports: SpecifierMap;
  /** Rules for importers at a URL, or below it where the key ends with `/`. They go before `imports`. */
  readonly scopes: RuleTable<SpecifierMap>;
  /** From the URL of a module to its integrity metadata, as written. */
  readonly integrity: ReadonlyMap<string, string>;
}

/** What reading and merging import maps can be told. */
export interface ImportMapOptions {
  /** Receives one sentence for each rule that the standard ignores, drops or turns into a forbidding one. */
  readonly report?: (warning: string) => void;
}

/** A specifier that a module has imported; the resolved module set of the HTML standard is a list of these. */
export interface ResolvedModule {
  /** The specifier, as it was passed to `resolveSpecifier`. */
  readonly specifier: string;
  /** URL of the importing module. */
  readonly baseUrl: string;
}

/** An import map as plain JSON. Its objects have no prototype, so that `__proto__` is a key like any other. */
export interface ImportMapJson {
  /** Addresses by specifier. */
  readonly imports: Readonly<Record<string, string | null>>;
  /** Addresses by specifier, by URL of the scope. */
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** Integrity metadata by URL. */
  readonly integrity: Readonly<Record<string, string>>;
}
