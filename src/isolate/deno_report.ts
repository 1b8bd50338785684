import { isGranted } from "../permissions/granted.ts";
import type { PermissionName, PermissionSet } from "../permissions/mod.ts";
import type { PermissionReport } from "./enforcement.ts";

/** What there is to know beside what is granted. */
export interface DenoFindings {
  /** What could not be made sure of about the granted paths. */
  readonly remarks: readonly string[];
  /** Descriptors that the process has of the host. */
  readonly leaked: readonly number[];
  /** Whether Deno asks the host at each use. It then looks at where links lead as well. */
  readonly asks: boolean;
}

/** What holds each permission in a Deno process. */
export function denoReport(granted: PermissionSet, { remarks, leaked, asks }: DenoFindings): PermissionReport[] {
  const report = asks
    ? reportOf(granted, [], "the host, asked by Deno at each use (permission broker)")
    : reportOf(granted, remarks, "flags of the Deno process");
  return leaked.length === 0 ? report : report.map((permission) => loosened(permission, leaked));
}

function reportOf(granted: PermissionSet, remarks: readonly string[], mechanism: string): PermissionReport[] {
  const enforced = (permission: PermissionName, by = mechanism): PermissionReport => ({
    permission,
    level: "enforced",
    by,
  });
  const files = (permission: "read" | "write"): PermissionReport => {
    const items = granted[permission];
    if (!isGranted(items)) return enforced(permission);
    const told = permission === "write"
      ? [...remarks, "It sets the modes of what it writes, set-user-ID too."]
      : remarks;
    const level = remarks.length === 0 || items === true ? "enforced" : "approximate";
    return { ...enforced(permission), level, ...told.length > 0 && { remark: told.join(" ") } };
  };
  const escape = (permission: "run" | "ffi", remark: string): PermissionReport =>
    isGranted(granted[permission]) ? { ...enforced(permission), level: "approximate", remark } : enforced(permission);
  return [
    files("read"),
    files("write"),
    enforced("net"),
    enforced("env", `${mechanism}; its environment`),
    escape("run", "What is run is not confined: it can do what the user of the host can."),
    enforced("sys"),
    escape("ffi", "Native code is not confined: it can do what the user of the host can."),
    enforced("import", "no remote imports; the host loads every module"),
  ];
}

/** What a process inherits it can use without any permission, whatever it is. */
function loosened(report: PermissionReport, descriptors: readonly number[]): PermissionReport {
  if (!["read", "write", "net"].includes(report.permission)) return report;
  const told = `It has the descriptors ${descriptors.join(", ")}, which the host has inherited and not closed.`;
  return { ...report, level: "approximate", remark: report.remark === undefined ? told : `${report.remark} ${told}` };
}
