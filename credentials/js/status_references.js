// @ts-check
/** Where a credential says that its status stands: the twin of `credentials/status_references.py`. */

import { Malformed } from "../../encoding/js/errors.js";
import { isObject } from "../../encoding/js/strict_json.js";

const MAX_LINKS = 8;
const MAX_INDEX = 2 ** 53;

/**
 * @typedef {{uri: string, index: number}} StatusReference
 * @typedef {{type: string, reference: StatusReference}} Link
 */

/** @param {Record<string, any>} claims @returns {StatusReference[]} */
export function readStatuses(claims) {
  if (!Object.hasOwn(claims, "status")) return [];
  const { status } = claims;
  if (!isObject(status) || !Object.keys(status).length) throw badReference();
  return Object.entries(status).map(([mechanism, value]) => {
    // A mechanism that nobody here can check becomes a reference that no list answers.
    if (mechanism !== "status_list") return { uri: `unsupported:${mechanism}`, index: 0 };
    if (!isObject(value)) throw badReference();
    return { uri: readUri(value.uri), index: readIndex(value.idx) };
  });
}

/** @param {Record<string, any>} claims @returns {Link[]} */
export function readLinks(claims) {
  const linked = Object.hasOwn(claims, "linked") ? claims.linked : [];
  if (!Array.isArray(linked) || linked.length > MAX_LINKS) {
    throw new Malformed("linked must be a short array", "invalid_link");
  }
  return linked.map((entry) => {
    if (!isObject(entry) || Object.keys(entry).sort().join() !== "index,list,type") {
      throw new Malformed("a link has type, list and index", "invalid_link");
    }
    if (typeof entry.type !== "string" || !entry.type) {
      throw new Malformed("a link's type must be text", "invalid_link");
    }
    return { type: entry.type, reference: { uri: readUri(entry.list), index: readIndex(entry.index) } };
  });
}

/** @param {unknown} value */
function readUri(value) {
  if (typeof value !== "string" || !value.includes(":") || value.length > 4096) throw badReference();
  return value;
}

/** @param {unknown} value */
function readIndex(value) {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= MAX_INDEX) {
    throw badReference();
  }
  return value;
}

function badReference() {
  return new Malformed("a status reference cannot be read", "invalid_status_reference");
}
