// @ts-check
/** Quorum policies as text (C2SP tlog-policy): the twin of `ledger/quorum.py`, reading only. */

import { Malformed } from "./errors.js";
import { LOG_TYPES, WITNESS_TYPES, parseVerifierKey } from "./vkey.js";

const MAX_POLICY = 256 * 1024;

/** @typedef {import("./vkey.js").VerifierKey} VerifierKey */
/** @typedef {import("./note.js").Group} Group */

/** @param {string} text @returns {Promise<import("./note.js").QuorumPolicy>} */
export async function parsePolicy(text) {
  // eslint-disable-next-line no-control-regex
  if (text.length > MAX_POLICY || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) {
    throw wrong("the policy is too large or holds a control character");
  }
  const draft = new Draft();
  for (const line of text.split("\n")) {
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (words.length && !words[0].startsWith("#")) await draft.read(words);
  }
  return draft.build();
}

class Draft {
  constructor() {
    /** @type {VerifierKey[]} */ this.logs = [];
    /** @type {VerifierKey[]} */ this.witnesses = [];
    /** @type {Map<string, VerifierKey | Group>} */ this.named = new Map();
    /** @type {Set<string>} */ this.used = new Set();
    /** @type {string | null} */ this.quorum = null;
  }

  /** @param {string[]} words */
  async read(words) {
    const [verb, name, ...rest] = words;
    if (verb === "log" && name && rest.length <= 1) {
      this.logs.push(await readKey(name, LOG_TYPES, this.logs));
    } else if (verb === "witness" && rest.length >= 1 && rest.length <= 2) {
      const key = await readKey(rest[0], WITNESS_TYPES, this.witnesses);
      this.witnesses.push(key);
      this.define(name, key);
    } else if (verb === "group" && rest.length >= 2) {
      this.define(name, this.readGroup(rest[0], rest.slice(1)));
    } else if (verb === "quorum" && name && !rest.length && this.quorum === null) {
      if (name !== "none" && !this.named.has(name)) throw wrong("the quorum names no witness");
      this.quorum = name;
    } else {
      throw wrong("a line of the policy is wrong");
    }
  }

  /** @param {string} threshold @param {string[]} names @returns {Group} */
  readGroup(threshold, names) {
    for (const name of names) {
      if (!this.named.has(name) || this.used.has(name)) throw wrong("a group member is wrong");
      this.used.add(name);
    }
    if (!/^(?:all|any|[1-9][0-9]{0,3})$/.test(threshold)) {
      throw wrong("a threshold is all, any or a number");
    }
    const count = threshold === "all" ? names.length : threshold === "any" ? 1 : Number(threshold);
    if (count > names.length) throw wrong("the threshold is above the members");
    const members = names.map((name) => /** @type {VerifierKey | Group} */ (this.named.get(name)));
    return { threshold: count, members };
  }

  /** @param {string} name @param {VerifierKey | Group} meaning */
  define(name, meaning) {
    if (name === "none" || this.named.has(name)) throw wrong("a name is defined twice");
    this.named.set(name, meaning);
  }

  /** @returns {import("./note.js").QuorumPolicy} */
  build() {
    const [log, ...otherLogs] = this.logs;
    if (!log || this.quorum === null) throw wrong("a policy has a log and a quorum");
    const { witnesses } = this;
    const own = new Set(this.logs.map(({ publicKey }) => publicKey.join()));
    if (witnesses.some(({ publicKey }) => own.has(publicKey.join()))) {
      throw wrong("a log is no witness of itself");
    }
    if (this.quorum === "none") return { log, witnesses, threshold: 0, otherLogs };
    const meaning = /** @type {VerifierKey | Group} */ (this.named.get(this.quorum));
    const group = "members" in meaning ? meaning : { threshold: 1, members: [meaning] };
    return { log, witnesses, threshold: group.threshold, group, otherLogs };
  }
}

/** @param {string} vkey @param {number[]} types @param {VerifierKey[]} known */
async function readKey(vkey, types, known) {
  const key = await parseVerifierKey(vkey);
  const isKnown = known.some((other) => other.publicKey.join() === key.publicKey.join());
  if (!types.includes(key.signatureType) || isKnown) throw wrong("a key of the policy is wrong");
  return key;
}

/** @param {string} message */
function wrong(message) {
  return new Malformed(message, "malformed_policy");
}
