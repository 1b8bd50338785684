/** Bytes of the large argument. */
export const bulk = 10_000_000;

/** Calls at the same time. */
export const crowd = 10_000;
