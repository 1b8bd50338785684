import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { definePlugin } from "@plugmap/plugmap/plugin";
import type { hooks, Metadata, ReaderContext } from "../../hooks.ts";

let articles: string;

export default definePlugin<typeof hooks, ReaderContext>({
  setup({ host }) {
    articles = host.articles;
  },
  hooks: {
    async metadata({ slug }) {
      const file = new URL(`${slug}.json`, articles);
      // No answer: nothing is known of this article here.
      if (!existsSync(file)) return;
      return JSON.parse(await readFile(file, "utf8")) as Metadata;
    },
    widget({ page: { metadata } }) {
      if (metadata === undefined) return;
      const tags = metadata.tags.map((tag) => `<li>${tag}</li>`).join("");
      return {
        title: "About",
        body: `<p><time datetime="${metadata.date}">${metadata.date}</time></p>\n<ul class="tags">${tags}</ul>\n`,
      };
    },
  },
});
