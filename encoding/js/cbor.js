// @ts-check
/**
 * CBOR in core deterministic encoding (RFC 8949 section 4.2.1), strictly and in bounded work: the
 * twin of `encoding/cbor.py`, with the same faults in the same order.
 *
 * A map is a `Map`, since its keys are numbers and texts. A whole number is a number, and a bigint
 * where a number would not be exact. A float is a `CborFloat`, since 1.0 is not 1.
 */

import { concat, decodeUtf8, encodeUtf8 } from "./bytes.js";
import { Malformed } from "./errors.js";

export const MAX_BYTES = 65536;
export const MAX_DEPTH = 16;

const UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7; // prettier-ignore
const FALSE = 20, TRUE = 21, NULL = 22; // prettier-ignore

/** A value with a tag. What the tag means is the caller's affair. */
export class Tagged {
  /** @param {number | bigint} tag @param {CborValue} value */
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/** A finite float with its one encoding. */
export class CborFloat {
  /** @param {number} value @param {Uint8Array} encoded */
  constructor(value, encoded) {
    this.value = value;
    this.encoded = encoded;
  }
}

/**
 * @typedef {number | bigint | string} CborKey
 * @typedef {null | boolean | number | bigint | string | Uint8Array | CborFloat | Tagged
 *   | CborValue[] | Map<CborKey, CborValue>} CborValue
 * @typedef {{data: Uint8Array, at: number, isOrdered: boolean}} Reader
 */

/**
 * One value that fills the whole input. `orderFree` accepts map keys in any order.
 * @param {Uint8Array} data
 * @param {{maxBytes?: number, maxDepth?: number, orderFree?: boolean}} [limits]
 * @returns {CborValue}
 */
export function parseCbor(data, { maxBytes = MAX_BYTES, maxDepth = MAX_DEPTH, orderFree = false } = {}) {
  if (data.length > maxBytes) throw new Malformed(`CBOR is larger than ${maxBytes} bytes`, "too_large");
  const reader = { data, at: 0, isOrdered: !orderFree };
  const value = readItem(reader, maxDepth);
  if (reader.at > data.length) throw truncated();
  if (reader.at !== data.length) throw new Malformed("bytes follow the CBOR value", "trailing_data");
  return value;
}

/** The one encoding of a value. @param {CborValue} value @returns {Uint8Array} */
export function buildCbor(value) {
  if (value === null) return buildHead(SIMPLE, NULL);
  if (typeof value === "boolean") return buildHead(SIMPLE, value ? TRUE : FALSE);
  if (typeof value === "string") {
    const text = encodeUtf8(value);
    return concat(buildHead(TEXT, text.length), text);
  }
  if (value instanceof Uint8Array) return concat(buildHead(BYTES, value.length), value);
  if (value instanceof CborFloat) return value.encoded;
  if (value instanceof Tagged) return concat(buildHead(TAG, value.tag), buildCbor(value.value));
  if (value instanceof Map) return buildMap(value);
  if (Array.isArray(value)) return concat(buildHead(ARRAY, value.length), ...value.map(buildCbor));
  return value >= 0 ? buildHead(UNSIGNED, value) : buildHead(NEGATIVE, -1n - BigInt(value));
}

/** A number where that is exact, otherwise the bigint. @param {bigint} integer */
export function narrow(integer) {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

/** An unsigned integer, first byte highest. @param {Uint8Array} data */
export function readInteger(data) {
  return narrow(data.reduce((total, byte) => total * 256n + BigInt(byte), 0n));
}

/** The integer under a negative head. @param {number | bigint} argument */
export function negate(argument) {
  return narrow(-1n - BigInt(argument));
}

// As in Python: a slice beyond the end is found out by the position at the end, no sooner.

/** @param {Reader} reader @param {number} depth @returns {CborValue} */
function readItem(reader, depth) {
  const initial = peek(reader);
  const major = initial >> 5;
  if (major === SIMPLE) return readSimple(reader, initial & 31);
  const argument = readArgument(reader, initial & 31);
  if (major === UNSIGNED) return argument;
  if (major === NEGATIVE) return negate(argument);
  if (major === BYTES) return take(reader, Number(argument)).slice();
  if (major === TEXT) return decodeUtf8(take(reader, Number(argument)));
  if (depth === 0) throw new Malformed("CBOR is nested too deeply", "too_deep");
  if (major === TAG) return new Tagged(argument, readItem(reader, depth - 1));
  // Each item takes a byte at least: a length beyond the input is refused before any work.
  if (argument > reader.data.length - reader.at) throw truncated();
  if (major === MAP) return readMap(reader, Number(argument), depth - 1);
  const items = [];
  for (let count = 0; count < argument; count += 1) items.push(readItem(reader, depth - 1));
  return items;
}

/** What a head says, in its shortest form. @param {Reader} reader @param {number} extra */
function readArgument(reader, extra) {
  reader.at += 1;
  if (extra < 24) return extra;
  if (extra > 27) throw new Malformed("CBOR has no definite length", "indefinite_length");
  const size = 1 << (extra - 24);
  const bytes = take(reader, size);
  if (bytes.length !== size) throw truncated();
  const argument = readInteger(bytes);
  if (argument < (extra === 24 ? 24 : 2 ** (4 * size))) throw notShortest();
  return argument;
}

/** @param {Reader} reader @param {number} size @param {number} depth */
function readMap(reader, size, depth) {
  /** @type {Map<CborKey, CborValue>} */
  const members = new Map();
  let last = new Uint8Array(0);
  for (let count = 0; count < size; count += 1) {
    const start = reader.at;
    const key = readItem(reader, 0);
    if (typeof key !== "number" && typeof key !== "bigint" && typeof key !== "string") {
      throw new Malformed("map key is neither integer nor text", "invalid_cbor");
    }
    if (members.has(key)) throw new Malformed("CBOR map has a duplicate key", "duplicate_member");
    const encoded = reader.data.slice(start, reader.at);
    if (reader.isOrdered && compareBytes(encoded, last) < 0) {
      throw new Malformed("CBOR map is not in order", "not_deterministic");
    }
    last = encoded;
    members.set(key, readItem(reader, depth));
  }
  return members;
}

/** Null, a boolean or a finite float in its shortest form. @param {Reader} reader @param {number} extra */
function readSimple(reader, extra) {
  const start = reader.at;
  reader.at += 1;
  if (extra >= 25 && extra <= 27) return readFloat(reader, start, 1 << (extra - 24));
  if (extra === NULL) return null;
  if (extra === FALSE || extra === TRUE) return extra === TRUE;
  if (extra > 27) throw new Malformed("CBOR has no definite length", "indefinite_length");
  throw new Malformed("CBOR simple value is not known", "invalid_cbor");
}

/** @param {Reader} reader @param {number} start @param {number} size */
function readFloat(reader, start, size) {
  if (take(reader, size).length !== size) throw truncated();
  const encoded = reader.data.slice(start, reader.at);
  const view = new DataView(encoded.buffer, 1);
  const number = size === 2 ? readHalf(view.getUint16(0)) : size === 4 ? view.getFloat32(0) : view.getFloat64(0);
  if (!Number.isFinite(number)) throw new Malformed("CBOR number is not finite", "not_a_number");
  if (size === 8 && Math.fround(number) === number) throw notShortest();
  if (size === 4 && isHalf(view.getUint32(0))) throw notShortest();
  return new CborFloat(number, encoded);
}

/** IEEE 754 binary16. @param {number} bits */
function readHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return Number.NaN; // infinite or no number: refused either way
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Whether binary16 holds this binary32 exactly. @param {number} bits */
function isHalf(bits) {
  const exponent = ((bits >>> 23) & 255) - 127;
  const fraction = bits & 0x7fffff;
  if ((bits & 0x7fffffff) === 0) return true;
  if (exponent < -24 || exponent > 15) return false;
  const spare = exponent >= -14 ? 13 : -1 - exponent;
  return (fraction & ((1 << spare) - 1)) === 0;
}

/** @param {Reader} reader */
function peek(reader) {
  const byte = reader.data[reader.at];
  if (byte === undefined) throw truncated();
  return byte;
}

/** @param {Reader} reader @param {number} count */
function take(reader, count) {
  const piece = reader.data.subarray(reader.at, reader.at + count);
  reader.at += count;
  return piece;
}

/** A head in its shortest form. @param {number} major @param {number | bigint} argument */
export function buildHead(major, argument) {
  if (argument < 24) return Uint8Array.of((major << 5) | Number(argument));
  const size = argument < 256 ? 1 : argument < 65536 ? 2 : argument < 2 ** 32 ? 4 : 8;
  const bytes = new Uint8Array(1 + size);
  bytes[0] = (major << 5) | { 1: 24, 2: 25, 4: 26, 8: 27 }[size];
  let rest = BigInt(argument);
  for (let at = size; at > 0; at -= 1) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

/** @param {Map<CborKey, CborValue>} value */
function buildMap(value) {
  const members = [...value].map(([key, item]) => [buildCbor(key), buildCbor(item)]);
  members.sort(([one], [other]) => compareBytes(one, other));
  return concat(buildHead(MAP, members.length), ...members.flat());
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function compareBytes(one, other) {
  const size = Math.min(one.length, other.length);
  for (let at = 0; at < size; at += 1) {
    if (one[at] !== other[at]) return one[at] - other[at];
  }
  return one.length - other.length;
}

function truncated() {
  return new Malformed("CBOR is truncated", "invalid_cbor");
}

function notShortest() {
  return new Malformed("CBOR number is not in shortest form", "not_deterministic");
}
