import { createHost, defineHooks, hook } from "@plugmap/plugmap";

export const hooks = defineHooks({ greeting: hook<{ name: string }, string>() });

await using host = createHost({ hooks });
const { plugins } = await host.load();

for (const { error } of plugins) if (error) console.error(error.message);
for (const greeting of host.hooks.greeting({ name: "world" })) console.log(greeting);
