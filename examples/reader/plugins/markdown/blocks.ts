import { escape, renderInline } from "./inline.ts";

type Lines = readonly string[];

/** Each kind of block: the line that starts it, the lines that go on with it, and what it becomes. */
const kinds: readonly { starts: RegExp; goesOn: RegExp; render: (lines: Lines) => string }[] = [
  { starts: /^```/, goesOn: /^(?!```)/, render: renderCode },
  { starts: /^#{2,6} /, goesOn: /^\b$/, render: renderHeading },
  { starts: /^> ?/, goesOn: /^>/, render: renderQuote },
  { starts: /^- /, goesOn: /^(?:- | +\S)/, render: (lines) => renderList("ul", lines) },
  { starts: /^\d+\. /, goesOn: /^(?:\d+\. | +\S)/, render: (lines) => renderList("ol", lines) },
  { starts: /^\S/, goesOn: /^(?!```|#{2,6} |> |- )\S/, render: (lines) => `<p>${renderInline(lines.join("\n"))}</p>` },
];

/** Renders Markdown: headings, paragraphs, lists, quotes and fenced code. */
export function renderBlocks(markdown: string): string {
  const lines = markdown.split("\n");
  const blocks: string[] = [];
  for (let at = 0; at < lines.length;) {
    const kind = kinds.find(({ starts }) => starts.test(lines[at]!));
    let end = at + 1;
    if (kind !== undefined) {
      while (end < lines.length && kind.goesOn.test(lines[end]!)) end++;
      blocks.push(kind.render(lines.slice(at, end)));
      // The line that closes a fence belongs to it.
      if (kind.render === renderCode) end++;
    }
    at = end;
  }
  return blocks.join("\n");
}

function renderCode([, ...lines]: Lines): string {
  return `<pre><code>${escape(lines.join("\n"))}</code></pre>`;
}

function renderHeading([line = ""]: Lines): string {
  const level = line.indexOf(" ");
  return `<h${level}>${renderInline(line.slice(level + 1))}</h${level}>`;
}

function renderQuote(lines: Lines): string {
  return `<blockquote>\n${renderBlocks(lines.map((line) => line.replace(/^> ?/, "")).join("\n"))}\n</blockquote>`;
}

function renderList(tag: "ul" | "ol", lines: Lines): string {
  const items = lines.join("\n").split(/^(?:- |\d+\. )/m).slice(1);
  const rendered = items.map((item) => `  <li>${renderInline(item.trim().replace(/\n +/g, "\n"))}</li>`);
  return `<${tag}>\n${rendered.join("\n")}\n</${tag}>`;
}
