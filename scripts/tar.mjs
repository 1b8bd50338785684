/**
 * Reading gzipped tar archives, as npm and JSR use them.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";

const block = 512;

/**
 * Reads every regular file of a `.tar.gz` whose entries are in the ustar format, with GNU long names.
 *
 * @param {Uint8Array} archive
 * @returns {Map<string, Buffer>} contents by path, without a leading `./` or `/`
 * @throws when an entry is a link or a device, which neither npm nor JSR packages contain.
 */
export function readTarball(archive) {
  const bytes = gunzipSync(archive);
  const files = new Map();
  let longName;
  for (let offset = 0; offset + block <= bytes.length;) {
    const header = bytes.subarray(offset, offset + block);
    if (header.every((byte) => byte === 0)) break;
    const size = parseInt(text(header, 124, 12), 8) || 0;
    const type = text(header, 156, 1);
    const body = bytes.subarray(offset + block, offset + block + size);
    offset += block + Math.ceil(size / block) * block;
    if (type === "L") {
      longName = text(body, 0, size);
    } else if (type === "0" || type === "") {
      files.set((longName ?? ustarName(header)).replace(/^\.?\//, ""), Buffer.from(body));
      longName = undefined;
    } else if (!"5xg".includes(type)) {
      throw new Error(`Cannot read tar entry "${ustarName(header)}": it is not a regular file`);
    }
  }
  return files;
}

function ustarName(header) {
  // GNU tar writes "ustar " and uses the prefix field for times; only POSIX archives carry a path there.
  const prefix = text(header, 257, 6) === "ustar" ? text(header, 345, 155) : "";
  return (prefix && `${prefix}/`) + text(header, 0, 100);
}

function text(bytes, start, length) {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? length : end);
}
