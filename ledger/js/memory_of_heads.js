// @ts-check
/**
 * What a phone remembers of the public log, and what it refuses because of that: the twin of
 * `ledger/memory_of_heads.py`. A memory is never changed; each call gives a new one.
 */

import { hex } from "../../encoding/js/bytes.js";
import { AnchorError } from "./errors.js";
import { leafHash, verifyConsistency } from "./merkle.js";
import { buildEpochLeaf } from "./staple.js";

const KEPT_EPOCHS = 2048;
const KEPT_LISTS = 4096;

/**
 * @typedef {import("./note.js").Checkpoint} Checkpoint
 * @typedef {import("./epoch.js").EpochLeaf} EpochLeaf
 * @typedef {{head: Checkpoint | null, epochs: Map<number, string>, roots: Map<number, string>,
 *   versions: Map<string, number>}} MemoryOfHeads
 * @typedef {{uri: string, index: number, value: number, dueEpoch: number}} Promised
 */

/** @returns {MemoryOfHeads} */
export function emptyMemory() {
  return { head: null, epochs: new Map(), roots: new Map(), versions: new Map() };
}

/**
 * The memory with this head as the newest; else AnchorError.
 * @param {MemoryOfHeads} memory @param {Checkpoint} checkpoint @param {EpochLeaf} leaf
 * @param {Uint8Array[] | null} consistency
 */
export async function rememberHead(memory, checkpoint, leaf, consistency) {
  const checked = await rememberEpoch(memory, checkpoint, leaf);
  const held = memory.head;
  if (!held) return { ...checked, head: checkpoint };
  if (held.origin !== checkpoint.origin) {
    throw new AnchorError("the head is of another log", "wrong_log");
  }
  if (checkpoint.size < held.size) throw new AnchorError("the log is smaller than it was", "rollback");
  if (consistency) {
    const { size, root } = checkpoint;
    const claim = { oldSize: held.size, oldRoot: held.root, size, root, proof: consistency };
    if (!(await verifyConsistency(claim))) {
      throw new AnchorError("the log does not extend what it was", "fork");
    }
  }
  return { ...checked, head: checkpoint };
}

/**
 * The memory with what a staple showed; else AnchorError. An older epoch is no rollback yet.
 * @param {MemoryOfHeads} memory @param {import("./staple.js").StapledEntry} shown
 */
export async function rememberStaple(memory, shown) {
  const { anchor, checkpoint } = shown;
  if (memory.head && memory.head.origin !== checkpoint.origin) {
    throw new AnchorError("the staple is of another log", "wrong_log");
  }
  const checked = await rememberEpoch(memory, checkpoint, shown.leaf);
  if (anchor.version < (memory.versions.get(anchor.uri) ?? 0)) {
    throw new AnchorError("the list is older than one that was seen", "rollback");
  }
  const isNewer = !memory.head || checkpoint.size > memory.head.size;
  const versions = put(memory.versions, anchor.uri, anchor.version, KEPT_LISTS);
  return { ...checked, head: isNewer ? checkpoint : memory.head, versions };
}

/**
 * Refuse with `overdue` what is older than promised, or lacks a change that was promised.
 * @param {import("./staple.js").StapledEntry} shown
 * @param {{now: number, promised: number, receipts: Promised[]}} demands in seconds
 */
export function checkDue({ value, index, anchor }, { now, promised, receipts }) {
  if (now - anchor.seconds > promised) {
    throw new AnchorError("the epoch is older than was promised", "overdue");
  }
  const isBroken = receipts.some(
    (receipt) =>
      receipt.uri === anchor.uri &&
      receipt.index === index &&
      anchor.epoch >= receipt.dueEpoch &&
      value !== receipt.value,
  );
  if (isBroken) throw new AnchorError("a promised change is not in the list", "overdue");
}

/** @param {MemoryOfHeads} memory @param {Checkpoint} checkpoint @param {EpochLeaf} leaf */
async function rememberEpoch(memory, checkpoint, leaf) {
  const hashed = hex(await leafHash(buildEpochLeaf(leaf)));
  if ((memory.epochs.get(leaf.epoch) ?? hashed) !== hashed) {
    throw new AnchorError("two leaves of one epoch", "fork");
  }
  const root = hex(checkpoint.root);
  if ((memory.roots.get(checkpoint.size) ?? root) !== root) {
    throw new AnchorError("two roots of one size", "fork");
  }
  return {
    ...memory,
    epochs: put(memory.epochs, leaf.epoch, hashed, KEPT_EPOCHS),
    roots: put(memory.roots, checkpoint.size, root, KEPT_EPOCHS),
  };
}

/**
 * With this member as the last; the first ones go.
 * @template K, V @param {Map<K, V>} known @param {K} key @param {V} value @param {number} most
 */
function put(known, key, value, most) {
  if (known.get(key) === value) return known;
  const rest = [...known].filter(([name]) => name !== key);
  return new Map([...rest.slice(Math.max(0, rest.length + 1 - most)), [key, value]]);
}
