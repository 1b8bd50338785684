/** Code first, so that nothing inside it is taken for anything else. */
const token = /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*|_([^_]+)_|\*([^*]+)\*/g;

/** Renders code, links and emphasis; everything else becomes text. */
export function renderInline(markdown: string): string {
  let html = "";
  let done = 0;
  for (const found of markdown.matchAll(token)) {
    html += escape(markdown.slice(done, found.index)) + renderToken(found);
    done = found.index + found[0].length;
  }
  return html + escape(markdown.slice(done));
}

function renderToken([, code, label, url, strong, ...emphasis]: RegExpMatchArray): string {
  if (code !== undefined) return `<code>${escape(code)}</code>`;
  if (label !== undefined) return `<a href="${escape(url!)}">${renderInline(label)}</a>`;
  if (strong !== undefined) return `<strong>${renderInline(strong)}</strong>`;
  return `<em>${renderInline(emphasis.find((text) => text !== undefined)!)}</em>`;
}

/** Text as HTML. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
