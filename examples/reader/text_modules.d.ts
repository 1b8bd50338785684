// What plugins import as text, for compilers that do not know `with { type: "text" }`. Deno does.
declare module "*.html" {
  const text: string;
  export default text;
}
declare module "*.css" {
  const text: string;
  export default text;
}
