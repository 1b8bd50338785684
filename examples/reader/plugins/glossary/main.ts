import { definePlugin } from "@plugmap/plugmap/plugin";
import type { hooks } from "../../hooks.ts";
import { linkTerms } from "./link_terms.ts";
import terms from "./terms.json" with { type: "json" };

export default definePlugin<typeof hooks>({
  hooks: {
    transform: { run: ({ text }) => linkTerms(text, terms), tryLast: true },
  },
});
