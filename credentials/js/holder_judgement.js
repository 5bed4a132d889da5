// @ts-check
/** The holder's proof and its freshness: the twin of `credentials/holder_judgement.py`. */

import { verifySignature } from "./keys.js";
import { failed, passed, undecided } from "./verdict.js";

/**
 * @typedef {import("./reading.js").Credential} Credential
 * @typedef {{policy: import("./verification.js").Policy, now: number, audience: string,
 *   nonce: string | null}} HolderQuestion
 */

/** @param {Credential} credential @param {HolderQuestion} question */
export async function judgeHolder(credential, question) {
  if (!question.policy.require_holder_binding) return passed("holder", { detail: "not_required" });
  const binding = credential.keyBinding;
  if (!binding) return failed("holder", "holder_not_bound", { detail: "holder_binding_missing" });
  const problem = await bindingProblem(credential, binding);
  if (problem) return failed("holder", "holder_not_bound", { detail: problem });
  if (!question.audience || binding.audience !== question.audience) {
    return failed("holder", "wrong_audience", { detail: "wrong_audience" });
  }
  if (question.nonce !== null && binding.nonce !== question.nonce) {
    return failed("holder", "wrong_nonce", { detail: "wrong_nonce" });
  }
  return passed("holder");
}

/**
 * A code that was seen before is replayed, even when it is old as well.
 * @param {Credential} credential @param {import("./verdict.js").Check} byHolder
 * @param {HolderQuestion} question @param {boolean} isReplayed
 */
export function judgeReplay(credential, byHolder, question, isReplayed) {
  if (isReplayed) return failed("replay", "replayed", { detail: "seen_before" });
  if (!question.policy.require_holder_binding) return passed("replay", { detail: "not_required" });
  const binding = credential.keyBinding;
  if (!binding || byHolder.reason === "holder_not_bound") {
    // Anybody may write any time into a proof that the holder did not make.
    return undecided("replay", "holder_not_bound", { detail: "holder_not_proven" });
  }
  const problem = staleness(binding, question);
  return problem ? failed("replay", "stale_code", { detail: problem }) : passed("replay");
}

/** @param {Credential} credential @param {import("./reading.js").KeyBinding} binding */
async function bindingProblem(credential, binding) {
  const key = credential.holderKey;
  if (!key) return "no_holder_key";
  const isSigned =
    binding.algorithm === key.algorithm &&
    (await verifySignature(key, binding.signingInput, binding.signature));
  if (!isSigned) return "bad_holder_signature";
  return binding.coversPresentation ? null : "sd_hash_mismatch";
}

/** @param {import("./reading.js").KeyBinding} binding @param {HolderQuestion} question */
function staleness(binding, question) {
  if (question.now - binding.issuedAt > question.policy.freshness) return "code_too_old";
  return binding.issuedAt - question.now > question.policy.skew ? "code_in_the_future" : null;
}
