/**
 * What plugins can do for Reader, and what they are told. The host and its plugins share this file; a published host
 * would publish it for the authors of plugins.
 *
 * @module
 */
import { defineHooks, hook } from "@plugmap/plugmap";

/** What is known of an article besides its text. */
export interface Metadata {
  readonly summary: string;
  /** As `2026-11-02`. */
  readonly date: string;
  readonly tags: readonly string[];
  /** Name of the layout that its author wants. */
  readonly layout?: string;
}

/** A page as plugins see it. */
export interface Page {
  /** Name of its file, without the extension. */
  readonly slug: string;
  readonly title: string;
  /** What stands in its middle: HTML. */
  readonly body: string;
  readonly metadata: Metadata | undefined;
}

/** A box beside the body. */
export interface Widget {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

/** What every plugin's `setup` receives as `context.host`. */
export interface ReaderContext {
  /** Folder of the articles, as a `file:` URL that ends in a slash. */
  readonly articles: string;
}

/** The hooks of Reader. */
export const hooks = defineHooks({
  /** What is known of an article. The first plugin that knows something answers for all. */
  metadata: hook<{ slug: string }, Metadata>({ mode: "first", async: true }),
  /** Turns an article from Markdown into HTML, one plugin after the other: each gets what the one before made of it. */
  transform: hook<{ slug: string; text: string }, string>({ mode: "pipeline", value: "text" }),
  /** A box beside the page. Every plugin can add one; they stand in the order of the import map. */
  widget: hook<{ page: Page }, Widget>({ order: "fifo" }),
  /** The whole HTML document of a page. The first plugin that has a layout of that name makes it. */
  layout: hook<{ page: Page; layout: string; widgets: readonly Widget[] }, string>({ mode: "first" }),
});
