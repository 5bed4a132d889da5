// @ts-check
/** What a staple shows: the twin of `ledger/staple.py`, which says what is left out and why. */

import * as base64 from "../../encoding/js/base64.js";
import { buildCbor } from "../../encoding/js/cbor.js";
import { concat, equalBytes, fromHex } from "../../encoding/js/bytes.js";
import { verifyEpoch } from "./anchor.js";
import { readEntry, unpackChunk } from "./chunks.js";
import { AnchorError } from "./errors.js";
import { inclusionRoot, leafHash, nodeHash } from "./merkle.js";

const CHUNK_BYTES = 64;
const FORMAT = 1;

/**
 * @typedef {import("./epoch.js").EpochLeaf} EpochLeaf
 * @typedef {import("./note.js").QuorumPolicy} QuorumPolicy
 * @typedef {{data: Uint8Array, chunkPath: Uint8Array[], version: number, bits: number, size: number,
 *   tokenDigest: Uint8Array, place: number, listPath: Uint8Array[]}} EntryPath
 * @typedef {{statement: Uint8Array, place: number, count: number, path: Uint8Array[] | null}} TrustPath
 * @typedef {{keyId: string, signature: Uint8Array, seconds: number | null}} StapledSignature
 * @typedef {{seconds: number, lists: number, ahead: number, path: Uint8Array[],
 *   signatures: StapledSignature[]}} StapledHead
 * @typedef {{epoch: number, entry: EntryPath, trust: TrustPath, head: StapledHead | null}} Staple
 * @typedef {{leaf: EpochLeaf, path: Uint8Array[], checkpoint: string, trust: Uint8Array[]}} EpochHead
 * @typedef {{key: Uint8Array, digest: Uint8Array}} TrustLeaf
 * @typedef {{value: number, index: number, anchor: import("./anchor.js").Anchor, leaf: EpochLeaf,
 *   checkpoint: import("./note.js").Checkpoint}} StapledEntry
 */

/**
 * What the staple shows of entry `index` of the list at `uri`; else AnchorError.
 * @param {Staple} staple
 * @param {{policy: QuorumPolicy, uri: string, index: number, isBitstring: boolean,
 *   trust: TrustLeaf, head: EpochHead | null}} expected
 * @returns {Promise<StapledEntry>}
 */
export async function verifyStaple(staple, { policy, uri, index, isBitstring, trust, head }) {
  const { entry } = staple;
  const chunk = readChunk(entry, index);
  const listsRoot = await findListsRoot(staple, chunk, { uri, index, head });
  const trustRoot = await findTrustRoot(staple, trust, head);
  let leaf, path, checkpoint;
  if (staple.head) {
    const { seconds, lists } = staple.head;
    leaf = { epoch: staple.epoch, seconds, lists, listsRoot, trustRoot };
    path = staple.head.path;
    checkpoint = await rebuildNote(leaf, staple.head, policy);
  } else {
    ({ leaf, path, checkpoint } = heldHead(staple, head));
    if (!equalBytes(listsRoot, leaf.listsRoot)) {
      throw new AnchorError("the list is not in the epoch's snapshot", "not_in_snapshot");
    }
    if (!equalBytes(trustRoot, leaf.trustRoot)) {
      throw new AnchorError("the trust leaf is not of this epoch", "not_in_trust");
    }
  }
  const witnessed = await verifyEpoch(proofOf(leaf, path, checkpoint), policy);
  const { version, bits, size } = entry;
  return {
    value: readEntry(chunk, { index, bits, isBitstring }),
    index,
    anchor: { epoch: staple.epoch, seconds: leaf.seconds, uri, version, bits, size },
    leaf,
    checkpoint: witnessed.checkpoint,
  };
}

/**
 * The checkpoint behind a head that somebody sends; else AnchorError.
 * @param {EpochHead} head @param {QuorumPolicy} policy
 */
export async function verifyHead(head, policy) {
  if (head.trust.length && !equalBytes(await treeRoot(head.trust), head.leaf.trustRoot)) {
    throw new AnchorError("the trust leaves are not of this epoch", "not_in_trust");
  }
  return verifyEpoch(proofOf(head.leaf, head.path, head.checkpoint), policy);
}

/** The bytes of an epoch's leaf. @param {EpochLeaf} leaf */
export function buildEpochLeaf(leaf) {
  const { epoch, seconds, lists, listsRoot, trustRoot } = leaf;
  return buildCbor([FORMAT, epoch, seconds, lists, listsRoot, trustRoot]);
}

/**
 * The checkpoint that the signatures of a head must be of, as a note.
 * @param {EpochLeaf} leaf @param {StapledHead} head @param {QuorumPolicy} policy
 */
export async function rebuildNote(leaf, head, policy) {
  const size = leaf.epoch + head.ahead;
  const hashed = await leafHash(buildEpochLeaf(leaf));
  const root = await inclusionRoot({ leafHash: hashed, index: leaf.epoch - 1, size, proof: head.path });
  if (!root) throw new AnchorError("the epoch is not in the log", "not_in_log");
  const { origin, lines } = writeSignatures(head, policy);
  return `${origin}\n${size}\n${base64.encode(root)}\n\n${lines.join("")}`;
}

/** @param {EntryPath} entry @param {number} index */
function readChunk(entry, index) {
  if (!(index >= 0 && index < entry.size)) {
    throw new AnchorError("the list does not have this entry", "wrong_chunk");
  }
  const start = chunkOf(index, entry.bits) * CHUNK_BYTES;
  const length = Math.min(CHUNK_BYTES, Math.ceil((entry.size * entry.bits) / 8) - start);
  return unpackChunk(entry.data, length);
}

/** @param {number} index @param {number} bits */
function chunkOf(index, bits) {
  return Math.floor((index * bits) / 8 / CHUNK_BYTES);
}

/**
 * @param {Staple} staple @param {Uint8Array} chunk
 * @param {{uri: string, index: number, head: EpochHead | null}} expected
 */
async function findListsRoot({ entry, ...staple }, chunk, { uri, index, head }) {
  const { version, bits, size, tokenDigest } = entry;
  const chunkRoot = await inclusionRoot({
    leafHash: await leafHash(chunk),
    index: chunkOf(index, bits),
    size: Math.ceil(Math.ceil((size * bits) / 8) / CHUNK_BYTES),
    proof: entry.chunkPath,
  });
  if (!chunkRoot) throw new AnchorError("the chunk is not part of the list", "not_in_list");
  const leaf = buildCbor([FORMAT, uri, version, bits, size, tokenDigest, chunkRoot]);
  const found = await inclusionRoot({
    leafHash: await leafHash(leaf),
    index: entry.place,
    size: staple.head ? staple.head.lists : heldHead(staple, head).leaf.lists,
    proof: entry.listPath,
  });
  if (!found) throw new AnchorError("the list is not in the epoch's snapshot", "not_in_snapshot");
  return found;
}

/** @param {{epoch: number}} staple @param {EpochHead | null} head */
function heldHead(staple, head) {
  if (!head || head.leaf.epoch !== staple.epoch) {
    throw new AnchorError("the head of this epoch is not held", "head_not_held");
  }
  return head;
}

/** @param {Staple} staple @param {TrustLeaf} trust @param {EpochHead | null} head */
async function findTrustRoot(staple, trust, head) {
  const { place, count, path } = staple.trust;
  const hashed = await leafHash(buildCbor([FORMAT, trust.key, trust.digest]));
  if (!path) {
    const held = head?.trust ?? [];
    if (place >= held.length || !equalBytes(held[place], hashed)) {
      throw new AnchorError("the held head lacks this trust leaf", "not_in_trust");
    }
    return treeRoot(held);
  }
  const found = await inclusionRoot({ leafHash: hashed, index: place, size: count, proof: path });
  if (!found) throw new AnchorError("the trust leaf is not of this epoch", "not_in_trust");
  return found;
}

/** @param {Uint8Array[]} hashes */
async function treeRoot(hashes) {
  let level = hashes;
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) {
      above.push(await nodeHash(level[at], level[at + 1]));
    }
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}

/** @param {EpochLeaf} leaf @param {Uint8Array[]} path @param {string} checkpoint */
function proofOf(leaf, path, checkpoint) {
  return {
    epochLeaf: leaf,
    epochLeafBytes: buildEpochLeaf(leaf),
    epochIndex: leaf.epoch - 1,
    epochPath: path,
    checkpoint,
  };
}

/** The log's name and the lines of known keys. @param {StapledHead} head @param {QuorumPolicy} policy */
function writeSignatures(head, policy) {
  const logs = [policy.log, ...(policy.otherLogs ?? [])];
  let origin = "";
  const lines = [];
  for (const { keyId, signature, seconds } of head.signatures) {
    const keys = seconds === null ? logs : policy.witnesses;
    const key = keys.find((known) => known.keyId === keyId);
    if (!key) continue;
    if (seconds === null) origin ||= key.name;
    const parts = seconds === null ? [signature] : [buildSeconds(seconds), signature];
    const encoded = base64.encode(concat(fromHex(keyId), ...parts));
    lines.push(`\u2014 ${key.name} ${encoded}\n`);
  }
  if (!origin) throw new AnchorError("the log did not sign the checkpoint", "no_log_signature");
  return { origin, lines };
}

/** @param {number} seconds */
function buildSeconds(seconds) {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(seconds));
  return data;
}
