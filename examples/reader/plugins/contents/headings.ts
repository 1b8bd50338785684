/** A heading that can be linked to. */
export interface Heading {
  readonly id: string;
  /** HTML. */
  readonly text: string;
}

/** Gives every heading of the second level an id made of its words. */
export function markHeadings(html: string): string {
  return html.replace(/<h2>(.*?)<\/h2>/g, (_, text: string) => `<h2 id="${idOf(text)}">${text}</h2>`);
}

/** The headings that `markHeadings` marked. */
export function findHeadings(html: string): Heading[] {
  return [...html.matchAll(/<h2 id="(.*?)">(.*?)<\/h2>/g)].map(([, id = "", text = ""]) => ({ id, text }));
}

function idOf(text: string): string {
  const words = text.replace(/<[^>]*>/g, "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-");
}
