import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { onDeno } from "../support/child.ts";
import { files, links, metadata } from "./attack/expected_files.ts";
import { environment, modules, storage } from "./attack/expected_modules.ts";
import { native } from "./attack/expected_native.ts";
import { network } from "./attack/expected_network.ts";
import { proc, processes, signals } from "./attack/expected_processes.ts";
import { grantNames } from "./attack/grants.ts";
import { attack, unsafe } from "./attack/scene.ts";
import type { Outcome, User } from "./attack/scene.ts";
import { anything, ok, verdictIn } from "./attack/verdict_table.ts";
import type { Cell, Row } from "./attack/verdict_table.ts";

// T21 and others: a plugin that tries everything, in tier "isolated", under nothing, each permission, and mixes of them.
// How each attack has to end is in the tables that are imported.

const tables = { files, metadata, links, network, processes, signals, proc, native, modules, environment, storage };

const rows: ReadonlyMap<string, Row> = new Map(
  Object.entries(tables).flatMap(([group, table]) =>
    Object.entries(table).map(([name, row]) => [`${group}: ${name}`, row] as const)
  ),
);

const cellOf = ({ deno, bun }: Row): Cell => onDeno ? deno : bun;

/** What would not end there, or would end the test. */
const notUnconfined = ["processes: fork a cluster", "processes: become another program"];

const users: readonly User[] = ["an ordinary user", "root"];

/** The attacks of a host, made when they are first asked about. */
function once(make: () => Promise<Outcome>): () => Promise<Outcome> {
  let outcome: Promise<Outcome> | undefined;
  return () => outcome ??= make();
}

// Bun leaves out what a skipped group holds without a word.
if (unsafe !== false) it(`T21, attacks: ${unsafe}`, { skip: true }, () => {});

for (const user of users) {
  describe(`T21, an isolated plugin of ${user} that attacks,`, { skip: unsafe }, () => {
    const outcome = once(() => attack(user, "isolated", []));

    for (const name of grantNames) {
      it(`granted ${name}, gets as far as it may and no further`, async () => {
        const seen = (await outcome()).verdicts.get(name)!;
        const expected = new Map([...rows].map(([id, row]) => [id, verdictIn(cellOf(row), name)]));
        const wrong = [...expected].filter(([id, verdict]) => verdict !== anything && seen[id] !== verdict);
        assertEquals(wrong.map(([id, verdict]) => `${id}: ${seen[id]}, not ${verdict}`), []);
        assertEquals(Object.keys(seen).sort(), [...rows.keys()].sort());
      });
    }

    it("leaves everything as it is that it may not change, and reaches nobody", async () => {
      const { damage, reached } = await outcome();
      assertEquals([damage, reached], [[], []]);
    });
  });
}

describe("T21, attacks that nothing confines,", { skip: unsafe }, () => {
  it("fail in another way, or not at all: it is the confinement that stops them", async () => {
    const seen: Record<string, string>[] = [];
    for (const user of users) {
      const { verdicts, damage, reached } = await attack(user, "trusted", notUnconfined);
      seen.push(verdicts.get("unconfined")!);
      assertEquals([damage.length > 0, reached.length > 0], [true, true]);
    }
    const proven = (id: string, row: Row): boolean => {
      const refused = verdictIn(cellOf(row), "nothing");
      return refused === ok || refused === "absent" || row.unproven !== undefined ||
        seen.some((verdicts) => verdicts[id] !== refused);
    };
    assertEquals([...rows].filter(([id, row]) => !proven(id, row)).map(([id]) => id), []);
  });

  it("are allowed to a plugin that is granted nothing only for a reason", () => {
    const allowed = [...rows].filter(([, row]) => verdictIn(cellOf(row), "nothing") === ok);
    assertEquals(allowed.filter(([, { why }]) => why === undefined).map(([id]) => id), ["signals: signal itself"]);
  });
});
