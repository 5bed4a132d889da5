// @ts-check
/**
 * What the status lists at hand say about one reference: the twin of
 * `credentials/status_judgement.py`. Good needs proof, bad does not.
 */

import { equalBytes, sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { verifyAnchor } from "../../ledger/js/anchor.js";
import { AnchorError } from "../../ledger/js/errors.js";
import { verifyJws } from "./jose.js";
import { readStatusList, sizeOf, statusAt } from "./status_lists.js";
import { chooseKeys, keyProblem } from "./trust.js";
import { failed, passed, undecided } from "./verdict.js";

const NAME = "status";
const EXPIRED = "status_list_expired";
const AUTHENTICITY = "status_list_not_authentic";

/**
 * @typedef {import("./trust.js").TrustedIssuer} TrustedIssuer
 * @typedef {import("./reading.js").StatusReference} StatusReference
 * @typedef {{token: string, proof: import("../../ledger/js/anchor.js").AnchorProof | null}} ListCopy
 * @typedef {{material: import("./verification.js").Material, policy: {rule: string,
 *   max_age: number | null, require_anchor: boolean}, now: number, skew: number}} StatusQuestion
 * @typedef {{list: import("./status_lists.js").StatusList, proof: ListCopy["proof"],
 *   anchor: import("../../ledger/js/anchor.js").Anchor | null, anchorProblem: string | null}} Copy
 */

/** What all references of one judgement rest on. */
export class Evidence {
  constructor() {
    /** @type {number | null} */ this.asOf = null;
    /** @type {number | null} */ this.epoch = null;
    /** @type {Map<number, Uint8Array>} */ this.leaves = new Map();
  }

  /** @param {Copy} copy */
  add(copy) {
    const time = copy.anchor ? copy.anchor.seconds : copy.list.issuedAt;
    this.asOf = this.asOf === null ? time : Math.min(this.asOf, time);
    if (copy.anchor) {
      this.epoch = Math.min(this.epoch ?? Number.MAX_SAFE_INTEGER, copy.anchor.epoch);
    }
  }
}

/**
 * The check of one reference; one of `owners` must have signed the list.
 * @param {StatusReference} reference
 * @param {{owners: TrustedIssuer[], question: StatusQuestion, evidence: Evidence, credential: string}} about
 */
export async function judgeReference(reference, { owners, question, evidence, credential }) {
  const { copies, problem } = await authenticCopies(reference, owners, question);
  if (!copies.length) {
    const reason = problem === EXPIRED ? "status_stale" : "status_unknown";
    return undecided(NAME, reason, { detail: problem, credential });
  }
  const statuses = copies.map((copy) => statusIn(copy, reference));
  const base = baseOf(copies, question);
  if (base) evidence.add(base);
  if (statuses.includes("revoked")) {
    return failed(NAME, "revoked", { detail: "revoked", credential });
  }
  if (copies.some((copy, at) => statuses[at] === "suspended" && stillCounts(copy, base))) {
    return failed(NAME, "suspended", { detail: "suspended", credential });
  }
  const unknown = statuses.find((status) => status !== "valid" && status !== "suspended");
  if (unknown !== undefined) {
    return undecided(NAME, "status_unknown", { detail: unknown, credential });
  }
  if (!base) {
    const detail = copies[0].anchorProblem ?? undefined;
    return undecided(NAME, "status_not_anchored", { detail, credential });
  }
  return judgeBase(base, copies, { question, evidence, credential });
}

/**
 * @param {Copy} base @param {Copy[]} copies
 * @param {{question: StatusQuestion, evidence: Evidence, credential: string}} about
 */
async function judgeBase(base, copies, { question, evidence, credential }) {
  for (const copy of copies) {
    if (copy.anchor && (await isFork(copy, question, evidence))) {
      return undecided(NAME, "fork", { detail: "two_epochs", credential });
    }
  }
  if (wentBack(base, copies, question)) {
    return undecided(NAME, "rollback", { detail: "list_went_back", credential });
  }
  const { max_age: maxAge } = question.policy;
  const time = base.anchor ? base.anchor.seconds : base.list.issuedAt;
  const what = base.anchor ? "epoch" : "list";
  if (time > question.now + question.skew) {
    return undecided(NAME, "status_stale", { detail: `${what}_in_the_future`, credential });
  }
  if (maxAge !== null && question.now - time > maxAge) {
    return undecided(NAME, "status_stale", { detail: `${what}_too_old`, credential });
  }
  return passed(NAME, { credential });
}

/**
 * The issuer whose key signed a copy. Those under whose name the list lies are tried first.
 * @param {string} uri @param {ListCopy[]} copies @param {TrustedIssuer[]} issuers
 */
export async function findListOwner(uri, copies, issuers) {
  const likely = issuers.filter((issuer) => issuer.identifiers.some((name) => uri.startsWith(name)));
  for (const copy of copies) {
    const read = await readList(copy.token);
    if (typeof read === "string") continue;
    for (const issuer of [...likely, ...issuers]) {
      if ((await findSignature(read, issuer)).trusted) return issuer;
    }
  }
  return null;
}

/** @param {StatusReference} reference @param {TrustedIssuer[]} owners @param {StatusQuestion} question */
async function authenticCopies(reference, owners, question) {
  /** @type {Copy[]} */
  const copies = [];
  const problems = [];
  for (const given of question.material.lists.get(reference.uri) ?? []) {
    const read = await readList(given.token);
    const problem =
      typeof read === "string" ? read : await listProblem(read, reference, owners, question);
    if (problem === null && typeof read !== "string") {
      copies.push(await anchor(read, given, question.material.log));
    } else if (problem !== null) problems.push(problem);
  }
  const problem = problems.includes(EXPIRED) ? EXPIRED : (problems[0] ?? "status_list_missing");
  return { copies, problem };
}

/**
 * @param {import("./status_lists.js").StatusList} read @param {StatusReference} reference
 * @param {TrustedIssuer[]} owners @param {StatusQuestion} question
 */
async function listProblem(read, reference, owners, question) {
  const { now, skew } = question;
  if (read.uri !== reference.uri) return "wrong_list_named";
  const problems = [];
  for (const owner of owners) problems.push(await signingProblem(read, owner, { now, skew }));
  if (!problems.includes(null)) return problems[0] ?? AUTHENTICITY;
  if (read.issuedAt > now + skew) return "status_list_not_yet_valid";
  if (read.expiresAt !== null && read.expiresAt <= now) return EXPIRED;
  return null;
}

/**
 * @param {import("./status_lists.js").StatusList} read @param {TrustedIssuer} owner
 * @param {{now: number, skew: number}} when
 */
async function signingProblem(read, owner, when) {
  const { trusted, problem } = await findSignature(read, owner);
  return trusted ? keyProblem(trusted, when) : problem;
}

/** @param {import("./status_lists.js").StatusList} read @param {TrustedIssuer} owner */
async function findSignature(read, owner) {
  if (read.issuer !== null && !owner.identifiers.includes(read.issuer)) {
    return { trusted: null, problem: AUTHENTICITY };
  }
  const choice = chooseKeys(owner, read.keyHint);
  for (const trusted of choice.keys) {
    if (await isSigned(read, trusted.key)) return { trusted, problem: null };
  }
  return { trusted: null, problem: choice.problem ?? AUTHENTICITY };
}

/**
 * @param {import("./status_lists.js").StatusList} read @param {ListCopy} given
 * @param {import("../../ledger/js/note.js").QuorumPolicy | null} log @returns {Promise<Copy>}
 */
async function anchor(read, given, log) {
  const { proof } = given;
  if (!proof || !log) {
    return { list: read, proof, anchor: null, anchorProblem: proof ? "no_log" : "no_proof" };
  }
  try {
    const shown = await verifyAnchor(proof, { policy: log, uri: read.uri, token: given.token });
    const fits = shown.bits === read.bits && shown.size === sizeOf(read);
    return { list: read, proof, anchor: fits ? shown : null, anchorProblem: fits ? null : "wrong_size" };
  } catch (error) {
    if (!(error instanceof AnchorError)) throw error;
    return { list: read, proof, anchor: null, anchorProblem: error.detail };
  }
}

/** @param {Copy[]} copies @param {StatusQuestion} question @returns {Copy | null} */
function baseOf(copies, question) {
  if (!question.policy.require_anchor) {
    return copies.reduce((best, copy) => (copy.list.issuedAt > best.list.issuedAt ? copy : best));
  }
  const anchored = copies.filter((copy) => copy.anchor);
  if (!anchored.length) return null;
  return anchored.reduce((best, copy) =>
    (copy.anchor?.epoch ?? 0) > (best.anchor?.epoch ?? 0) ? copy : best,
  );
}

/** @param {Copy} copy @param {StatusReference} reference @returns {string} */
function statusIn(copy, reference) {
  try {
    return statusAt(copy.list, reference.index);
  } catch (error) {
    if (error instanceof Malformed) return error.detail;
    throw error;
  }
}

/** @param {Copy} copy @param {Copy | null} base */
function stillCounts(copy, base) {
  return base === null || copy === base || copy.list.issuedAt >= base.list.issuedAt;
}

/** @param {Copy} copy @param {StatusQuestion} question @param {Evidence} evidence */
async function isFork(copy, question, evidence) {
  if (!copy.proof || !copy.anchor) return false;
  const { epochLeafBytes } = copy.proof;
  const { epoch } = copy.anchor;
  const seen = evidence.leaves.get(epoch) ?? epochLeafBytes;
  evidence.leaves.set(epoch, seen);
  if (!equalBytes(seen, epochLeafBytes)) return true;
  const remembered = question.material.memory?.epochs.get(epoch);
  return remembered !== undefined && !equalBytes(remembered, await sha256(epochLeafBytes));
}

/** @param {Copy} base @param {Copy[]} copies @param {StatusQuestion} question */
function wentBack(base, copies, question) {
  if (!base.anchor) return false;
  const seen = copies.map((copy) => copy.anchor?.version ?? 0);
  seen.push(question.material.memory?.versions.get(base.list.uri) ?? 0);
  return base.anchor.version < Math.max(...seen);
}

/** @type {Map<string, Promise<import("./status_lists.js").StatusList | string>>} */
const READ = new Map();
/** @type {Map<string, Promise<boolean>>} */
const SIGNED = new Map();
const MAX_REMEMBERED = 256;

/** Lists are large and change rarely: each is read and verified once. @param {string} token */
function readList(token) {
  return remember(READ, token, () =>
    readStatusList(token).catch((error) => {
      if (error instanceof Malformed) return error.detail;
      throw error;
    }),
  );
}

/** @param {import("./status_lists.js").StatusList} read @param {import("./keys.js").PublicKey} key */
function isSigned(read, key) {
  return remember(SIGNED, `${key.thumbprint} ${read.jws.text}`, () => verifyJws(read.jws, key));
}

/** @template T @param {Map<string, Promise<T>>} memory @param {string} name @param {() => Promise<T>} work */
function remember(memory, name, work) {
  const known = memory.get(name);
  if (known) return known;
  if (memory.size >= MAX_REMEMBERED) memory.clear();
  const working = work();
  memory.set(name, working);
  return working;
}

