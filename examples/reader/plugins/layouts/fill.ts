/** Puts values into the places that a template names in double braces. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(
    /\{\{ (\w+) \}\}/g,
    (place, name: string) => Object.hasOwn(values, name) ? values[name]! : place,
  );
}

/** Text as HTML. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
