import { closest } from "../document.ts";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { plugmapVersion } from "../host/mod.ts";
import { readArguments, usage } from "./arguments.ts";
import { doctor } from "./doctor.ts";
import { hash } from "./hash.ts";
import { inspect } from "./inspect.ts";
import { keygen } from "./keygen.ts";
import { sign } from "./sign.ts";
import type { Command, Terminal } from "./types.ts";

const help = `plugmap: verified plugins for Deno and Bun

plugmap inspect [NAME...]  check plugins without running them: what each is, asks for and lacks
  --import-map FILE        the import map that lists them; default as createHost finds it
  --policy FILE            the policy; default plugins.policy.json beside the import map
  --json                   print the report as JSON
                           exits with 1 when a host would refuse a plugin

plugmap doctor [NAME...]   tell what isolates plugins here, and what enforces their permissions;
                           takes the options of inspect

plugmap hash FOLDER        write the hashes of a plugin's modules into its plugin.json, and print
                           what lists and pins it in an import map
  --check                  write nothing; exit with 1 when something would change
plugmap hash URL           check a remote plugin and print what pins it, for you to review;
                           of a single module, print what lists it in a plugin.json

plugmap keygen FILE        make a key to sign with: write the private key to FILE, which must not
                           exist, and print the public key for policies
plugmap sign FOLDER|FILE   sign the plugin.json of a folder, or a list of revocations, in a file
                           beside it, with ".sig" after the name
  --key FILE               the private key
  --replaces FILE          the private key that this one takes the place of, from now on

plugmap --version          print the version

Every command exits with 2 when it cannot be carried out.`;

const commands: ReadonlyMap<string, Command> = new Map([
  ["inspect", inspect],
  ["doctor", doctor],
  ["hash", hash],
  ["keygen", keygen],
  ["sign", sign],
]);

/**
 * Runs one command.
 *
 * @param args The command line, without the program.
 * @returns The exit status: 0, 1 when a plugin is not as it should be, 2 when the command cannot be carried out.
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(args, terminal);
  } catch (error) {
    terminal.problem(error instanceof PlugmapError ? error.message : `plugmap: ${messageOf(error)}`);
    return 2;
  }
}

async function run([name, ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === undefined) {
    terminal.problem(help);
    return 2;
  }
  if (/^(?:--help|-h|--version)$/.test(name)) {
    terminal.out(name === "--version" ? plugmapVersion : help);
    return 0;
  }
  const command = commands.get(name);
  if (command === undefined) {
    const meant = closest(name, commands.keys());
    throw usage(`There is no command ${quote(name)}`, meant && `Did you mean ${quote(meant)}?`);
  }
  if (rest.some((word) => /^(?:--help|-h)$/.test(word))) {
    terminal.out(help);
    return 0;
  }
  return await command.run(readArguments(rest, command.options), terminal);
}
