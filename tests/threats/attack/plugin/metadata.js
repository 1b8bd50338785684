import { builtin, got } from "./tools.js";

const fs = builtin("node:fs");

export const metadata = {
  "see the size of a denied file": ({ denied }) => got(fs.statSync(`${denied}/file`).size, "6"),
  "see whether a denied file exists": ({ denied }) => got(fs.existsSync(`${denied}/file`), "true"),
  "see where a denied link leads": ({ denied }) => got(fs.readlinkSync(`${denied}/link`), "file"),
  "see what a denied path resolves to": ({ denied }) => got(fs.realpathSync(`${denied}/link`), "denied/file"),
  "see whether a denied file could be opened": ({ denied }) => fs.accessSync(`${denied}/file`, fs.constants.R_OK),
  "see how full a denied file system is": ({ denied }) => got(fs.statfsSync(denied).bsize > 0, "true"),
  "make a denied folder the working folder": ({ denied }) => {
    process.chdir(denied);
    process.chdir("/");
  },
};
