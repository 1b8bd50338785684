/** Code that runs elsewhere, and a way to call it. */
export interface Connection {
  /** Sends a number, and gets it back. */
  echo(value: number): Promise<number>;
  /** Sends bytes, and gets told how many have come. */
  receive(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Whether calls have to wait for each other. */
  readonly inTurnOnly?: boolean;
  close(): void | Promise<void>;
}

/** Starts that code. */
export type Contestant = () => Promise<Connection>;
