/**
 * Markdown for Reader: its entry module is a plugin. It needs nothing of Plugmap at run time, and JSR wants its type
 * written out, so it does without `definePlugin`.
 *
 * @module
 */
import { renderBlocks } from "./blocks.ts";

interface MarkdownPlugin {
  hooks: { transform(args: { readonly text: string }): string };
}

const plugin: MarkdownPlugin = {
  hooks: { transform: ({ text }) => renderBlocks(text) },
};

export default plugin;
