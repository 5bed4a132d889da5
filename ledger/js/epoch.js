// @ts-check
/** The leaves that an epoch commits to: the twin of `ledger/epoch.py`, reading only. */

import { parseCbor } from "../../encoding/js/cbor.js";
import { Malformed } from "./errors.js";
import { HASH_BYTES } from "./merkle.js";

const FORMAT = 1;
const MAX_TIME = 253402300799;

/**
 * @typedef {{uri: string, version: number, bits: number, size: number, tokenDigest: Uint8Array,
 *   chunkRoot: Uint8Array}} ListLeaf
 * @typedef {{epoch: number, seconds: number, lists: number, listsRoot: Uint8Array,
 *   trustRoot: Uint8Array}} EpochLeaf
 */

/** @param {Uint8Array} data @returns {ListLeaf} */
export function parseListLeaf(data) {
  const value = read(data, 7);
  const [, uri, version, bits, size, tokenDigest, chunkRoot] = value;
  if (
    typeof uri !== "string" ||
    !isCount(version) ||
    !isCount(size) ||
    !isHash(tokenDigest) ||
    !isHash(chunkRoot) ||
    typeof bits !== "number" ||
    ![1, 2, 4, 8].includes(bits)
  ) {
    throw new Malformed("this is no list leaf", "malformed_leaf");
  }
  return { uri, version, bits, size, tokenDigest, chunkRoot };
}

/** @param {Uint8Array} data @returns {EpochLeaf} */
export function parseEpochLeaf(data) {
  const [, epoch, seconds, lists, listsRoot, trustRoot] = read(data, 6);
  if (
    !isCount(epoch) ||
    !isCount(seconds) ||
    !isCount(lists) ||
    seconds > MAX_TIME ||
    !isHash(listsRoot) ||
    !isHash(trustRoot)
  ) {
    throw new Malformed("this is no epoch leaf", "malformed_leaf");
  }
  return { epoch, seconds, lists, listsRoot, trustRoot };
}

/** @param {Uint8Array} data @param {number} length */
function read(data, length) {
  const value = parseCbor(data);
  if (!Array.isArray(value) || value.length !== length || value[0] !== FORMAT) {
    throw new Malformed("this is no leaf of an epoch", "malformed_leaf");
  }
  return value;
}

/** @param {unknown} value @returns {value is number} */
function isCount(value) {
  return typeof value === "number" && value >= 0;
}

/** @param {unknown} value @returns {value is Uint8Array} */
function isHash(value) {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}
