// @ts-check
/**
 * The part of deterministic CBOR (RFC 8949 section 4.2) that ledger leaves use: arrays, unsigned
 * integers, byte and text strings. Writing is enough to check a leaf: what was read is written
 * again and must be the same bytes.
 */

import { concat, decodeUtf8, encodeUtf8, equalBytes } from "./bytes.js";
import { Malformed } from "./errors.js";

/** @typedef {number | string | Uint8Array | CborValue[]} CborValue */

/** @param {CborValue} value @returns {Uint8Array} */
export function buildCbor(value) {
  if (typeof value === "number") return head(0, value);
  if (typeof value === "string") {
    const text = encodeUtf8(value);
    return concat(head(3, text.length), text);
  }
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  return concat(head(4, value.length), ...value.map(buildCbor));
}

/** @param {Uint8Array} data @returns {CborValue} */
export function parseCbor(data) {
  const reader = { data, at: 0 };
  const value = readItem(reader, 0);
  if (reader.at !== data.length || !equalBytes(buildCbor(value), data)) {
    throw new Malformed("the CBOR is not deterministic", "not_deterministic");
  }
  return value;
}

/** @param {{data: Uint8Array, at: number}} reader @param {number} depth @returns {CborValue} */
function readItem(reader, depth) {
  if (depth > 2) throw new Malformed("CBOR is nested too deep", "too_deep");
  const first = reader.data[reader.at];
  if (first === undefined) throw truncated();
  const type = first >> 5;
  const count = readCount(reader, first & 31);
  if (type === 0) return count;
  if (type === 2) return take(reader, count);
  if (type === 3) return decodeUtf8(take(reader, count));
  if (type !== 4 || count > reader.data.length) {
    throw new Malformed("CBOR holds an unexpected type", "invalid_cbor");
  }
  return Array.from({ length: count }, () => readItem(reader, depth + 1));
}

/** @param {{data: Uint8Array, at: number}} reader @param {number} info */
function readCount(reader, info) {
  reader.at += 1;
  if (info < 24) return info;
  const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
  if (size === undefined) throw new Malformed("CBOR length is indefinite", "invalid_cbor");
  const number = take(reader, size).reduce((total, byte) => total * 256 + byte, 0);
  if (!Number.isSafeInteger(number)) throw new Malformed("CBOR number is too large", "too_large");
  return number;
}

/** @param {{data: Uint8Array, at: number}} reader @param {number} count */
function take(reader, count) {
  const piece = reader.data.slice(reader.at, reader.at + count);
  if (piece.length !== count) throw truncated();
  reader.at += count;
  return piece;
}

/** @param {number} type @param {number} count */
function head(type, count) {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new Malformed("CBOR number is out of range", "invalid_cbor");
  }
  if (count < 24) return Uint8Array.of((type << 5) | count);
  const size = count < 256 ? 1 : count < 65536 ? 2 : count < 2 ** 32 ? 4 : 8;
  const bytes = new Uint8Array(size);
  let rest = count;
  for (let at = size - 1; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return concat(Uint8Array.of((type << 5) | { 1: 24, 2: 25, 4: 26, 8: 27 }[size]), bytes);
}

function truncated() {
  return new Malformed("CBOR is truncated", "invalid_cbor");
}
