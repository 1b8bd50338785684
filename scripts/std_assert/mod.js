/**
 * The functions of @std/assert that this project's tests use, with the same names, arguments and results, over
 * node:assert. It stands in where JSR cannot be reached.
 *
 * @module
 */
import strict, { AssertionError } from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

export { AssertionError };

const show = (value) => inspect(value, { depth: 6 });

function check(condition, problem, msg) {
  if (!condition) fail(msg === undefined ? problem : `${problem}: ${msg}`);
}

export function fail(msg) {
  throw new AssertionError({ message: msg ?? "Failed assertion.", stackStartFn: fail });
}

export function unreachable(msg) {
  fail(msg ?? "Unreachable.");
}

export function assert(expr, msg = "") {
  if (!expr) fail(msg);
}

export function assertFalse(expr, msg = "") {
  if (expr) fail(msg);
}

export function assertEquals(actual, expected, msg) {
  strict.deepEqual(actual, expected, msg);
}

export function assertNotEquals(actual, expected, msg) {
  check(!isDeepStrictEqual(actual, expected), `Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

export function assertStrictEquals(actual, expected, msg) {
  strict.equal(actual, expected, msg);
}

export function assertNotStrictEquals(actual, expected, msg) {
  check(!Object.is(actual, expected), `Expected "actual" to not be strictly equal to: ${show(actual)}`, msg);
}

export function assertExists(actual, msg) {
  check(actual !== undefined && actual !== null, `Expected actual: "${actual}" to not be null or undefined`, msg);
}

export function assertInstanceOf(actual, expectedType, msg) {
  check(actual instanceof expectedType, `Expected ${show(actual)} to be an instance of "${expectedType.name}"`, msg);
}

export function assertStringIncludes(actual, expected, msg) {
  check(actual.includes(expected), `Expected actual: ${show(actual)} to contain: ${show(expected)}`, msg);
}

export function assertMatch(actual, expected, msg) {
  check(actual.search(expected) !== -1, `Expected actual: ${show(actual)} to match: ${expected}`, msg);
}

export function assertNotMatch(actual, expected, msg) {
  check(actual.search(expected) === -1, `Expected actual: ${show(actual)} to not match: ${expected}`, msg);
}

export function assertArrayIncludes(actual, expected, msg) {
  const missing = Array.from(expected).filter((item) => !Array.from(actual).some((it) => isDeepStrictEqual(it, item)));
  check(missing.length === 0, `Expected actual: ${show(actual)} to include; missing: ${show(missing)}`, msg);
}

export function assertObjectMatch(actual, expected, msg) {
  check(includes(actual, expected), `Expected actual: ${show(actual)} to match: ${show(expected)}`, msg);
}

function includes(actual, expected) {
  if (typeof expected !== "object" || expected === null || Array.isArray(expected)) {
    return isDeepStrictEqual(actual, expected);
  }
  if (typeof actual !== "object" || actual === null) return false;
  return Object.keys(expected).every((key) => Object.hasOwn(actual, key) && includes(actual[key], expected[key]));
}

export function assertGreater(actual, expected, msg) {
  check(actual > expected, `Expect ${show(actual)} > ${show(expected)}`, msg);
}

export function assertLess(actual, expected, msg) {
  check(actual < expected, `Expect ${show(actual)} < ${show(expected)}`, msg);
}

export function assertThrows(fn, ...expectation) {
  try {
    fn();
  } catch (error) {
    return checkError(error, expectation);
  }
  fail(withSuffix("Expected function to throw.", expectation));
}

export async function assertRejects(fn, ...expectation) {
  let promise;
  try {
    promise = fn();
  } catch {
    fail(withSuffix("Function throws when expected to reject.", expectation));
  }
  try {
    await promise;
  } catch (error) {
    return checkError(error, expectation);
  }
  fail(withSuffix("Expected function to reject.", expectation));
}

/** The arguments after the function are `(msg?)` or `(ErrorClass, msgIncludes?, msg?)`. */
function checkError(error, expectation) {
  const [ErrorClass, msgIncludes, msg] = typeof expectation[0] === "function" ? expectation : [undefined];
  if (ErrorClass === undefined) return error;
  check(error instanceof Error, "A non-Error object was thrown", msg);
  check(
    error instanceof ErrorClass,
    `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor?.name}": ${error.message}`,
    msg,
  );
  if (msgIncludes !== undefined) assertStringIncludes(error.message, msgIncludes, msg);
  return error;
}

function withSuffix(problem, expectation) {
  const msg = typeof expectation[0] === "function" ? expectation[2] : expectation[0];
  return msg === undefined ? problem : `${problem} ${msg}`;
}
