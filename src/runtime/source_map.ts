/**
 * `stripTypeScriptTypes` names the source of its maps `file:///stripTypeScriptTypes.ts`, whatever it is told. Stack
 * traces should name the module.
 */
export function nameSourceInMap(code: string, url: string): string {
  return code.replace(/(\n\/\/# sourceMappingURL=data:application\/json;base64,)(\S+)\s*$/, (whole, head, encoded) => {
    try {
      const map: Record<string, unknown> = JSON.parse(fromBase64(encoded));
      return head + toBase64(JSON.stringify({ ...map, sources: [url] }));
    } catch {
      return whole;
    }
  });
}

function fromBase64(encoded: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)));
}

function toBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
