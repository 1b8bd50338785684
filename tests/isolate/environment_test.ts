import { describe, it } from "node:test";
import process from "node:process";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { grantedEnvironment } from "../../src/isolate/environment.ts";
import { allPowerful, runtimeThatMay } from "./host_powers.ts";

/** Sets variables for as long as something runs. */
function withVariables(variables: Readonly<Record<string, string>>, act: () => void): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  try {
    Object.assign(process.env, variables);
    act();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const variables = {
  PLUGMAP_TEST_A: "a",
  PLUGMAP_TEST_B: "",
  PLUGMAP_OTHER: "other",
} as const;

/** What changes how a process, or what it loads, runs. */
const steering = {
  DENO_AUTH_TOKENS: "secret",
  DENO_PERMISSION_BROKER_PATH: "/elsewhere",
  BUN_INSPECT: "ws://0.0.0.0",
  BUN_OPTIONS: "--preload x",
  LD_PRELOAD: "/evil.so",
  DYLD_INSERT_LIBRARIES: "/evil.dylib",
  NODE_OPTIONS: "--import x",
  NODE_EXTRA_CA_CERTS: "/evil.pem",
} as const;

describe("grantedEnvironment", () => {
  it("has what is granted and set, by name or by how it begins", () => {
    withVariables(variables, () => {
      const environment = grantedEnvironment(["PLUGMAP_TEST_*", "PLUGMAP_OTHER", "PLUGMAP_UNSET"], allPowerful);
      assertEquals<object>({ ...environment }, variables);
      assertEquals({ ...grantedEnvironment(["PLUGMAP_TEST_B"], allPowerful) }, { PLUGMAP_TEST_B: "" });
      assertEquals({ ...grantedEnvironment([], allPowerful) }, {});
    });
  });

  for (const [name, value] of Object.entries(steering)) {
    it(`never has ${name}, whatever is granted`, () => {
      withVariables({ [name]: value, ...variables }, () => {
        for (const granted of [true, [name], [`${name.slice(0, 4)}*`, "PLUGMAP_*"]] as const) {
          const environment = grantedEnvironment(granted, allPowerful);
          assertEquals(Object.hasOwn(environment, name), false);
        }
        assertEquals(grantedEnvironment(true, allPowerful)["PLUGMAP_TEST_A"], "a");
      });
    });
  }

  it("is refused to a host that may not read it itself, with the flag that it lacks", () => {
    const host = runtimeThatMay((power) => power.name === "env" && power.variable === "PLUGMAP_TEST_A");
    withVariables(variables, () => {
      assertEquals({ ...grantedEnvironment(["PLUGMAP_TEST_A"], host) }, { PLUGMAP_TEST_A: "a" });
      for (
        const [granted, what] of [
          [["PLUGMAP_OTHER"], `the variable "PLUGMAP_OTHER"`],
          [["PLUGMAP_*"], "all variables"],
          [true, "all variables"],
        ] as const
      ) {
        const error = assertThrows(() => grantedEnvironment(granted, host), PlugmapError);
        assertEquals(error.code, "isolate-start");
        assertStringIncludes(error.message, what);
        assertStringIncludes(error.mend ?? "", "--allow-env");
      }
    });
  });
});
