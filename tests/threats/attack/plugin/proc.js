import { builtin, got } from "./tools.js";

const fs = builtin("node:fs");
const opened = (path, flags = "r") => fs.closeSync(fs.openSync(path, flags));

export const proc = {
  "read the environment of the host": ({ host }) => got(fs.readFileSync(`/proc/${host}/environ`), "hunter2"),
  "read the command of the host": ({ host }) => got(fs.readFileSync(`/proc/${host}/cmdline`).length > 0, "true"),
  "open the memory of the host": ({ host }) => opened(`/proc/${host}/mem`),
  "see the memory map of the host": ({ host }) => got(fs.readFileSync(`/proc/${host}/maps`).length > 0, "true"),
  "see the program of the host": ({ host }) => got(fs.readlinkSync(`/proc/${host}/exe`), "/"),
  "list the descriptors of the host": ({ host }) => fs.readdirSync(`/proc/${host}/fd`),
  "see the working folder of the host": ({ host }) => fs.readlinkSync(`/proc/${host}/cwd`),
  "read a denied file by the root of the host": ({ host, denied }) =>
    got(fs.readFileSync(`/proc/${host}/root${denied}/file`), "denied"),
  "read the environment of a neighbour": ({ victim }) => got(fs.readFileSync(`/proc/${victim}/environ`), "hunter2"),
  "open the memory of a neighbour to write": ({ victim }) => opened(`/proc/${victim}/mem`, "r+"),
  "list all processes": () => fs.readdirSync("/proc"),
  "read its own environment": () => got(fs.readFileSync("/proc/self/environ").length >= 0, "true"),
  "open its own memory to write": () => opened("/proc/self/mem", "r+"),
  "read how much memory there is": () => got(fs.readFileSync("/proc/meminfo"), "MemTotal"),
  "read a setting of the kernel": () => got(fs.readFileSync("/proc/sys/kernel/ostype"), "Linux"),
  "open the null device to write": () => opened("/dev/null", "r+"),
  "open the null device": () => opened("/dev/null"),
  "open shared memory": () => {
    fs.writeFileSync("/dev/shm/plugmap-attack", "");
    fs.unlinkSync("/dev/shm/plugmap-attack");
  },
};
