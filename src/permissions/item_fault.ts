import { quote } from "../errors.ts";

/** Why a text cannot be an item of a permission. */
export interface ItemFault {
  readonly kind: "fault";
  /** What is wrong, in sentence case, without a full stop. */
  readonly text: string;
  /** What to do about it, in whole sentences. */
  readonly mend: string;
}

/** The fault that an item has a flaw, which is told after the item. */
export function itemFault(item: string, flaw: string, mend: string): ItemFault {
  return { kind: "fault", text: `${quote(item)} ${flaw}`, mend };
}
