import { got, present } from "./tools.js";

/** What outlasts the process, or reaches others without files. */
export const storage = {
  "keep something in local storage": () => {
    present(globalThis.localStorage).setItem("mark", "kept");
    got(localStorage.getItem("mark"), "kept");
  },
  "keep something in a cache": async () => {
    const cache = await present(globalThis.caches).open("attack");
    await cache.put("http://attack.invalid/", new Response("kept"));
    got(await (await cache.match("http://attack.invalid/")).text(), "kept");
  },
  "keep something in a key-value store": async () => {
    const store = await present(globalThis.Deno?.openKv)();
    await store.set(["mark"], "kept");
  },
  "keep something in an indexed database": () => present(globalThis.indexedDB).open("attack"),
};
