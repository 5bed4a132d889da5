// @ts-check
/**
 * Token Status Lists (`statuslist+jwt`), read strictly: the twin of `credentials/status_lists.py`
 * for the lists that views refer to. Entries start at the least significant bit.
 */

import * as base64url from "../../encoding/js/base64url.js";
import { inflateZlib } from "../../encoding/js/compression.js";
import { Malformed } from "../../encoding/js/errors.js";
import { isObject } from "../../encoding/js/strict_json.js";
import { optionalTime, parseNumericDate } from "./instants.js";
import { parseJws } from "./jose.js";
import { readKeyHint } from "./reading.js";

const MAX_TOKEN = 8 << 20;
const MAX_ENTRY_BYTES = 16 << 20;
const STATUS_OF = /** @type {const} */ (["valid", "revoked", "suspended"]);

/**
 * @typedef {typeof STATUS_OF[number]} Status
 * @typedef {{uri: string, issuer: string | null, bits: number, entries: Uint8Array, issuedAt: number,
 *   expiresAt: number | null, keyHint: import("./reading.js").IssuerKeyHint,
 *   jws: import("./jose.js").Jws}} StatusList
 */

/** @param {string} token @returns {Promise<StatusList>} */
export async function readStatusList(token) {
  const jws = parseJws(token, { types: ["statuslist+jwt"], maxBytes: MAX_TOKEN });
  const { sub, status_list: listed, iss } = jws.payload;
  if (typeof sub !== "string" || !sub || !isObject(listed)) {
    throw new Malformed("a status list has no sub or no list", "malformed_status_list");
  }
  const { bits, lst } = listed;
  if (typeof bits !== "number" || ![1, 2, 4, 8].includes(bits) || typeof lst !== "string") {
    throw new Malformed("a status list has 1, 2, 4 or 8 bits", "malformed_status_list");
  }
  return {
    uri: sub,
    issuer: typeof iss === "string" ? iss : null,
    bits,
    entries: await inflateZlib(base64url.decode(lst), { maxBytes: MAX_ENTRY_BYTES }),
    issuedAt: parseNumericDate(jws.payload.iat, "iat"),
    expiresAt: optionalTime(jws.payload, "exp"),
    keyHint: readKeyHint(jws),
    jws,
  };
}

/** @param {StatusList} list */
export function sizeOf(list) {
  return (list.entries.length * 8) / list.bits;
}

/**
 * The status of entry `index`; Malformed where the list makes no statement about it.
 * @param {StatusList} list @param {number} index @returns {Status}
 */
export function statusAt(list, index) {
  if (index >= sizeOf(list)) throw new Malformed("the index is outside of the list", "range_error");
  const perByte = 8 / list.bits;
  const shift = (index % perByte) * list.bits;
  const value = (list.entries[Math.floor(index / perByte)] >> shift) & ((1 << list.bits) - 1);
  const status = STATUS_OF[value];
  if (!status) {
    throw new Malformed("the list gives a status that is not known", "unknown_status_value");
  }
  return status;
}
