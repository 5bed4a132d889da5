// @ts-check
/** Merkle trees of RFC 9162 section 2.1: leaf and node hashes, and the checks of proofs. */

import { concat, equalBytes, sha256 } from "../../encoding/js/bytes.js";

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param {Uint8Array} entry */
export function leafHash(entry) {
  return sha256(concat(LEAF, entry));
}

/** @param {Uint8Array} left @param {Uint8Array} right */
export function nodeHash(left, right) {
  return sha256(concat(NODE, left, right));
}

/**
 * RFC 9162 section 2.1.3.2. Sizes are below 2^53, so arithmetic stays in whole doubles.
 * @param {{leafHash: Uint8Array, index: number, size: number, proof: Uint8Array[], root: Uint8Array}} claim
 */
export async function verifyInclusion({ root, ...path }) {
  const found = await inclusionRoot(path);
  return found !== null && equalBytes(found, root);
}

/**
 * The root that a path leads to; null where a tree of `size` leaves has no such path.
 * @param {{leafHash: Uint8Array, index: number, size: number, proof: Uint8Array[]}} path
 */
export async function inclusionRoot({ leafHash: leaf, index, size, proof }) {
  if (!(index >= 0 && index < size)) return null;
  if ([leaf, ...proof].some((hash) => hash.length !== HASH_BYTES)) return null;
  let node = index;
  let last = size - 1;
  let current = leaf;
  for (const sibling of proof) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      current = await nodeHash(sibling, current);
      while (node !== 0 && node % 2 === 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      current = await nodeHash(current, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? current : null;
}

/**
 * RFC 9162 section 2.1.4.2, but for the empty tree, which nobody holds as a head.
 * @param {{oldSize: number, oldRoot: Uint8Array, size: number, root: Uint8Array,
 *   proof: Uint8Array[]}} claim
 */
export async function verifyConsistency({ oldSize, oldRoot, size, root, proof }) {
  if (!(oldSize > 0 && oldSize <= size)) return false;
  if ([oldRoot, root, ...proof].some((hash) => hash.length !== HASH_BYTES)) return false;
  if (oldSize === size) return !proof.length && equalBytes(oldRoot, root);
  const path = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...proof] : proof;
  if (!path.length) return false;
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  let before = path[0];
  let after = path[0];
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = await nodeHash(sibling, before);
      after = await nodeHash(sibling, after);
      while (node !== 0 && node % 2 === 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      after = await nodeHash(after, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(before, oldRoot) && equalBytes(after, root);
}
