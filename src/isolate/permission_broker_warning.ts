import type { TextReceiver } from "../runtime/types.ts";

/** What Deno prints before anything else when it has a broker. No flag keeps it from that. */
const warning = "Warning Permission broker is an experimental feature\n";

/** Leaves that out of what a process prints, and nothing that a plugin could print: no plugin is there yet. */
export function withoutBrokerWarning(print: TextReceiver): TextReceiver {
  let begun: string | undefined = "";
  return (text, stream) => {
    if (stream !== "stderr" || begun === undefined) return print(text, stream);
    begun += text;
    if (begun.length < warning.length && warning.startsWith(begun)) return;
    const rest = begun.startsWith(warning) ? begun.slice(warning.length) : begun;
    begun = undefined;
    if (rest !== "") print(rest, stream);
  };
}
