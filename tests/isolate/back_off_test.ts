import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { BackOff } from "../../src/isolate/back_off.ts";

const limits = { crashes: 4, crashWindow: 1000, shortestWait: 10, longestWait: 50 } as const;

describe("BackOff", () => {
  it("crashed() says to wait twice as long each time, up to a longest, and then no more", () => {
    const backOff = new BackOff(limits);
    assertEquals([0, 1, 2, 3, 4, 5].map((now) => backOff.crashed(now)), [10, 20, 40, 50, undefined, undefined]);
  });

  it("crashed() only counts what is not long ago", () => {
    const backOff = new BackOff(limits);
    assertEquals([0, 400, 800, 1000, 1400, 1800].map((now) => backOff.crashed(now)), [10, 20, 40, 40, 40, 40]);
    assertEquals([1801, 1802, 1803].map((now) => backOff.crashed(now)), [50, undefined, undefined]);
    assertEquals(backOff.crashed(9000), 10);
  });

  it("crashed() never says to wait longer than a timer can, however often", () => {
    const backOff = new BackOff({ ...limits, crashes: 5000, longestWait: 2 ** 31 - 1 });
    for (let n = 0; n < 4999; n++) backOff.crashed(0);
    assertEquals(backOff.crashed(0), 2 ** 31 - 1);
  });
});
