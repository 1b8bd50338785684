import { definePlugin } from "@plugmap/plugmap/plugin";
import type { hooks } from "../../host.ts";

export default definePlugin<typeof hooks>({
  hooks: { greeting: ({ name }) => `Hello, ${name}!` },
});
