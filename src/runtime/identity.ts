/**
 * Module identities. A runtime keeps one instance per specifier for the life of the process, so each link of a plugin
 * needs specifiers of its own.
 *
 * They have a scheme of our own because no runtime has a loader for it. With a `file:` or `https:` specifier Deno reads
 * a dynamic import, and everything that the source imports, by itself before it asks the hooks: files a second time,
 * unverified, and whatever else is named there over the network.
 */
export const scheme = "plugmap:";

let links = 0;

/** A number that no earlier link had. */
export function nextLink(): number {
  return ++links;
}

/** The specifier under which a runtime knows the module of a URL in one link. */
export function identityOf(url: string, link: number): string {
  return `${scheme}${link}:${url}`;
}

/** The link and the URL, or other name, in a specifier that {@linkcode identityOf} made. */
export function partsOf(specifier: string): { link: number; name: string } {
  const end = specifier.indexOf(":", scheme.length);
  return { link: Number(specifier.slice(scheme.length, end)), name: specifier.slice(end + 1) };
}

const identity = /plugmap:\d+:/g;

/** Text of a runtime with the URLs of modules in place of their identities. */
export function withUrls(text: string): string {
  return text.replace(identity, "");
}
