import type { PermissionItems, PermissionName, PermissionSet } from "../../permissions/types.ts";
import { isGranted } from "../../permissions/granted.ts";
import { coversPath } from "../../permissions/paths.ts";
import type { PermissionReport } from "../enforcement.ts";

/**
 * What holds each permission on Linux.
 *
 * @param granted What is granted.
 * @param landlockAbi What the kernel can do.
 */
export function confinementReport(granted: PermissionSet, landlockAbi: number): PermissionReport[] {
  const landlock = `Landlock (ABI ${landlockAbi})`;
  return [
    {
      permission: "read",
      level: "enforced",
      by: landlock,
      remark: "Whether a path exists, its size, times and owner, and where a link leads can be seen of every path.",
    },
    {
      permission: "write",
      level: "enforced",
      by: `${landlock}, seccomp`,
      remark: isGranted(granted.write)
        ? "Modes, owners, times and attributes cannot be changed, and links only be made where everything may be written."
        : "Nothing can be changed.",
    },
    { permission: "net", level: "enforced", by: "seccomp (no sockets); the host connects for the plugin" },
    { permission: "env", level: "enforced", by: "the environment of the process" },
    run(granted.run, landlock, landlockAbi),
    withheld("sys", granted.sys, "What there is to see of the machine is not secret to a process of Bun's."),
    withheld("ffi", granted.ffi, "Native code in the process can do what the plugin may, and no more."),
    { permission: "import", level: "enforced", by: "seccomp (no sockets); the host loads every module" },
  ];
}

const nothingRuns: PermissionReport = {
  permission: "run",
  level: "enforced",
  by: "seccomp (no execve, no processes)",
};

function run(items: PermissionItems, landlock: string, landlockAbi: number): PermissionReport {
  if (!isGranted(items)) return nothingRuns;
  const signals = landlockAbi < 6 ? " The kernel is too old to let it signal what it started." : "";
  if (items === true) {
    return {
      permission: "run",
      level: "enforced",
      by: landlock,
      remark: `What runs may do what the plugin may, and no more.${signals}`,
    };
  }
  return {
    permission: "run",
    level: "approximate",
    by: landlock,
    remark: "Bun itself can be run too, and by the dynamic linker whatever can be read; " +
      `all of that may do what the plugin may, and no more.${signals}`,
  };
}

/**
 * What holds each permission where bubblewrap is used instead of Landlock.
 *
 * @param granted What is granted.
 */
export function bubblewrapReport(granted: PermissionSet): PermissionReport[] {
  const { write } = granted;
  const isReadable = granted.read === true || (write !== true && write.every((path) => isBeneath(path, granted.read)));
  const swappable = "A path in a folder that may be written can be replaced by a link, which the next process follows.";
  const files = (permission: "read" | "write", by: string, remarks: readonly string[]): PermissionReport => {
    const told = [...remarks, ...(isSwappable(granted[permission], write) ? [swappable] : [])];
    return told.length === 0
      ? { permission, level: "enforced", by }
      : { permission, level: "approximate", by, remark: told.join(" ") };
  };
  const readable = isReadable ? [] : ["What may be written can be read too."];
  const own: Partial<Record<PermissionName, PermissionReport>> = {
    read: files("read", "bubblewrap (a file system of its own)", readable),
    write: files("write", "bubblewrap (read-only mounts), seccomp", []),
    run: isGranted(granted.run)
      ? {
        permission: "run",
        level: granted.run === true ? "enforced" : "approximate",
        by: "bubblewrap (a file system of its own)",
        ...(granted.run !== true && { remark: "Whatever can be read can be run; it may do what the plugin may." }),
      }
      : nothingRuns,
  };
  return confinementReport(granted, 0).map((report) => own[report.permission] ?? report);
}

function isBeneath(path: string, folders: PermissionItems): boolean {
  return folders === true || folders.some((folder) => coversPath(folder, path));
}

/** Whether what lies above a path can be moved: bubblewrap takes what is there when a process is started. */
function isSwappable(items: PermissionItems, write: PermissionItems): boolean {
  return items !== true && write !== true &&
    items.some((path) => write.some((folder) => folder !== path && coversPath(folder, path)));
}

function withheld(permission: "sys" | "ffi", items: PermissionItems, remark: string): PermissionReport {
  if (items === true) return { permission, level: "enforced", by: "nothing is withheld" };
  return { permission, level: "not enforceable", by: "Bun cannot withhold it", remark };
}
