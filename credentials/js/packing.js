// @ts-check
/** CQ1: any SD-JWT or JWT as the text of one QR code: the twin of `credentials/packing.py`. */

import { deflateSync } from "../../node_modules/fflate/esm/browser.js";
import * as base45 from "../../encoding/js/base45.js";
import * as base64 from "../../encoding/js/base64.js";
import * as base64url from "../../encoding/js/base64url.js";
import { concat } from "../../encoding/js/bytes.js";
import { inflateRaw } from "../../encoding/js/compression.js";
import { Malformed } from "../../encoding/js/errors.js";
import { parseObject } from "../../encoding/js/strict_json.js";
import { PREFIX as CWT_PREFIX, readCwtQrText } from "./cwt_packing.js";
import { DICTIONARIES, NEWEST } from "./dictionaries.js";
import { MAX_TEXT, buildReferences, lift, lower, readUvarint, writeUvarint } from "./lifting.js";
import { trim } from "./shown_text.js";

export const PREFIX = "CQ1:";
export const MAX_QR_TEXT = 4296;

/**
 * The text of the QR code, with the certificates of the credential's own `x5c` by reference.
 * @param {string} presentation
 */
export async function buildQrText(presentation) {
  const packed = await pack(presentation, headerCertificates(presentation));
  return PREFIX + NEWEST + base45.encode(packed);
}

/**
 * The presentation in a scanned QR text, or Malformed. That of a CW1 code is CBOR, and comes as base64url.
 * @param {string} scanned @param {Uint8Array[]} [certificates] those of the trust registry
 */
export async function readQrText(scanned, certificates = []) {
  const text = trim(scanned);
  if (text.startsWith(CWT_PREFIX)) return base64url.encode(await readCwtQrText(text));
  if (!text.startsWith(PREFIX) || text.length > MAX_QR_TEXT) {
    throw new Malformed("this is no code of a city wallet", "not_a_city_code");
  }
  const dictionaryId = text[PREFIX.length] ?? "";
  if (!Object.hasOwn(DICTIONARIES, dictionaryId)) {
    throw new Malformed("the code needs a newer reader", "unknown_dictionary");
  }
  return unpack(base45.decode(text.slice(PREFIX.length + 1)), certificates, dictionaryId);
}

/** @param {string} text @param {Uint8Array[]} [certificates] */
export async function pack(text, certificates = []) {
  if (text.length > MAX_TEXT) {
    throw new Malformed(`text of more than ${MAX_TEXT} characters`, "too_large");
  }
  const { lifted, blobs } = await lift(text, await buildReferences(certificates));
  const deflated = deflateSync(lifted, { level: 9, dictionary: dictionaryOf(NEWEST) });
  return concat(writeUvarint(deflated.length), deflated, blobs);
}

/** @param {Uint8Array} packed @param {Uint8Array[]} [certificates] @param {string} [dictionaryId] */
export async function unpack(packed, certificates = [], dictionaryId = NEWEST) {
  const [count, start] = readUvarint(packed, 0);
  const lifted = await inflateRaw(packed.slice(start, start + count), {
    maxBytes: MAX_TEXT,
    dictionary: dictionaryOf(dictionaryId),
  });
  const blobs = packed.slice(start + count);
  const text = await lower(lifted, blobs, await buildReferences(certificates));
  if (text.length > MAX_TEXT) {
    throw new Malformed(`a code unfolds beyond ${MAX_TEXT} characters`, "too_large");
  }
  return text;
}

/** @param {string} presentation @returns {Uint8Array[]} DER */
function headerCertificates(presentation) {
  try {
    const header = parseObject(base64url.decode(presentation.split(".")[0]));
    const chain = Array.isArray(header.x5c) ? header.x5c : [];
    return chain.map((text) => base64.decode(String(text)));
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}

/** @type {Map<string, Uint8Array>} */
const DECODED = new Map();

/** @param {string} id */
function dictionaryOf(id) {
  const known = DECODED.get(id) ?? base64url.decode(DICTIONARIES[id]);
  DECODED.set(id, known);
  return known;
}
