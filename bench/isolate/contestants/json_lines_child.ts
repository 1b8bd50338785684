import { Buffer } from "node:buffer";
import process from "node:process";
import { createInterface } from "node:readline";

const methods: Readonly<Record<string, (argument: string) => unknown>> = {
  echo: (value) => value,
  receive: (base64) => Buffer.from(base64, "base64").length,
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, argument } = JSON.parse(line);
  process.stdout.write(
    `${JSON.stringify({ id, result: methods[method]!(argument) })}\n`,
  );
});
