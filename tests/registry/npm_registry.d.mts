/** A running registry. */
export interface NpmRegistry extends AsyncDisposable {
  /** Where it is, for `NPM_CONFIG_REGISTRY` or a scope in `bunfig.toml`. */
  readonly url: string;
  /** Takes an archive as `npm pack` and `deno pack` make them; `name` replaces the one in its package.json. */
  addArchive(archive: Uint8Array, name?: string): void;
  /** Takes a folder with a package.json, as it lies in node_modules. */
  addFolder(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts an empty registry on a free port of 127.0.0.1. */
export function startNpmRegistry(): Promise<NpmRegistry>;
