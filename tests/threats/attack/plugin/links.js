import { builtin, got } from "./tools.js";

const fs = builtin("node:fs");

export const links = {
  "read a denied file by a symbolic link of its own": ({ denied, writable }) => {
    fs.symlinkSync(`${denied}/file`, `${writable}/out`);
    got(fs.readFileSync(`${writable}/out`), "denied");
  },
  "write a denied file by a symbolic link of its own": ({ denied, writable }) => {
    fs.symlinkSync(`${denied}/by-link`, `${writable}/out-too`);
    fs.writeFileSync(`${writable}/out-too`, "");
  },
  "leave a symbolic link for others to follow": ({ writable }) => fs.symlinkSync("/etc/passwd", `${writable}/trap`),
  "read a denied file by a relative symbolic link": ({ writable }) => {
    fs.symlinkSync("../denied/file", `${writable}/relative`);
    got(fs.readFileSync(`${writable}/relative`), "denied");
  },
  "read a denied file by a hard link": ({ denied, writable }) => {
    fs.linkSync(`${denied}/file`, `${writable}/hard`);
    got(fs.readFileSync(`${writable}/hard`), "denied");
  },
  "write a readable file by a hard link": ({ readable, writable }) => {
    fs.linkSync(`${readable}/file`, `${writable}/linked`);
    fs.appendFileSync(`${writable}/linked`, "more");
  },
  "write a readable file by moving it": ({ readable, writable }) => {
    fs.renameSync(`${readable}/moved`, `${writable}/moved`);
    fs.appendFileSync(`${writable}/moved`, "more");
  },
  "read a denied file by moving it": ({ denied, writable }) => {
    fs.renameSync(`${denied}/moved`, `${writable}/brought`);
  },
  "move a file out of the writable folder": ({ denied, writable }) =>
    fs.renameSync(`${writable}/out-moved`, `${denied}/out-moved`),
  "move a denied file over another": ({ denied }) => fs.renameSync(`${denied}/replacing`, `${denied}/other`),
  "move the writable folder": ({ writable }) => {
    fs.renameSync(writable, `${writable}-moved`);
    fs.renameSync(`${writable}-moved`, writable);
  },
  "follow a symbolic link that leads out of the readable folder": ({ readable }) =>
    got(fs.readFileSync(`${readable}/planted`), "denied"),
};
