// @ts-check
/**
 * The proof that a status list was public in an epoch, and its check: the twin of
 * `ledger/anchor.py`, with the same five steps.
 */

import * as base64url from "../../encoding/js/base64url.js";
import { encodeUtf8, equalBytes, sha256 } from "../../encoding/js/bytes.js";
import { isObject } from "../../encoding/js/strict_json.js";
import { parseEpochLeaf, parseListLeaf } from "./epoch.js";
import { AnchorError, Malformed } from "./errors.js";
import { HASH_BYTES, leafHash, verifyInclusion } from "./merkle.js";
import { MAX_NOTE_BYTES, isQuorumMet, verifyCheckpoint } from "./note.js";

const MAX_PATH = 63;
const MAX_CLOCK_SKEW = 60;
const MAX_REMEMBERED = 256;
const MEMBERS = [
  "checkpoint", "epoch_index", "epoch_leaf", "epoch_path", "list_index", "list_leaf", "list_path",
]; // prettier-ignore

/**
 * @typedef {{listLeaf: import("./epoch.js").ListLeaf, listLeafBytes: Uint8Array, listIndex: number,
 *   listPath: Uint8Array[], epochLeaf: import("./epoch.js").EpochLeaf, epochLeafBytes: Uint8Array,
 *   epochIndex: number, epochPath: Uint8Array[], checkpoint: string}} AnchorProof
 * @typedef {{epoch: number, seconds: number, uri: string, version: number, bits: number,
 *   size: number}} Anchor
 */

/** @param {unknown} value @returns {AnchorProof} */
export function parseAnchorProof(value) {
  if (!isObject(value) || Object.keys(value).sort().join() !== MEMBERS.join()) {
    throw new Malformed("a proof has exactly its seven members", "malformed_proof");
  }
  const { checkpoint } = value;
  if (typeof checkpoint !== "string" || checkpoint.length > MAX_NOTE_BYTES) {
    throw new Malformed("the checkpoint of a proof is text", "malformed_proof");
  }
  const listLeafBytes = parseBytes(value.list_leaf);
  const epochLeafBytes = parseBytes(value.epoch_leaf);
  return {
    listLeaf: parseListLeaf(listLeafBytes),
    listLeafBytes,
    listIndex: parseIndex(value.list_index),
    listPath: parsePath(value.list_path),
    epochLeaf: parseEpochLeaf(epochLeafBytes),
    epochLeafBytes,
    epochIndex: parseIndex(value.epoch_index),
    epochPath: parsePath(value.epoch_path),
    checkpoint,
  };
}

/**
 * What the proof shows of the list at `uri` with exactly these bytes; else AnchorError.
 * @param {AnchorProof} proof
 * @param {{policy: import("./note.js").QuorumPolicy, uri: string, token: string}} expected
 * @returns {Promise<Anchor>}
 */
export async function verifyAnchor(proof, { policy, uri, token }) {
  const { listLeaf, epochLeaf } = proof;
  if (!equalBytes(await sha256(encodeUtf8(token)), listLeaf.tokenDigest)) {
    throw new AnchorError("the proof is for other bytes of this list", "wrong_token");
  }
  if (listLeaf.uri !== uri) throw new AnchorError("the proof is for another list", "wrong_list");
  const isListed = await verifyInclusion({
    leafHash: await leafHash(proof.listLeafBytes),
    index: proof.listIndex,
    size: epochLeaf.lists,
    proof: proof.listPath,
    root: epochLeaf.listsRoot,
  });
  if (!isListed) {
    throw new AnchorError("the list is not in the epoch's snapshot", "not_in_snapshot");
  }
  await verifyEpoch(proof, policy);
  const { version, bits, size } = listLeaf;
  return { epoch: epochLeaf.epoch, seconds: epochLeaf.seconds, uri, version, bits, size };
}

/**
 * Steps 3 to 5: the checkpoint with the epoch in it; else AnchorError.
 * @param {Pick<AnchorProof, "epochLeaf" | "epochLeafBytes" | "epochIndex" | "epochPath"
 *   | "checkpoint">} proof
 * @param {import("./note.js").QuorumPolicy} policy
 */
export async function verifyEpoch(proof, policy) {
  const witnessed = await rememberedCheckpoint(proof.checkpoint, policy);
  const { epochLeaf } = proof;
  const isInLog = await verifyInclusion({
    leafHash: await leafHash(proof.epochLeafBytes),
    index: proof.epochIndex,
    size: witnessed.checkpoint.size,
    proof: proof.epochPath,
    root: witnessed.checkpoint.root,
  });
  if (epochLeaf.epoch !== proof.epochIndex + 1 || !isInLog) {
    throw new AnchorError("the epoch is not in the log", "not_in_log");
  }
  // A log that dates an epoch into the future would make an old list look fresh later on.
  const inTime = witnessed.cosignatures
    .filter(({ seconds }) => seconds + MAX_CLOCK_SKEW >= epochLeaf.seconds)
    .map(({ key }) => key);
  if (!isQuorumMet(policy, inTime)) {
    throw new AnchorError("the witnesses saw it before it began", "epoch_in_the_future");
  }
  return witnessed;
}

/** @type {WeakMap<object, Map<string, Promise<import("./note.js").WitnessedCheckpoint>>>} */
const CHECKPOINTS = new WeakMap();

/** One checkpoint stands behind all lists of a bundle: its signatures are checked once. */
async function rememberedCheckpoint(
  /** @type {string} */ text,
  /** @type {import("./note.js").QuorumPolicy} */ policy,
) {
  const known = CHECKPOINTS.get(policy) ?? new Map();
  CHECKPOINTS.set(policy, known);
  if (known.size >= MAX_REMEMBERED) known.clear();
  if (!known.has(text)) known.set(text, verifyCheckpoint(text, policy));
  try {
    return await known.get(text);
  } catch (error) {
    if (error instanceof Malformed || error instanceof AnchorError) {
      throw new AnchorError(`the checkpoint does not hold: ${error.message}`, error.detail);
    }
    throw error;
  }
}

/** @param {unknown} value */
function parseIndex(value) {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Malformed("an index is a whole number", "malformed_proof");
  }
  return value;
}

/** @param {unknown} value */
function parseBytes(value) {
  if (typeof value !== "string") {
    throw new Malformed("a leaf or hash is base64url text", "malformed_proof");
  }
  return base64url.decode(value);
}

/** @param {unknown} value */
function parsePath(value) {
  if (!Array.isArray(value) || value.length > MAX_PATH) {
    throw new Malformed("a path is a list of hashes", "malformed_proof");
  }
  const path = value.map(parseBytes);
  if (path.some((node) => node.length !== HASH_BYTES)) {
    throw new Malformed("a hash of the path is not 32 bytes", "malformed_proof");
  }
  return path;
}
