import { setTimeout } from "node:timers";
import type { TextReceiver } from "../runtime/types.ts";

/** A line that an isolated plugin printed. */
export interface OutputLine {
  /** Name of the plugin. */
  readonly plugin: string;
  /** What it printed to. On Deno all of it is `stderr`. */
  readonly stream: "stdout" | "stderr";
  /** The line, as the plugin printed it: what is in it may be meant for a terminal. */
  readonly text: string;
}

/** As much of one line is kept. */
const longestLine = 8 * 1024;

/**
 * Cuts what a process prints into lines, and passes on so many in a second.
 *
 * @param lines How many. Of those beyond, the number is told at the end of the second.
 */
export function readLines(plugin: string, lines: number, receive: (line: OutputLine) => void): TextReceiver {
  const begun = { stdout: "", stderr: "" };
  let count = 0;
  let second: ReturnType<typeof setTimeout> | undefined;
  const tell = (text: string, stream: OutputLine["stream"]): void => {
    try {
      receive({ plugin, stream, text });
    } catch {
      // One line that the receiver cannot take is no reason to read no more of them.
    }
  };
  const endSecond = (): void => {
    const more = count - lines;
    second = undefined;
    count = 0;
    if (more > 0) tell(`(${more} lines more than ${lines} in a second left out)`, "stderr");
  };
  const pass = (text: string, stream: OutputLine["stream"]): void => {
    second ??= setTimeout(endSecond, 1000).unref();
    if (++count <= lines) tell(text.length > longestLine ? `${text.slice(0, longestLine)}…` : text, stream);
  };
  return (text, stream) => {
    const parts = (begun[stream] + text).split("\n");
    // With one more than is kept of a line, it shows that there was more.
    begun[stream] = parts.pop()!.slice(0, longestLine + 1);
    for (const part of parts) pass(part.replace(/\r$/, ""), stream);
  };
}
