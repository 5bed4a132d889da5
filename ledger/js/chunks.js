// @ts-check
/** One chunk of a status list, unpacked and read: the twin of `ledger/chunks.py`, reading only. */

import { Malformed } from "./errors.js";

/**
 * The chunk of `length` bytes; refused unless this is its one form.
 * @param {Uint8Array} packed @param {number} length
 */
export function unpackChunk(packed, length) {
  const width = Math.ceil(length / 8);
  if (packed.length === length) {
    // As it is, so packing must not have made it shorter.
    if (width + packed.filter((byte) => byte !== 0).length >= length) return packed;
    throw fault();
  }
  if (packed.length < width || packed.length > length) throw fault();
  const data = new Uint8Array(length);
  let next = width;
  for (let place = 0; place < width * 8; place += 1) {
    if (!(packed[place >> 3] & (0x80 >> (place & 7)))) continue;
    if (place >= length || !packed[next]) throw fault();
    data[place] = packed[next];
    next += 1;
  }
  if (next !== packed.length) throw fault();
  return data;
}

/**
 * Entry `index` of the list, from the chunk that holds it.
 * @param {Uint8Array} chunk @param {{index: number, bits: number, isBitstring: boolean}} entry
 */
export function readEntry(chunk, { index, bits, isBitstring }) {
  const perByte = 8 / bits;
  const place = index % perByte;
  const shift = isBitstring ? 8 - bits - place * bits : place * bits;
  return (chunk[Math.floor(index / perByte) % 64] >> shift) & ((1 << bits) - 1);
}

function fault() {
  return new Malformed("the chunk is not packed as it must be", "malformed_staple");
}
