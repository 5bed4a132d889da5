// @ts-check
/**
 * Signed notes, checkpoints and quorum policies as C2SP has them: the twin of `ledger/note.py`.
 *
 * A checkpoint is believed once the policy's log signed it and the quorum of witnesses cosigned it.
 */

import * as base64 from "../../encoding/js/base64.js";
import { hex } from "../../encoding/js/bytes.js";
import { AnchorError, Malformed } from "./errors.js";
import { HASH_BYTES } from "./merkle.js";
import { ML_DSA_44, checkName, cosignatureSeconds, isSigned } from "./vkey.js";

export const MAX_NOTE_BYTES = 128 * 1024;
const MAX_SIGNATURES = 64;
const DASH = "\u2014 ";

/** @typedef {import("./vkey.js").VerifierKey} VerifierKey */
/** @typedef {{name: string, keyId: string, signature: Uint8Array}} NoteSignature */
/** @typedef {{origin: string, size: number, root: Uint8Array}} Checkpoint */
/** @typedef {{threshold: number, members: (VerifierKey | Group)[]}} Group */
/**
 * @typedef {{log: VerifierKey, witnesses: VerifierKey[], threshold: number, group?: Group,
 *   otherLogs?: VerifierKey[]}} QuorumPolicy
 */
/** @typedef {{checkpoint: Checkpoint, cosignatures: {key: VerifierKey, seconds: number}[]}} WitnessedCheckpoint */

/** @param {string} text @returns {{text: string, signatures: NoteSignature[]}} */
export function parseNote(text) {
  // eslint-disable-next-line no-control-regex
  if (text.length > MAX_NOTE_BYTES || /[\u0000-\u0009\u000b-\u001f]/.test(text)) {
    throw new Malformed("the note is too large or holds a control character", "malformed_note");
  }
  const split = text.lastIndexOf("\n\n");
  if (split < 0 || !text.endsWith("\n")) {
    throw new Malformed("a note ends in a blank line and signatures", "malformed_note");
  }
  const lines = text.slice(split + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) {
    throw new Malformed("the note has too many signatures", "malformed_note");
  }
  return { text: text.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** @param {string} line @returns {NoteSignature} */
function parseSignatureLine(line) {
  const parts = line.slice(DASH.length).split(" ");
  if (!line.startsWith(DASH) || parts.length !== 2) {
    throw new Malformed("a signature line has a dash, name, signature", "malformed_note");
  }
  checkName(parts[0]);
  const decoded = base64.decode(parts[1]);
  if (decoded.length < 5) throw new Malformed("the signature is too short", "malformed_note");
  return { name: parts[0], keyId: hex(decoded.slice(0, 4)), signature: decoded.slice(4) };
}

/** @param {string} text @returns {Checkpoint} */
export function parseCheckpointText(text) {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.at(-1) !== "" || lines.slice(0, -1).includes("")) {
    throw new Malformed("a checkpoint has an origin, a size and a root", "bad_checkpoint");
  }
  const root = base64.decode(lines[2]);
  if (root.length !== HASH_BYTES || !/^(?:0|[1-9][0-9]{0,15})$/.test(lines[1])) {
    throw new Malformed("the root or the size of a checkpoint is wrong", "bad_checkpoint");
  }
  return { origin: lines[0], size: Number(lines[1]), root };
}

/**
 * The checkpoint in a signed note; AnchorError when the log or the quorum does not stand behind it.
 * @param {string} text @param {QuorumPolicy} policy @returns {Promise<WitnessedCheckpoint>}
 */
export async function verifyCheckpoint(text, policy) {
  const note = parseNote(text);
  const logs = [policy.log, ...(policy.otherLogs ?? [])];
  const verified = await verifyNote(note, [...logs, ...policy.witnesses]);
  const checkpoint = parseCheckpointText(note.text);
  if (!verified.some(({ key }) => logs.includes(key) && key.name === checkpoint.origin)) {
    throw new AnchorError("the log did not sign the checkpoint", "no_log_signature");
  }
  const cosignatures = verified
    .filter(({ key }) => policy.witnesses.includes(key))
    .map(({ key, line }) => ({ key, seconds: cosignatureSeconds(line.signature) }));
  if (!isQuorumMet(policy, cosignatures.map(({ key }) => key))) {
    throw new AnchorError("too few witnesses cosigned the checkpoint", "no_quorum");
  }
  return { checkpoint, cosignatures };
}

/** @param {{text: string, signatures: NoteSignature[]}} note @param {VerifierKey[]} keys */
async function verifyNote(note, keys) {
  /** @type {Map<VerifierKey, NoteSignature>} */
  const verified = new Map();
  for (const line of note.signatures) {
    const key = keys.find((known) => known.name === line.name && known.keyId === line.keyId);
    if (!key || key.signatureType === ML_DSA_44) continue;
    if (!(await isSigned(note.text, key, line.signature))) {
      throw new AnchorError(`the signature of ${key.name} is wrong`, "bad_signature");
    }
    if (!verified.has(key)) verified.set(key, line);
  }
  if (!verified.size) {
    throw new AnchorError("no known key signed the note", "no_known_signature");
  }
  return [...verified].map(([key, line]) => ({ key, line }));
}

/** @param {QuorumPolicy} policy @param {VerifierKey[]} keys */
export function isQuorumMet(policy, keys) {
  const group = policy.group ?? { threshold: policy.threshold, members: policy.witnesses };
  return isGroupMet(group, keys);
}

/** @param {Group} group @param {VerifierKey[]} keys @returns {boolean} */
function isGroupMet(group, keys) {
  const met = group.members.filter((member) =>
    "members" in member ? isGroupMet(member, keys) : keys.includes(member),
  );
  return met.length >= group.threshold;
}
