// @ts-check
/**
 * Disclosures of RFC 9901: the twin of `credentials/disclosures.py`, reading only.
 *
 * Putting back refuses what could make two readers see different claims.
 */

import * as base64url from "../../encoding/js/base64url.js";
import { encodeUtf8 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { isObject, parseJson } from "../../encoding/js/strict_json.js";

export const HASHES = { "sha-256": "SHA-256", "sha-384": "SHA-384", "sha-512": "SHA-512" };
const RESERVED = ["_sd", "...", "_sd_alg"];
const MAX_DEPTH = 32;

/** @typedef {{text: string, digest: string, name: string | null, value: any}} Disclosure */

/** @param {string} text @param {string} hashName @returns {Promise<Disclosure>} */
export async function parseDisclosure(text, hashName) {
  const value = parseJson(base64url.decode(text));
  if (!Array.isArray(value) || value.length < 2 || value.length > 3 || typeof value[0] !== "string") {
    throw new Malformed("a disclosure is an array of salt, name, value", "invalid_disclosure");
  }
  const name = value.length === 3 ? value[1] : null;
  if (value.length === 3 && typeof name !== "string") {
    throw new Malformed("a disclosure's name is not a string", "invalid_disclosure");
  }
  if (typeof name === "string" && RESERVED.includes(name)) {
    throw new Malformed("a disclosure has a reserved name", "reserved_claim_name");
  }
  return {
    text,
    digest: await digestText(text, hashName),
    name: /** @type {string | null} */ (name),
    value: value.at(-1),
  };
}

/** @param {string} text @param {string} hashName */
export async function digestText(text, hashName) {
  const algorithm = HASHES[/** @type {"sha-256"} */ (hashName)];
  const bytes = /** @type {BufferSource} */ (encodeUtf8(text));
  return base64url.encode(new Uint8Array(await crypto.subtle.digest(algorithm, bytes)));
}

/**
 * The payload with its disclosures in place, section 7.1 steps 3 to 5.
 * @param {Record<string, any>} payload @param {Disclosure[]} disclosures @param {string[]} visible
 * @returns {Record<string, any>}
 */
export function revealClaims(payload, disclosures, visible) {
  const revealing = new Revealing(disclosures);
  const { _sd_alg: _, ...plain } = payload;
  for (const name of visible) {
    if (Object.hasOwn(plain, name)) refuseHiddenParts(plain[name]);
  }
  const claims = revealing.revealObject(plain, 1);
  if (visible.some((name) => Object.hasOwn(claims, name) && !Object.hasOwn(plain, name))) {
    throw new Malformed("a claim was hidden that must not be", "not_disclosable");
  }
  if (revealing.unused.size) {
    throw new Malformed("a disclosure belongs nowhere", "unreferenced_disclosure");
  }
  return claims;
}

class Revealing {
  /** @param {Disclosure[]} disclosures */
  constructor(disclosures) {
    /** @type {Map<string, Disclosure>} */
    this.unused = new Map(disclosures.map((each) => [each.digest, each]));
    if (this.unused.size !== disclosures.length) {
      throw new Malformed("a disclosure was sent twice", "duplicate_disclosure");
    }
    /** @type {Set<string>} */
    this.seen = new Set();
  }

  /** @param {any} value @param {number} depth @returns {any} */
  reveal(value, depth) {
    if (Array.isArray(value)) return this.revealArray(value, depth);
    return isObject(value) ? this.revealObject(value, depth) : value;
  }

  /** @param {Record<string, any>} value @param {number} depth */
  revealObject(value, depth) {
    if (depth > MAX_DEPTH) throw tooDeep();
    /** @type {Map<string, any>} */
    const claims = new Map();
    for (const [name, member] of Object.entries(value)) {
      if (name !== "_sd") claims.set(name, this.reveal(member, depth + 1));
    }
    if (claims.has("...") || claims.has("_sd_alg")) {
      throw new Malformed("a reserved name stands where it must not", "reserved_claim_name");
    }
    const digests = Object.hasOwn(value, "_sd") ? value._sd : [];
    if (!Array.isArray(digests)) throw new Malformed("the _sd is not an array", "invalid_sd");
    for (const digest of digests) {
      const disclosure = this.take(digest);
      if (!disclosure) continue;
      if (disclosure.name === null) {
        throw new Malformed("an array element stands in an object", "invalid_disclosure");
      }
      if (claims.has(disclosure.name)) {
        throw new Malformed("a disclosed claim exists already", "claim_exists");
      }
      claims.set(disclosure.name, this.reveal(disclosure.value, depth + 1));
    }
    return Object.fromEntries(claims);
  }

  /** @param {any[]} value @param {number} depth */
  revealArray(value, depth) {
    if (depth > MAX_DEPTH) throw tooDeep();
    const elements = [];
    for (const element of value) {
      if (!isObject(element) || !Object.hasOwn(element, "...")) {
        elements.push(this.reveal(element, depth + 1));
        continue;
      }
      if (Object.keys(element).length !== 1) {
        throw new Malformed("a hidden element has other members", "invalid_sd");
      }
      const disclosure = this.take(element["..."]);
      if (!disclosure) continue;
      if (disclosure.name !== null) {
        throw new Malformed("an object's claim stands in an array", "invalid_disclosure");
      }
      elements.push(this.reveal(disclosure.value, depth + 1));
    }
    return elements;
  }

  /** @param {unknown} digest */
  take(digest) {
    if (typeof digest !== "string") throw new Malformed("a digest is not a string", "invalid_sd");
    if (this.seen.has(digest)) throw new Malformed("a digest stands twice", "duplicate_digest");
    this.seen.add(digest);
    const disclosure = this.unused.get(digest);
    this.unused.delete(digest);
    return disclosure;
  }
}

/** @param {any} value */
function refuseHiddenParts(value) {
  if (isObject(value) && RESERVED.some((name) => Object.hasOwn(value, name))) {
    throw new Malformed("part of a claim was hidden that must not be", "not_disclosable");
  }
  if (typeof value === "object" && value !== null) Object.values(value).forEach(refuseHiddenParts);
}

function tooDeep() {
  return new Malformed(`claims are nested deeper than ${MAX_DEPTH}`, "too_deep");
}
