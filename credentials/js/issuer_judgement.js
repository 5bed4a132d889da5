// @ts-check
/**
 * Whether the trust registry lets this issuer issue this, and whether a key of this issuer signed
 * it: the twin of `credentials/issuer_judgement.py`.
 */

import { verifySignature } from "./keys.js";
import { chooseKeys, claimLimit, findIssuerOf, isAccredited, keyProblem } from "./trust.js";
import { failed, passed, undecided } from "./verdict.js";

/**
 * @typedef {import("./reading.js").Credential} Credential
 * @typedef {import("./trust.js").TrustedIssuer} TrustedIssuer
 * @typedef {import("./trust.js").TrustedKey} TrustedKey
 * @typedef {{material: {trust: import("./trust.js").TrustRegistry}, policy: {skew: number},
 *   now: number}} IssuerQuestion
 */

/** Check 2. @param {Credential} credential @param {TrustedIssuer | null} issuer @param {IssuerQuestion} question */
export function judgeIssuer(credential, issuer, question) {
  const { now, policy, material } = question;
  if (!issuer) return failed("issuer", "issuer_not_trusted", { detail: "unknown_issuer" });
  const at = credential.issuedAt ?? credential.validFrom ?? now;
  if (!isAccredited(issuer, credential.types, { at, skew: policy.skew })) {
    return failed("issuer", "issuer_not_authorised_for_type", { detail: "not_accredited" });
  }
  const limit = claimLimit(issuer, credential.types, { at, skew: policy.skew });
  if (limit && !Object.keys(credential.claims).every((name) => limit.includes(name))) {
    return failed("issuer", "issuer_not_authorised_for_type", { detail: "claim_not_accredited" });
  }
  if (material.trust.expiresAt <= now) {
    return undecided("issuer", "issuer_not_trusted", { detail: "trust_registry_expired" });
  }
  if (material.trust.issuedAt > now + policy.skew) {
    return undecided("issuer", "issuer_not_trusted", { detail: "trust_registry_in_the_future" });
  }
  return passed("issuer");
}

/** Check 4. @param {Credential} credential @param {TrustedIssuer | null} issuer @param {IssuerQuestion} question */
export async function judgeSignature(credential, issuer, question) {
  if (!issuer) return undecided("signature", "issuer_not_trusted", { detail: "no_key_listed" });
  const trusted = await findTrustedKey(credential, issuer);
  if (trusted) return checkKey(trusted, credential.issuedAt, question);
  const { problem } = chooseKeys(issuer, credential.keyHint);
  if (problem) return failed("signature", "issuer_not_trusted", { detail: problem });
  return failed("signature", "bad_signature", { detail: "bad_issuer_signature" });
}

/**
 * @param {import("./trust.js").TrustedKey} trusted @param {number | null} signedAt
 * @param {IssuerQuestion} question
 */
function checkKey(trusted, signedAt, question) {
  const problem = keyProblem(trusted, { now: question.now, skew: question.policy.skew, signedAt });
  if (problem === "key_compromised") {
    return failed("signature", "key_compromised", { detail: problem });
  }
  const fault = trusted.use === "credential" ? problem : "key_of_another_use";
  return fault ? failed("signature", "issuer_not_trusted", { detail: fault }) : passed("signature");
}

/**
 * The key with which the credential's own signature holds, where checks 2 and 4 pass: what the
 * same agency signed beside it, such as a face, is verified with it. Null: there is none.
 * @param {Credential} credential @param {IssuerQuestion} question
 */
export async function findSigningKey(credential, question) {
  const issuer = findIssuerOf(question.material.trust, credential);
  const checks = [judgeIssuer(credential, issuer, question), await judgeSignature(credential, issuer, question)];
  if (!issuer || checks.some((check) => check.outcome !== "passed")) return null;
  return (await findTrustedKey(credential, issuer))?.key ?? null;
}

/** @param {Credential} credential @param {TrustedIssuer} issuer @returns {Promise<TrustedKey | null>} */
async function findTrustedKey(credential, issuer) {
  for (const trusted of chooseKeys(issuer, credential.keyHint).keys) {
    const isSigned =
      trusted.key.algorithm === credential.keyHint.algorithm &&
      (await verifySignature(trusted.key, credential.signingInput, credential.signature));
    if (isSigned) return trusted;
  }
  return null;
}
