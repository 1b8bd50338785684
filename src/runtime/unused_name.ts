/** An identifier that does not occur in the text, also not as part of another. */
export function unusedName(text: string): string {
  let name = "$plugmap";
  while (text.includes(name)) name += "_";
  return name;
}
