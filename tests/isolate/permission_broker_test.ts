import { describe, it } from "node:test";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PlugmapError } from "../../src/errors.ts";
import { auditLine, auditSink } from "../../src/isolate/audit.ts";
import type { AuditRecord } from "../../src/isolate/audit.ts";
import { PermissionBroker } from "../../src/isolate/permission_broker.ts";
import type { BrokerOptions } from "../../src/isolate/permission_broker.ts";
import { PermissionDecisions } from "../../src/isolate/permission_broker_decisions.ts";
import type { DecisionOptions } from "../../src/isolate/permission_broker_decisions.ts";
import { StaticGrant } from "../../src/isolate/permission_broker_grant.ts";
import { QuestionReader } from "../../src/isolate/permission_broker_lines.ts";
import { formatAnswer, readRequest } from "../../src/isolate/permission_broker_messages.ts";
import { Pace } from "../../src/isolate/permission_broker_pace.ts";
import { placesOf } from "../../src/isolate/real_paths.ts";
import { withoutBrokerWarning } from "../../src/isolate/permission_broker_warning.ts";
import { parsePermissions, permissionNames } from "../../src/permissions/mod.ts";
import type { PermissionName } from "../../src/permissions/mod.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const encoder = new TextEncoder();
const granting = (permissions: object) => parsePermissions(permissions, "");
const grantOf = (permissions: object, environment = {}) => new StaticGrant(granting(permissions), environment);
const line = (message: object): string => JSON.stringify({ v: 1, pid: 1, id: 1, datetime: "", ...message });

function refusesLine(text: string): void {
  assertEquals(assertThrows(() => readRequest(text), PlugmapError).code, "isolate-protocol");
}

/** The seed is kept, so that what was found once is found again. */
const runs = { seed: 20_260_417 };

describe("readRequest()", () => {
  it("reads what Deno sends", () => {
    const text = '{"v":1,"pid":9,"id":7,"datetime":"2026-01-01T00:00:00Z","permission":"read","value":"/etc/hostname"}';
    assertEquals(readRequest(text), { id: 7, permission: "read", value: "/etc/hostname" });
  });

  it("takes null for all of a kind", () => {
    assertEquals(readRequest(line({ permission: "env", value: null })), { id: 1, permission: "env", value: undefined });
  });

  it("refuses whatever else it may be", () => {
    for (
      const message of [
        { permission: "read" },
        { permission: "read", value: 1 },
        { permission: "read", value: ["/"] },
        { permission: "all", value: null },
        { permission: "__proto__", value: null },
        { permission: "constructor", value: null },
        { permission: ["read"], value: null },
        { permission: "read", value: null, v: 2 },
        { permission: "read", value: null, v: "1" },
        { permission: "read", value: null, id: -1 },
        { permission: "read", value: null, id: 1.5 },
        { permission: "read", value: null, id: "1" },
      ]
    ) refusesLine(line(message));
    for (const text of ["", "null", "1", "[]", "{", "{}", '"read"', '{"__proto__":{"v":1,"id":1}}']) refusesLine(text);
  });

  it("reads or refuses any text, and fails in no other way", () => {
    const messages = fc.record({
      v: fc.constantFrom<unknown>(1, 2, "1", null),
      id: fc.oneof(fc.nat(), fc.anything()),
      permission: fc.oneof(fc.constantFrom(...permissionNames), fc.string()),
      value: fc.oneof(fc.string(), fc.constant(null), fc.anything()),
    }, { requiredKeys: [] });
    const text = fc.oneof(fc.string(), fc.json(), messages.map((message) => JSON.stringify(message, printBig)));
    fc.assert(
      fc.property(text, (text) => {
        try {
          const { id, permission, value } = readRequest(text);
          assert(Number.isSafeInteger(id) && permissionNames.includes(permission));
          assert(value === undefined || typeof value === "string");
        } catch (error) {
          assert(error instanceof PlugmapError && error.code === "isolate-protocol");
        }
      }),
      runs,
    );
  });
});

const printBig = (_: string, value: unknown) => typeof value === "bigint" ? `${value}` : value;

describe("QuestionReader", () => {
  it("puts a line together however it is cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(40)), (text, lengths) => {
        const sent = text.replaceAll("\n", "").toWellFormed();
        const reader = new QuestionReader(10_000);
        let bytes = encoder.encode(`${sent}\n`);
        const lines: string[] = [];
        for (const length of [...lengths, Infinity]) {
          const read = reader.add(bytes.subarray(0, length));
          if (read !== undefined) lines.push(read);
          bytes = bytes.subarray(length);
        }
        assertEquals(lines, [sent]);
      }),
      runs,
    );
  });

  it("refuses a second question in the same breath, and what is too long or no text", () => {
    for (const text of ["a\nb", "a\nb\n", "a\n\n", "123456789\n", "123456789"]) {
      const error = assertThrows(() => new QuestionReader(8).add(encoder.encode(text)), PlugmapError);
      assertEquals(error.code, "isolate-protocol");
    }
    assertThrows(() => new QuestionReader(8).add(Uint8Array.of(0xff, 0x0a)), PlugmapError);
  });

  it("counts what has come in pieces", () => {
    const reader = new QuestionReader(8);
    reader.add(encoder.encode("12345"));
    assertThrows(() => reader.add(encoder.encode("6789")), PlugmapError);
  });
});

describe("placesOf()", () => {
  it("follows links wherever they are on the way, and names a link itself too", () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    mkdirSync(join(path, "real"));
    writeFileSync(join(path, "real/file"), "");
    symlinkSync(join(path, "real"), join(path, "folder"));
    symlinkSync("real/file", join(path, "file"));
    assertEquals(placesOf(join(path, "real/file")), [join(path, "real/file")]);
    assertEquals(placesOf(join(path, "folder/file")), [join(path, "real/file")]);
    assertEquals(placesOf(join(path, "folder/none/yet")), [join(path, "real/none/yet")]);
    assertEquals(placesOf(join(path, "file")), [join(path, "real/file"), join(path, "file")]);
    assertEquals(placesOf("/"), ["/"]);
  });

  it("is undefined where nobody can tell", () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    symlinkSync(join(path, "nothing"), join(path, "dangling"));
    symlinkSync("loop", join(path, "loop"));
    writeFileSync(join(path, "file"), "");
    for (const name of ["dangling", "dangling/below", "loop", "file/below", "a\0b", "a\uFFFDb"]) {
      assertEquals(placesOf(join(path, name)), undefined, name);
    }
    for (const text of ["file", "./file", "../file", "<TMP>", ""]) assertEquals(placesOf(text), undefined, text);
  });
});

describe("StaticGrant", () => {
  const isCovered = (grant: StaticGrant, permission: PermissionName, value?: string): boolean =>
    grant.cover(permission, value).open?.length === 0;

  it("covers what the grant contains, kind by kind", () => {
    const grant = grantOf({ net: ["*.example.com:443", "[::1]:80"], env: ["AWS_*", "HOME"], sys: ["hostname"] });
    for (
      const [permission, value, expected] of [
        ["net", "api.example.com:443", true],
        ["net", "[::1]:80", true],
        ["net", "api.example.com:80", false],
        ["net", "127.1:443", false],
        ["net", "unix:/run/docker.sock", false],
        ["env", "AWS_REGION", true],
        ["env", "HOME", true],
        ["env", "home", false],
        ["env", "__proto__", false],
        ["sys", "hostname", true],
        ["sys", "cpus", false],
      ] as const
    ) assertEquals(isCovered(grant, permission, value), expected, `${permission} ${value}`);
  });

  it("lets nobody decide about all of a kind, imports, and paths that could be any", () => {
    const grant = grantOf({ read: ["/"], run: ["/usr/bin/env", "sh"], env: ["HOME"] }, { PATH: "/bin:/usr/bin" });
    for (const permission of permissionNames) assertEquals(grant.cover(permission, undefined).open, undefined);
    for (
      const [permission, value] of [
        ["import", "example.com:443"],
        ["read", "etc/passwd"],
        ["run", "sh"],
        ["env", "A".repeat(5000)],
      ] as const
    ) assertEquals(grant.cover(permission, value).open, undefined);
  });

  it("covers everything of a kind that is granted as a whole", () => {
    const grant = grantOf({ read: true, env: true });
    for (const value of [undefined, "etc/passwd", "/none", "/a\0"]) assert(isCovered(grant, "read", value));
    assert(isCovered(grant, "env"));
    assert(!isCovered(grant, "write", "/none"));
  });

  it("does not cover what a link in a granted folder leads to, nor a link outside that leads in", () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    mkdirSync(join(path, "granted"));
    writeFileSync(join(path, "granted/own"), "");
    writeFileSync(join(path, "secret"), "");
    symlinkSync("../secret", join(path, "granted/out"));
    symlinkSync("granted/own", join(path, "in"));
    const grant = grantOf({ read: [join(path, "granted")] });
    assert(isCovered(grant, "read", join(path, "granted/own")));
    assertEquals(grant.cover("read", join(path, "granted/out")), {
      open: [join(path, "secret")],
      leadsTo: join(path, "secret"),
    });
    assertEquals(grant.cover("read", join(path, "in")).open, [join(path, "in")]);
  });

  it("knows a granted folder by its real name as well", () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    mkdirSync(join(path, "version-1"));
    writeFileSync(join(path, "version-1/file"), "");
    symlinkSync("version-1", join(path, "current"));
    const grant = grantOf({ read: [join(path, "current")] });
    assert(isCovered(grant, "read", join(path, "current/file")));
    assert(isCovered(grant, "read", join(path, "version-1/file")));
  });

  it("finds granted programs in the PATH of the process, and covers exactly those", () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    for (const [name, mode] of [["tool", 0o755], ["plain", 0o644]] as const) {
      writeFileSync(join(path, name), "", { mode });
    }
    mkdirSync(join(path, "folder"));
    const grant = grantOf({ run: ["tool", "plain", "folder"] }, { PATH: `.:${path}` });
    assert(isCovered(grant, "run", join(path, "tool")));
    for (const name of ["plain", "folder", "other"]) assert(!isCovered(grant, "run", join(path, name)), name);
    assertEquals(grant.cover("run", "tool").open, undefined);
  });
});

const decisionsOf = (options: Partial<DecisionOptions>, plugin: string | undefined = "weather") => {
  const records: AuditRecord[] = [];
  const decisions = new PermissionDecisions({
    grant: grantOf({ env: ["HOME"] }),
    onPermissionRequest: undefined,
    audit: (record) => void records.push(record),
    answerTime: 60_000,
    answers: 10,
    ...options,
  });
  if (plugin !== undefined) decisions.belongTo(plugin);
  const told = () => records.map(({ permission, value, allowed, by }) => [permission, value, allowed, by]);
  return { decisions, records, told };
};

describe("PermissionDecisions", () => {
  it("allows what is granted without asking", async () => {
    const { decisions, told } = decisionsOf({ onPermissionRequest: () => false });
    assertEquals(await decisions.decide("env", "HOME"), undefined);
    assertEquals(told(), [["env", "HOME", true, "grant"]]);
  });

  it("asks about the rest, once for each", async () => {
    const asked: unknown[] = [];
    const { decisions, told } = decisionsOf({
      onPermissionRequest: (request) => {
        asked.push(request);
        return Promise.resolve(request.value === "YES");
      },
    });
    for (const value of ["YES", "NO", "YES", "NO"]) {
      assertEquals(await decisions.decide("env", value), value === "YES" ? undefined : `env "NO" is not granted`);
    }
    assertEquals(asked, [
      { plugin: "weather", permission: "env", value: "YES" },
      { plugin: "weather", permission: "env", value: "NO" },
    ]);
    assertEquals(told().map(([, , allowed, by]) => [allowed, by]), [
      [true, "callback"],
      [false, "callback"],
      [true, "callback"],
      [false, "callback"],
    ]);
  });

  it("denies without a callback, and before it is known whose process it is", async () => {
    const alone = decisionsOf({});
    assertEquals(await alone.decisions.decide("env", "PATH"), `env "PATH" is not granted`);
    assertEquals(alone.told(), [["env", "PATH", false, "default"]]);
    const spare = new PermissionDecisions({
      grant: grantOf({}),
      onPermissionRequest: () => true,
      audit: undefined,
      answerTime: 60_000,
      answers: 10,
    });
    assertEquals(await spare.decide("env", "PATH"), `env "PATH" is not granted`);
  });

  it("denies when the callback fails or says neither true nor false, and does not ask that again", async () => {
    let asked = 0;
    const answers: (() => unknown)[] = [
      () => {
        throw new Error("no");
      },
      () => Promise.reject(new Error("no")),
      () => "yes",
      () => 1,
      () => undefined,
      () => ({}),
    ];
    for (const answer of answers) {
      asked = 0;
      const callback = () => {
        asked++;
        return answer() as boolean;
      };
      const { decisions, told } = decisionsOf({ onPermissionRequest: callback });
      for (let time = 0; time < 2; time++) assert(await decisions.decide("env", "PATH") !== undefined);
      assertEquals(asked, 1);
      assertEquals(told()[0], ["env", "PATH", false, "default"]);
    }
  });

  it("denies when the callback never settles, and says meanwhile that it is asking", async () => {
    const { decisions } = decisionsOf({ answerTime: 1, onPermissionRequest: () => new Promise(() => {}) });
    const alive = setInterval(() => {}, 1000);
    const answer = decisions.decide("env", "PATH");
    assert(decisions.asking);
    assertEquals(await answer, `env "PATH" is not granted`);
    assert(!decisions.asking);
    clearInterval(alive);
  });

  it("stops asking after so many questions", async () => {
    let asked = 0;
    const { decisions } = decisionsOf({ answers: 3, onPermissionRequest: () => ++asked > 0 });
    for (let count = 0; count < 10; count++) await decisions.decide("env", `V${count}`);
    assertEquals(asked, 3);
    assertEquals(await decisions.decide("env", "V2"), undefined);
    assert(await decisions.decide("env", "V9") !== undefined);
  });

  it("wants every place that a path stands for allowed", async () => {
    using folder = createTemporaryFolder();
    const { path } = folder;
    writeFileSync(join(path, "target"), "");
    symlinkSync("target", join(path, "link"));
    const asked: string[] = [];
    const { decisions, records } = decisionsOf({
      onPermissionRequest: ({ value }) => {
        asked.push(value);
        return value === join(path, "target");
      },
    });
    assert(await decisions.decide("write", join(path, "link")) !== undefined);
    assertEquals(asked, [join(path, "target"), join(path, "link")]);
    assertEquals([records[0]?.value, records[0]?.leadsTo], [join(path, "link"), join(path, "target")]);
  });

  it("denies what cannot be recorded, even what is granted", async () => {
    const audit = () => {
      throw new Error("disk full");
    };
    const { decisions } = decisionsOf({ audit });
    assert(await decisions.decide("env", "HOME") !== undefined);
  });
});

describe("auditSink()", () => {
  it("writes one line of ASCII for each record, into a file for the owner only", () => {
    using folder = createTemporaryFolder();
    const file = join(folder.path, "audit.jsonl");
    const record: AuditRecord = {
      time: "2026-01-01T00:00:00.000Z",
      plugin: "weather",
      permission: "read",
      value: '/a\n{"allowed":true}\u001b[2J\u009b\u2028\u202e\ud800',
      allowed: false,
      by: "default",
    };
    const sink = auditSink(file);
    sink(record);
    sink({ ...record, value: null });
    const lines = readFileSync(file, "utf8").split("\n");
    assertEquals(lines.length, 3);
    assertEquals(lines.slice(0, 2).map((text) => JSON.parse(text)), [record, { ...record, value: null }]);
    assertEquals(statSync(file).mode & 0o777, 0o600);
  });

  it("keeps any value readable as what it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (value) => {
        const text = auditLine({ time: "", plugin: "a", permission: "read", value, allowed: true, by: "grant" });
        assert(/^[ -~]*\n$/.test(text));
        assertEquals(JSON.parse(text).value, value);
      }),
      runs,
    );
  });
});

describe("Pace", () => {
  it("holds back what is beyond the number of a second, until the next one", () => {
    let time = 5000;
    const pace = new Pace(2, () => time);
    const next = (at: number): number => {
      time = at;
      return pace.next();
    };
    assertEquals([5000, 5100, 5200, 5900, 6000, 6100, 6200].map(next), [0, 0, 800, 100, 0, 0, 800]);
  });
});

describe("withoutBrokerWarning()", () => {
  const warning = "Warning Permission broker is an experimental feature\n";
  const printed = (texts: readonly string[]): string => {
    let all = "";
    const print = withoutBrokerWarning((text) => all += text);
    for (const text of texts) print(text, "stderr");
    return all;
  };

  it("leaves the warning out at the start only, however it is cut", () => {
    for (let cut = 0; cut <= warning.length; cut++) {
      assertEquals(printed([warning.slice(0, cut), `${warning.slice(cut)}${warning}`, warning]), warning + warning);
    }
    assertEquals(printed(["Warning", " of another kind"]), "Warning of another kind");
  });
});

/** What a runtime does, and what one that was taken over could do. */
class Client {
  readonly #socket: Socket;
  #text = "";
  #wake = Promise.withResolvers<void>();
  #ended = false;

  constructor(path: string) {
    this.#socket = connect(path).setEncoding("utf8");
    this.#socket.on("error", () => {});
    this.#socket.on("data", (text: string) => {
      this.#text += text;
      this.#wake.resolve();
    });
    this.#socket.on("close", () => {
      this.#ended = true;
      this.#wake.resolve();
    });
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** The next line, or undefined when the connection has ended. */
  async read(): Promise<unknown> {
    while (!this.#text.includes("\n")) {
      if (this.#ended) return undefined;
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
    const end = this.#text.indexOf("\n");
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return JSON.parse(text);
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function withBroker(
  options: Partial<BrokerOptions>,
  use: (broker: PermissionBroker, path: string) => Promise<void>,
): Promise<void> {
  const broker = await PermissionBroker.start({ granted: granting({}), environment: {}, ...options });
  broker.belongTo("weather");
  try {
    await use(broker, broker.environment["DENO_PERMISSION_BROKER_PATH"]!);
  } finally {
    broker.close();
  }
}

describe("PermissionBroker", () => {
  it("answers one question after the other, whatever process they name", async () => {
    const records: AuditRecord[] = [];
    const audit = (record: AuditRecord) => void records.push(record);
    await withBroker({ granted: granting({ env: ["HOME"] }), audit }, async (_, path) => {
      const client = new Client(path);
      client.send(`${line({ id: 5, pid: 1, permission: "env", value: "HOME" })}\n`);
      assertEquals(await client.read(), { id: 5, result: "allow" });
      client.send(`${line({ id: 6, pid: 99_999_999, plugin: "other", permission: "env", value: "PATH" })}\n`);
      assertEquals(await client.read(), { id: 6, result: "deny", reason: `env "PATH" is not granted` });
      assertEquals(records.map(({ plugin }) => plugin), ["weather", "weather"]);
      client.close();
    });
  });

  it("waits in a folder that nobody else may enter, and leaves none behind once somebody has come in", async () => {
    await withBroker({}, async (_, path) => {
      assertEquals(statSync(dirname(path)).mode & 0o777, 0o700);
      const client = new Client(path);
      client.send(`${line({ permission: "env", value: "HOME" })}\n`);
      await client.read();
      assert(!existsSync(dirname(path)));
      client.close();
    });
  });

  it("leaves no folder behind if nobody comes", async () => {
    let folder = "";
    await withBroker({}, (_, path) => {
      folder = dirname(path);
      return Promise.resolve();
    });
    assert(folder !== "" && !existsSync(folder));
  });

  it("lets one in, and nobody after it", async () => {
    await withBroker({ granted: granting({ env: true }) }, async (_, path) => {
      const clients = [new Client(path), new Client(path), new Client(path)];
      for (const client of clients) client.send(`${line({ permission: "env", value: "HOME" })}\n`);
      const answers = await Promise.all(clients.map((client) => client.read()));
      assertEquals(answers.filter((answer) => answer !== undefined).length, 1);
      for (const client of clients) client.close();
    });
  });

  it("ends the connection at the first line that is no question, and says why", async () => {
    for (
      const text of [
        "\n",
        "{}\n",
        "null\n",
        `${line({ permission: "everything", value: null })}\n`,
        `${line({ permission: "env", value: "A" })}\n${line({ permission: "env", value: "B" })}\n`,
        "x".repeat(300 * 1024),
      ]
    ) {
      await withBroker({}, async (broker, path) => {
        const client = new Client(path);
        client.send(text);
        assertEquals(await client.read(), undefined);
        assertEquals((await broker.failed).code, "isolate-protocol");
        client.close();
      });
    }
  });

  it("ends the connection when it is asked while the host is still deciding", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    const onPermissionRequest = () => {
      asked.resolve();
      return promise;
    };
    await withBroker({ onPermissionRequest }, async (broker, path) => {
      const client = new Client(path);
      client.send(`${line({ permission: "env", value: "A" })}\n`);
      await asked.promise;
      assert(broker.asking);
      client.send(`${line({ permission: "env", value: "B" })}\n`);
      assertEquals((await broker.failed).code, "isolate-protocol");
      resolve(true);
      assertEquals(await client.read(), undefined);
      client.close();
    });
  });

  it("answers what it has held back", async () => {
    await withBroker({ granted: granting({ env: true }), limits: { requests: 1 } }, async (_, path) => {
      const client = new Client(path);
      const alive = setInterval(() => {}, 1000);
      for (let id = 0; id < 2; id++) {
        client.send(`${line({ id, permission: "env", value: "A" })}\n`);
        assertEquals(await client.read(), { id, result: "allow" });
      }
      clearInterval(alive);
      client.close();
    });
  });

  it("looks at links anew for each question", async () => {
    using folder = createTemporaryFolder();
    const { path: root } = folder;
    mkdirSync(join(root, "granted/a/b"), { recursive: true });
    writeFileSync(join(root, "granted/secret"), "own");
    writeFileSync(join(root, "secret"), "");
    symlinkSync("../../secret", join(root, "granted/a/b/link"));
    await withBroker({ granted: granting({ read: [join(root, "granted")] }) }, async (_, path) => {
      const client = new Client(path);
      client.send(`${line({ permission: "read", value: join(root, "granted/a/b/link") })}\n`);
      assertEquals(await client.read(), { id: 1, result: "allow" });
      // What a plugin that may write there can do: the same link, one folder higher, leads out.
      renameSync(join(root, "granted/a/b"), join(root, "granted/b"));
      client.send(`${line({ permission: "read", value: join(root, "granted/b/link") })}\n`);
      assertEquals((await client.read() as { result: string }).result, "deny");
      client.close();
    });
  });

  it("rejects when it cannot wait anywhere", async () => {
    using folder = createTemporaryFolder();
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = join(folder.path, "none");
    try {
      await assertRejects(() => PermissionBroker.start({ granted: granting({}), environment: {} }));
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });
});

describe("formatAnswer()", () => {
  it("is one line, whatever the reason says", () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.string(), { nil: undefined }), (id, refusal) => {
        const text = formatAnswer(id, refusal);
        assertEquals(text.indexOf("\n"), text.length - 1);
        const expected = refusal === undefined ? { id, result: "allow" } : { id, result: "deny", reason: refusal };
        assertEquals(JSON.parse(text), expected);
      }),
      runs,
    );
  });
});
