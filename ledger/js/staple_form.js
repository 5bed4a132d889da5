// @ts-check
/** Staples and epoch heads from their bytes: the twin of `ledger/staple_form.py`, reading only. */

import { parseCbor } from "../../encoding/js/cbor.js";
import { hex } from "../../encoding/js/bytes.js";
import { Malformed } from "./errors.js";
import { HASH_BYTES } from "./merkle.js";
import { rebuildNote } from "./staple.js";

const MAX_STAPLE_BYTES = 16 * 1024;
const MAX_HEAD_BYTES = 1 << 20;
const MAX_PATH = 63;
const MAX_SIGNATURES = 64;
const MAX_TIME = 253402300799;
const MAX_STATEMENT = 4096;
const CHUNK_BYTES = 64;
const SIGNATURE_BYTES = 4 + 64;
const FORMAT = 1;

/** @typedef {import("./staple.js").Staple} Staple */
/** @typedef {import("./staple.js").StapledHead} StapledHead */

/** A staple from its bytes; nothing is verified. @param {Uint8Array} data @returns {Staple} */
export function parseStaple(data) {
  const parts = parse(data, MAX_STAPLE_BYTES);
  if (![4, 5].includes(parts.length) || count(parts[0]) !== FORMAT) {
    throw fault("a staple has four or five parts");
  }
  const epoch = count(parts[1], 1);
  const entry = parseEntry(items(parts[2], [8]));
  const trust = parseTrust(items(parts[3], [2, 4]));
  const head = parts.length === 5 ? parseHead(items(parts[4], [7]), epoch) : null;
  if (head && !trust.path) throw fault("a staple with its head has the path of its trust leaf");
  return { epoch, entry, trust, head };
}

/**
 * An epoch's head from its bytes, names by this policy.
 * @param {Uint8Array} data @param {import("./note.js").QuorumPolicy} policy
 * @returns {Promise<import("./staple.js").EpochHead>}
 */
export async function parseEpochHead(data, policy) {
  const parts = parse(data, MAX_HEAD_BYTES);
  if (parts.length !== 6 || count(parts[0]) !== FORMAT) {
    throw fault("the head of an epoch has six parts");
  }
  const epoch = count(parts[1], 1);
  const head = parseHead(items(parts[4], [7]), epoch);
  const leaf = {
    epoch,
    seconds: head.seconds,
    lists: head.lists,
    listsRoot: bytes(parts[2]),
    trustRoot: bytes(parts[3]),
  };
  const trust = split(parts[5], HASH_BYTES, MAX_HEAD_BYTES);
  return { leaf, path: head.path, checkpoint: await rebuildNote(leaf, head, policy), trust };
}

/** @param {unknown[]} parts @param {number} epoch @returns {StapledHead} */
function parseHead(parts, epoch) {
  const seconds = count(parts[0], 0, MAX_TIME);
  const own = split(parts[4], SIGNATURE_BYTES, MAX_SIGNATURES);
  const seen = split(parts[5], SIGNATURE_BYTES, MAX_SIGNATURES);
  const times = items(parts[6], [seen.length]);
  return {
    seconds,
    lists: count(parts[1]),
    ahead: count(parts[2], 0, Number.MAX_SAFE_INTEGER - epoch),
    path: split(parts[3], HASH_BYTES),
    signatures: [
      ...own.map((data) => signature(data, null)),
      ...seen.map((data, at) =>
        signature(data, seconds + count(times[at], -seconds, MAX_TIME - seconds)),
      ),
    ],
  };
}

/** @param {Uint8Array} data @param {number | null} seconds */
function signature(data, seconds) {
  return { keyId: hex(data.slice(0, 4)), signature: data.slice(4), seconds };
}

/** @param {unknown[]} parts @returns {import("./staple.js").EntryPath} */
function parseEntry(parts) {
  const [data, path, version, bits, size, digest, place, listPath] = parts;
  if (!(data instanceof Uint8Array) || !data.length || data.length > CHUNK_BYTES) {
    throw fault("a chunk has 1 to 64 bytes");
  }
  if (![1, 2, 4, 8].includes(count(bits))) throw fault("an entry has 1, 2, 4 or 8 bits");
  return {
    data,
    chunkPath: split(path, HASH_BYTES),
    version: count(version),
    bits: count(bits),
    size: count(size),
    tokenDigest: bytes(digest),
    place: count(place),
    listPath: split(listPath, HASH_BYTES),
  };
}

/** @param {unknown[]} parts @returns {import("./staple.js").TrustPath} */
function parseTrust(parts) {
  const [statement, place, size, path] = parts;
  if (!(statement instanceof Uint8Array) || statement.length > MAX_STATEMENT) {
    throw fault("the statement of a trust leaf is bytes");
  }
  const isWhole = parts.length === 4;
  return {
    statement,
    place: count(place),
    count: isWhole ? count(size) : 0,
    path: isWhole ? split(path, HASH_BYTES) : null,
  };
}

/** @param {Uint8Array} data @param {number} maxBytes */
function parse(data, maxBytes) {
  let value;
  try {
    value = parseCbor(data, { maxBytes, maxDepth: 4 });
  } catch (error) {
    if (error instanceof Malformed) throw fault("the staple cannot be read");
    throw error;
  }
  if (!Array.isArray(value)) throw fault("a staple is an array");
  return value;
}

/** @param {unknown} value @param {number[]} lengths @returns {unknown[]} */
function items(value, lengths) {
  if (!Array.isArray(value) || !lengths.includes(value.length)) {
    throw fault("a part of the staple has the wrong length");
  }
  return value;
}

/** @param {unknown} value @param {number} [least] @param {number} [most] @returns {number} */
function count(value, least = 0, most = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== "number" || value < least || value > most) {
    throw fault("a number of the staple is out of range");
  }
  return value;
}

/** @param {unknown} value @returns {Uint8Array} */
function bytes(value) {
  if (!(value instanceof Uint8Array) || value.length !== HASH_BYTES) {
    throw fault("a digest of the staple is not 32 bytes");
  }
  return value;
}

/** Pieces of one width in one byte string. @param {unknown} value @param {number} width @param {number} [most] */
function split(value, width, most = MAX_PATH) {
  if (!(value instanceof Uint8Array) || value.length % width || value.length > most * width) {
    throw fault("a path or signature of the staple has the wrong length");
  }
  const pieces = [];
  for (let at = 0; at < value.length; at += width) pieces.push(value.slice(at, at + width));
  return pieces;
}

/** @param {string} message */
function fault(message) {
  return new Malformed(message, "malformed_staple");
}
