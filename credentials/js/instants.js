// @ts-check
/** NumericDate (RFC 7519) as seconds: the twin of `credentials/instants.py`. */

import { Malformed } from "../../encoding/js/errors.js";

const LATEST = 253402300799;

/** @param {unknown} value @param {string} name */
export function parseNumericDate(value, name) {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || value > LATEST) {
    throw new Malformed(`${name} is not a NumericDate`, "invalid_time");
  }
  return value;
}

/**
 * The member as seconds, or null when it is absent.
 * @param {Record<string, any>} members @param {string} name
 */
export function optionalTime(members, name) {
  return Object.hasOwn(members, name) ? parseNumericDate(members[name], name) : null;
}
