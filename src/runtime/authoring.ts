/**
 * What `@plugmap/plugmap/plugin` is inside a plugin. The types are gone at run time and `definePlugin` only hands back
 * its argument, so the loader serves these lines itself: a plugin needs no copy of Plugmap, and cannot bring a false one.
 */
export const authoringSource = "export const definePlugin = (plugin) => plugin;\n";

/** The specifiers under which plugins import it: as written in a checkout or an import map, and as published. */
export function isAuthoringSpecifier(specifier: string): boolean {
  return specifier === "@plugmap/plugmap/plugin" || /^jsr:\/?@plugmap\/plugmap(?:@[^/]+)?\/plugin$/.test(specifier);
}
