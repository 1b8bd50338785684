import { definePlugin } from "@plugmap/plugmap/plugin";
import type { hooks } from "../../hooks.ts";
import { escape, fill } from "./fill.ts";
import style from "./style.css" with { type: "text" };
import essay from "./templates/essay.html" with { type: "text" };
import index from "./templates/index.html" with { type: "text" };
import note from "./templates/note.html" with { type: "text" };

const templates = new Map([["essay", essay], ["index", index], ["note", note]]);

export default definePlugin<typeof hooks>({
  hooks: {
    layout({ page, layout, widgets }) {
      const template = templates.get(layout);
      // No answer: another plugin may have a layout of that name.
      if (template === undefined) return;
      return fill(template, {
        style: `<style>\n${style}</style>`,
        title: escape(page.title),
        summary: escape(page.metadata?.summary ?? ""),
        body: page.body,
        widgets: widgets.map(({ title, body }) => `<section><h2>${escape(title)}</h2>\n${body}</section>`).join("\n"),
      });
    },
  },
});
