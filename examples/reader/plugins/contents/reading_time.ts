import settings from "./settings.json" with { type: "json" };

/** How long a page takes to read, in words. */
export function readingTime(html: string): string {
  const words = html.replace(/<[^>]*>/g, " ").match(/\S+/g)?.length ?? 0;
  const minutes = Math.max(1, Math.round(words / settings.wordsPerMinute));
  return `${minutes} ${minutes === 1 ? settings.minute : settings.minutes}`;
}
