// @ts-check
/** Required claims and joins: the twin of `credentials/claim_judgement.py`. */

import { isObject } from "../../encoding/js/strict_json.js";
import { failed, passed } from "./verdict.js";

/** @typedef {(string | number | null)[]} ClaimPath */

/**
 * @param {{id: string, required_claims: ClaimPath[]}} rule @param {Record<string, any>} claims
 */
export function judgeClaims(rule, claims) {
  const missing = rule.required_claims.find((path) => !select(claims, path).length);
  if (missing) {
    const detail = `missing: ${spell(missing)}`;
    return failed("claims", "claim_missing", { detail, credential: rule.id });
  }
  return passed("claims", { credential: rule.id });
}

/**
 * @param {{name: string, sides: [string, ClaimPath][]}} join
 * @param {Map<string, Record<string, any>>} claims of each credential that was read
 */
export function judgeJoin(join, claims) {
  if (join.sides.length < 2) {
    return failed("join", "join_failed", { detail: `${join.name}: nothing to compare` });
  }
  const [first, firstPath] = join.sides[0];
  const expected = select(claims.get(first) ?? {}, firstPath);
  for (const [other, path] of join.sides) {
    const found = select(claims.get(other) ?? {}, path);
    if (!found.length || !isSame(found, expected)) {
      const problem = found.length ? `${first} and ${other} differ` : `${other} has no ${spell(path)}`;
      return failed("join", "join_failed", { detail: `${join.name}: ${problem}`, credential: other });
    }
  }
  return passed("join", { detail: join.name });
}

/** The values at a path; none where it leads nowhere. @param {any} claims @param {ClaimPath} path */
export function select(claims, path) {
  return path.reduce((values, step) => values.flatMap((value) => walk(value, step)), path.length ? [claims] : []);
}

/** @param {any} value @param {string | number | null} step @returns {any[]} */
function walk(value, step) {
  if (typeof step === "string") {
    return isObject(value) && Object.hasOwn(value, step) ? [value[step]] : [];
  }
  if (!Array.isArray(value)) return [];
  if (step === null) return value;
  return step >= 0 && step < value.length ? [value[step]] : [];
}

/** @param {any} left @param {any} right @returns {boolean} */
function isSame(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => isSame(item, right[at]));
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]))
    );
  }
  return left === right;
}

/** @param {ClaimPath} path */
function spell(path) {
  return path.map((step) => (step === null ? "*" : String(step))).join("/");
}
