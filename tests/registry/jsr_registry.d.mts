/** A package version to put into the registry. */
export interface Release {
  /** `@scope/name` */
  readonly name: string;
  readonly version: string;
  /** Contents by path, which starts with `/`. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Paths by entry, as in deno.json: `{ ".": "./mod.ts" }`. */
  readonly exports: Readonly<Record<string, string>>;
  /** Two days ago if not given: Deno does not use versions younger than a day. */
  readonly createdAt?: Date;
}

/** A running registry. */
export interface JsrRegistry extends AsyncDisposable {
  /** Where it is, for the environment variable JSR_URL. */
  readonly url: string;
  /** Publishes without `deno publish`. The files are stored as given: imports are not rewritten. */
  publish(release: Release): Promise<void>;
  /** Marks a version as one that should not be used. */
  yank(name: string, version: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts a registry on 127.0.0.1. Port 0, the default, is any free one; `data` keeps what is published. */
export function startJsrRegistry(options?: { port?: number; data?: string }): Promise<JsrRegistry>;
