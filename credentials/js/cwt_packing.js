// @ts-check
/**
 * CW1: a CWT presentation as the text of one QR code: the reading half of the twin of
 * `credentials/cwt_packing.py`, whose table of the lifted form holds here as well.
 */

import * as base45 from "../../encoding/js/base45.js";
import * as base64url from "../../encoding/js/base64url.js";
import { concat, decodeUtf8 } from "../../encoding/js/bytes.js";
import { Tagged, buildCbor, negate, parseCbor, readInteger } from "../../encoding/js/cbor.js";
import { inflateRaw } from "../../encoding/js/compression.js";
import { Malformed } from "../../encoding/js/errors.js";
import { CWT_DICTIONARIES } from "./dictionaries.js";
import { readUvarint } from "./lifting.js";

export const PREFIX = "CW1:";
const MAX_QR_TEXT = 4296;
const MAX_UNFOLDED = 16384;
const MAX_ORIGIN = 64;
const MAX_NESTING = 24;

const UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, ARRAY = 4, MAP = 5, TAG = 6; // prettier-ignore
const THREE_BYTES = 0x1c;
const NESTED = 0x5f;
const TEXT_BEGINS = 0x7f;
const ORIGIN_HERE = 0xfe;
const ENDS = 0xff;
/** What follows the head of a truth value, null or a float. @type {Map<number, number>} */
const SIMPLE_SIZES = new Map([[0xf4, 0], [0xf5, 0], [0xf6, 0], [0xf9, 2], [0xfa, 4], [0xfb, 8]]); // prettier-ignore

/** @typedef {import("../../encoding/js/cbor.js").CborValue} CborValue */

/** The presentation in a scanned QR text, or Malformed. @param {string} text */
export async function readCwtQrText(text) {
  if (!text.startsWith(PREFIX) || text.length > MAX_QR_TEXT) {
    throw new Malformed("this is no code of a city wallet", "not_a_city_code");
  }
  const dictionaryId = text[PREFIX.length] ?? "";
  if (!Object.hasOwn(CWT_DICTIONARIES, dictionaryId)) {
    throw new Malformed("the code needs a newer reader", "unknown_dictionary");
  }
  return unpackCwt(base45.decode(text.slice(PREFIX.length + 1)), dictionaryId);
}

/** @param {Uint8Array} packed @param {string} dictionaryId */
export async function unpackCwt(packed, dictionaryId) {
  const [count, start] = readUvarint(packed, 0);
  const lifted = await inflateRaw(packed.slice(start, start + count), {
    maxBytes: MAX_UNFOLDED,
    dictionary: base64url.decode(CWT_DICTIONARIES[dictionaryId]),
  });
  return buildCbor(lowerCbor(lifted, packed.slice(start + count)));
}

/** Undo the lifting, or refuse. @param {Uint8Array} lifted @param {Uint8Array} blobs */
export function lowerCbor(lifted, blobs) {
  const end = lifted.indexOf(ENDS);
  if (end < 0 || end > MAX_ORIGIN) throw damaged();
  const reader = new Reader(lifted.subarray(end + 1), blobs, lifted.subarray(0, end));
  const value = reader.readItem(MAX_NESTING);
  if (reader.position !== reader.items.length || reader.blob !== blobs.length) throw damaged();
  return value;
}

/** A position in each of the two streams. Every read checks that the bytes are there. */
class Reader {
  /** @param {Uint8Array} items @param {Uint8Array} blobs @param {Uint8Array} origin */
  constructor(items, blobs, origin) {
    this.items = items;
    this.blobs = blobs;
    this.origin = origin;
    this.position = 0;
    this.blob = 0;
    this.unfolded = 0;
  }

  /** @param {number} size */
  take(size) {
    const taken = this.items.slice(this.position, this.position + size);
    if (taken.length !== size) throw damaged();
    this.position += size;
    return taken;
  }

  /** @param {number} size */
  takeBlob(size) {
    const taken = this.blobs.slice(this.blob, this.blob + size);
    if (taken.length !== size) throw damaged();
    this.blob += size;
    return taken;
  }

  /** The argument of a head that stands whole in the stream. @param {number} head */
  readArgument(head) {
    const extra = head & 31;
    if (extra < 24) return extra;
    if (extra > 27) throw damaged();
    return readInteger(this.take(1 << (extra - 24)));
  }

  /** @param {number} head */
  readNumber(head) {
    const extra = head & 31;
    if (head === THREE_BYTES) return readInteger(this.takeBlob(3));
    const isBeside = extra === 26 || extra === 27;
    const number = isBeside ? readInteger(this.takeBlob(1 << (extra - 24))) : this.readArgument(head);
    return head >> 5 === UNSIGNED ? number : negate(number);
  }

  readText() {
    const end = this.items.indexOf(ENDS, this.position);
    if (end < 0) throw damaged();
    const raw = this.items.subarray(this.position, end);
    this.position = end + 1;
    const origins = raw.reduce((count, byte) => count + Number(byte === ORIGIN_HERE), 0);
    this.unfolded += raw.length + origins * this.origin.length;
    if (this.unfolded > MAX_UNFOLDED) {
      throw new Malformed(`a code unfolds beyond ${MAX_UNFOLDED} bytes`, "too_large");
    }
    return decodeUtf8(Uint8Array.from([...raw].flatMap((byte) => (byte === ORIGIN_HERE ? [...this.origin] : [byte]))));
  }

  /** @param {number} depth @returns {CborValue} */
  readItem(depth) {
    if (depth === 0) throw new Malformed("a code is nested too deeply", "too_deep");
    const head = this.take(1)[0];
    if (head === TEXT_BEGINS) return this.readText();
    const size = SIMPLE_SIZES.get(head);
    if (size !== undefined) return parseCbor(concat(Uint8Array.of(head), this.take(size)));
    const major = head >> 5;
    if (major === UNSIGNED || major === NEGATIVE) return this.readNumber(head);
    if (head === NESTED) return buildCbor(this.readItem(depth - 1));
    const argument = this.readArgument(head);
    if (major === BYTES) return this.takeBlob(Number(argument));
    if (major === ARRAY) return this.readArray(Number(argument), depth - 1);
    if (major === MAP) return this.readMap(Number(argument), depth - 1);
    if (major === TAG) return new Tagged(argument, this.readItem(depth - 1));
    throw damaged();
  }

  /** @param {number} size @param {number} depth */
  readArray(size, depth) {
    const items = [];
    for (let count = 0; count < size; count += 1) items.push(this.readItem(depth));
    return items;
  }

  /** @param {number} size @param {number} depth */
  readMap(size, depth) {
    /** @type {Map<number | bigint | string, CborValue>} */
    const members = new Map();
    for (let count = 0; count < size; count += 1) {
      const key = this.readItem(depth);
      if (typeof key !== "number" && typeof key !== "bigint" && typeof key !== "string") throw damaged();
      if (members.has(key)) throw damaged();
      members.set(key, this.readItem(depth));
    }
    return members;
  }
}

function damaged() {
  return new Malformed("the code is damaged", "damaged_code");
}
