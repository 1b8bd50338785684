import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../../src/loader/semaphore.ts";

describe("Semaphore", () => {
  it("run() does so much at a time, in the order it came, and goes on after failures", async () => {
    const semaphore = new Semaphore(2);
    const began: number[] = [];
    const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
    const works = ends.map(({ promise }, n) =>
      semaphore.run(() => {
        began.push(n);
        return promise;
      })
    );
    const some = () => new Promise((resolve) => setTimeout(resolve, 1));
    await some();
    assertEquals(began, [0, 1]);
    ends[1]!.reject(new Error("no"));
    await assertRejects(() => works[1]!, Error, "no");
    await some();
    assertEquals(began, [0, 1, 2]);
    ends[0]!.resolve(10);
    ends[2]!.resolve(12);
    assertEquals([await works[0], await works[2]], [10, 12]);
    await some();
    assertEquals(began, [0, 1, 2, 3, 4]);
    ends[3]!.resolve(13);
    ends[4]!.resolve(14);
    await Promise.all([works[3], works[4]]);
    assertEquals(await semaphore.run(() => Promise.resolve("later")), "later");
  });
});
