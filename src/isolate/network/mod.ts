/**
 * The network for processes that have none of their own.
 *
 * @module
 */
export { networkMethods } from "./messages.ts";
export { networkServices } from "./services.ts";
