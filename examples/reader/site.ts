/**
 * From articles to pages. All that is not bookkeeping is asked of the hooks.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import type { HookCalls } from "@plugmap/plugmap";
import type { hooks, Page, Widget } from "./hooks.ts";

/** An article as it lies in the folder. */
export interface Article {
  readonly slug: string;
  readonly title: string;
  /** Markdown, without the title. */
  readonly text: string;
}

/** Reads every Markdown file of a folder. Its first line is `# `, and the title. */
export async function readArticles(folder: URL): Promise<Article[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  return await Promise.all(names.map(async (name) => {
    const [first = "", ...rest] = (await readFile(new URL(name, folder), "utf8")).split("\n");
    return { slug: name.slice(0, -".md".length), title: first.replace(/^# /, ""), text: rest.join("\n").trim() };
  }));
}

/** Makes the pages of a site: the content of each file, by its name. */
export async function buildSite(
  articles: readonly Article[],
  call: HookCalls<typeof hooks>,
): Promise<Map<string, string>> {
  const pages = await Promise.all(articles.map(({ slug, title, text }) => buildPage(slug, title, text, call)));
  const files = new Map<string, string>();
  for (const page of [...pages, indexOf(pages)]) files.set(`${page.slug}.html`, lay(page, call));
  return files;
}

async function buildPage(slug: string, title: string, text: string, call: HookCalls<typeof hooks>): Promise<Page> {
  const metadata = await call.metadata({ slug });
  return { slug, title, body: call.transform({ slug, text }), metadata };
}

/** The newest article comes first. */
function indexOf(pages: readonly Page[]): Page {
  const date = (page: Page): string => page.metadata?.date ?? "";
  const items = pages.toSorted((a, b) => date(b) < date(a) ? -1 : 1).map(({ slug, title, metadata }) =>
    `<li><a href="${slug}.html">${escape(title)}</a> ${escape(metadata?.summary ?? "")}</li>`
  );
  const metadata = { summary: "", date: "", tags: [], layout: "index" };
  return { slug: "index", title: "Reader", body: `<ul>\n${items.join("\n")}\n</ul>`, metadata };
}

/** A site is built whatever plugins are there: what no plugin does is left plain. */
function lay(page: Page, call: HookCalls<typeof hooks>): string {
  const layout = page.metadata?.layout ?? "essay";
  const widgets = layout === "index" ? [] : call.widget({ page });
  return call.layout({ page, layout, widgets }) ?? plain(page, widgets);
}

function plain({ title, body }: Page, widgets: readonly Widget[]): string {
  const asides = widgets.map((widget) => `<aside><h2>${escape(widget.title)}</h2>${widget.body}</aside>\n`);
  return `<!doctype html>\n<title>${escape(title)}</title>\n<h1>${escape(title)}</h1>\n${body}\n${asides.join("")}`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
