import { definePlugin } from "@plugmap/plugmap/plugin";
import type { hooks } from "../../hooks.ts";
import { findHeadings, markHeadings } from "./headings.ts";
import { readingTime } from "./reading_time.ts";
import template from "./widget.html" with { type: "text" };

export default definePlugin<typeof hooks>({
  hooks: {
    // Headings are there to be marked only once another plugin has made HTML of the Markdown.
    transform: { run: ({ text }) => markHeadings(text), tryLast: true },
    widget({ page }) {
      const items = findHeadings(page.body).map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`);
      if (items.length === 0) return;
      const body = template
        .replace("{{ items }}", () => items.join("\n    "))
        .replace("{{ time }}", () => readingTime(page.body));
      return { title: "Contents", body };
    },
  },
});
