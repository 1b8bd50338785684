/** The address of a WebSocket, which may be written as one of HTTP. */
export function readUrl(text: string | URL): URL {
  const url = URL.parse(text);
  const scheme = url?.protocol.replace("http", "ws");
  if (url === null || (scheme !== "ws:" && scheme !== "wss:")) {
    throw new DOMException(`"${String(text).slice(0, 100)}" is no URL of a WebSocket`, "SyntaxError");
  }
  url.protocol = scheme;
  url.hash = "";
  return url;
}

/** The protocols to choose from. */
export function readProtocols(protocols: string | readonly string[]): readonly string[] {
  const list = typeof protocols === "string" ? [protocols] : [...protocols];
  const isOk = list.every((name) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) && new Set(list).size === list.length;
  if (!isOk) throw new DOMException("The protocols are no tokens, or one is there twice", "SyntaxError");
  return list;
}
