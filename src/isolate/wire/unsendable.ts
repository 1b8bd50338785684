import { quote } from "../../errors.ts";

/** Why a value cannot be sent; the place is added where it is known. */
export class Unsendable {
  readonly kind: string;
  readonly mend: string | undefined;

  constructor(kind: string, mend?: string) {
    this.kind = kind;
    this.mend = mend;
  }
}

/** Where a value is within what is sent, such as `args.user.name` or `args[3]`, quoted. */
export function describePlace(root: string, path: readonly (string | number)[]): string {
  let place = root;
  for (const step of path) {
    if (typeof step === "number") place += `[${step}]`;
    else place += /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  }
  return quote(place);
}
