/**
 * A file's address as it stands in a document: relative, so that both can be moved together; or the whole URL where no
 * relative one leads there.
 *
 * @param url What is addressed.
 * @param base URL of the document.
 */
export function addressFrom(url: string, base: string): string {
  if (!url.startsWith("file:")) return url;
  const from = base.split("/").slice(0, -1);
  const to = url.split("/");
  let common = 0;
  while (common < from.length && from[common] === to[common]) common++;
  const up = "../".repeat(from.length - common);
  const address = `${up || "./"}${to.slice(common).join("/")}`;
  // From one drive of Windows to another there is no way.
  return new URL(address, base).href === url ? address : url;
}
