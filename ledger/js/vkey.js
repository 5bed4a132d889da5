// @ts-check
/**
 * Verifier keys of C2SP signed-note: Ed25519 over the note (0x01) and the timestamped cosignature
 * of tlog-cosignature (0x04). A key of one type never verifies the other. ML-DSA-44 (0x06) is read,
 * and its signatures are passed over: a page holds staples and bundles, which carry Ed25519.
 */

import * as base64 from "../../encoding/js/base64.js";
import { concat, encodeUtf8, hex, sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "./errors.js";

export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
export const ML_DSA_44 = 0x06;
export const LOG_TYPES = [ED25519, ML_DSA_44];
export const WITNESS_TYPES = [COSIGNATURE, ML_DSA_44];
const KEY_BYTES = new Map([
  [ED25519, 32],
  [COSIGNATURE, 32],
  [ML_DSA_44, 1312],
]);
const MAX_TIMESTAMP = 2 ** 53 - 1;

/** @typedef {{name: string, signatureType: number, publicKey: Uint8Array, keyId: string}} VerifierKey */

/** @param {string} text @returns {Promise<VerifierKey>} */
export async function parseVerifierKey(text) {
  const [name, keyId, ...rest] = text.split("+");
  const material = base64.decode(rest.join("+"));
  checkName(name);
  if (!material.length || material.length - 1 !== KEY_BYTES.get(material[0])) {
    throw new Malformed("the verifier key is of no known type", "malformed_vkey");
  }
  const digest = await sha256(concat(encodeUtf8(`${name}\n`), material));
  if (hex(digest.slice(0, 4)) !== keyId) {
    throw new Malformed("the key id does not fit the verifier key", "malformed_vkey");
  }
  return { name, signatureType: material[0], publicKey: material.slice(1), keyId };
}

/** @param {string} name */
export function checkName(name) {
  if (!name || /[+\s]/.test(name)) {
    throw new Malformed("a key name is one word without plus", "malformed_name");
  }
}

/**
 * The seconds at which a cosignature says it was made.
 * @param {Uint8Array} signature
 */
export function cosignatureSeconds(signature) {
  return signature.slice(0, 8).reduce((total, byte) => total * 256 + byte, 0);
}

/**
 * Whether this key made this signature on a note's text.
 * @param {string} text @param {VerifierKey} key @param {Uint8Array} signature
 */
export async function isSigned(text, key, signature) {
  let message = encodeUtf8(text);
  let bytes = signature;
  if (key.signatureType === COSIGNATURE) {
    if (signature.length !== 72) return false;
    const seconds = cosignatureSeconds(signature);
    if (seconds > MAX_TIMESTAMP) return false;
    message = encodeUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
    bytes = signature.slice(8);
  }
  return verifyEd25519(key.publicKey, message, bytes);
}

/** @param {Uint8Array} publicKey @param {Uint8Array} message @param {Uint8Array} signature */
async function verifyEd25519(publicKey, message, signature) {
  if (signature.length !== 64) return false;
  const key = await crypto.subtle.importKey(
    "raw",
    /** @type {BufferSource} */ (publicKey),
    "Ed25519",
    false,
    ["verify"],
  );
  return crypto.subtle.verify(
    "Ed25519",
    key,
    /** @type {BufferSource} */ (signature),
    /** @type {BufferSource} */ (message),
  );
}
