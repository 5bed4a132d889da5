// @ts-check
/**
 * Verify a presentation against material that was gathered beforehand: the twin of
 * `credentials/verification.py`, with the same ten checks in the same order. No network, no clock.
 */

import { Malformed } from "../../encoding/js/errors.js";
import { judgeClaims, judgeJoin } from "./claim_judgement.js";
import { judgeHolder, judgeReplay } from "./holder_judgement.js";
import { judgeIssuer, judgeSignature } from "./issuer_judgement.js";
import { readPresentation } from "./reading.js";
import { Evidence, findListOwner, judgeReference } from "./status_judgement.js";
import { accreditedNames, findIssuerOf } from "./trust.js";
import { failed, formatInstant, outcomeOf, passed, reasonsOf, undecided } from "./verdict.js";

/**
 * @typedef {import("./reading.js").Credential} Credential
 * @typedef {import("./trust.js").TrustedIssuer} TrustedIssuer
 * @typedef {import("./verdict.js").Check} Check
 * @typedef {{id: string, types: string[], required_claims: (string | number | null)[][]}} CredentialRule
 * @typedef {{credentials: CredentialRule[], joins: {name: string, sides: [string, any[]][]}[],
 *   status: {rule: string, max_age: number | null, require_anchor: boolean},
 *   require_holder_binding: boolean, freshness: number, skew: number}} Policy
 * @typedef {{trust: import("./trust.js").TrustRegistry,
 *   lists: Map<string, import("./status_judgement.js").ListCopy[]>,
 *   log: import("../../ledger/js/note.js").QuorumPolicy | null, isReplayed: boolean,
 *   memory?: {epochs: Map<number, Uint8Array>, versions: Map<string, number>}}} Material
 * @typedef {{material: Material, policy: Policy, now: number, audience: string,
 *   nonce: string | null}} Question
 * @typedef {{checks: Check[], credential: Credential | null, doubt: Check | null, isShown: boolean}} Judged
 */

/**
 * @param {Record<string, string>} presentation credential id to presented text
 * @param {Material} material @param {Policy} policy
 * @param {{now: number, audience: string, nonce: string | null, purpose?: string | null}} expected
 *   `now` in seconds; `nonce` null means a code that the holder made without being asked
 * @returns {Promise<import("./verdict.js").Verdict>}
 */
export async function verify(presentation, material, policy, { now, audience, nonce, purpose = null }) {
  const question = { material, policy, now, audience, nonce };
  const evidence = new Evidence();
  /** @type {Map<string, Judged>} */
  const judged = new Map();
  for (const rule of policy.credentials) {
    const text = Object.hasOwn(presentation, rule.id) ? presentation[rule.id] : null;
    judged.set(rule.id, await judgeCredential(rule, text, question, evidence));
  }
  const checks = [
    ...checkShape(presentation, policy),
    ...[...judged.values()].flatMap((each) => each.checks),
    ...checkJoins(judged, policy),
  ];
  const isShown = judged.size > 0 && [...judged.values()].every((each) => each.isShown);
  return {
    outcome: outcomeOf(checks),
    purpose,
    checked_at: formatInstant(now),
    status_as_of: evidence.asOf === null ? null : formatInstant(evidence.asOf),
    epoch: evidence.epoch,
    reasons: reasonsOf(checks),
    checks,
    claims: isShown ? claimsOf(judged) : null,
  };
}

/** @param {Map<string, Judged>} judged */
function claimsOf(judged) {
  const entries = [...judged].map(([name, each]) => [name, each.credential?.claims ?? {}]);
  return Object.fromEntries(entries);
}

/** @param {Record<string, string>} presentation @param {Policy} policy @returns {Check[]} */
function checkShape(presentation, policy) {
  if (!policy.credentials.length) return [failed("format", "malformed", { detail: "empty_policy" })];
  const expected = new Set(policy.credentials.map((rule) => rule.id));
  if (expected.size !== policy.credentials.length) {
    return [failed("format", "malformed", { detail: "ambiguous_policy" })];
  }
  return Object.keys(presentation)
    .filter((name) => !expected.has(name))
    .map((name) => failed("format", "malformed", { detail: "unexpected_credential", credential: name }));
}

/**
 * Checks 1 to 9.
 * @param {CredentialRule} rule @param {string | null} text @param {Question} question
 * @param {Evidence} evidence @returns {Promise<Judged>}
 */
async function judgeCredential(rule, text, question, evidence) {
  const read = await readOne(rule, text);
  if (!("claims" in read)) {
    return { checks: [read], credential: null, doubt: null, isShown: false };
  }
  const issuer = findIssuerOf(question.material.trust, read);
  const byIssuer = judgeIssuer(read, issuer, question);
  const bySignature = await judgeSignature(read, issuer, question);
  const byHolder = await judgeHolder(read, question);
  const doubt = [byIssuer, bySignature].find((check) => check.outcome !== "passed") ?? null;
  const later = [
    checkType(read, rule),
    checkValidity(read, question),
    byHolder,
    judgeReplay(read, byHolder, question, question.material.isReplayed),
    ...(await checkStatus(read, issuer, rule, question, evidence)),
    judgeClaims(rule, read.claims),
  ].map((check) => (doubt ? discount(check, doubt) : check));
  const checks = [passed("format"), byIssuer, later[0], bySignature, ...later.slice(1)];
  return {
    checks: checks.map((check) => ({ credential: rule.id, ...check })),
    credential: read,
    doubt,
    isShown: !doubt && byHolder.outcome === "passed",
  };
}

/** Check 1. @param {CredentialRule} rule @param {string | null} text @returns {Promise<Credential | Check>} */
async function readOne(rule, text) {
  const credential = rule.id;
  if (text === null) {
    return failed("format", "claim_missing", { detail: "credential_missing", credential });
  }
  try {
    const credentials = await readPresentation(text);
    if (credentials.length === 1) return credentials[0];
    return failed("format", "malformed", { detail: "several_credentials", credential });
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return failed("format", "malformed", { detail: error.detail, credential });
  }
}

/** Check 3. @param {Credential} credential @param {CredentialRule} rule */
function checkType(credential, rule) {
  if (!credential.types.some((type) => rule.types.includes(type))) {
    return failed("type", "type_not_accepted", { detail: "another_type" });
  }
  return passed("type");
}

/** Check 5. @param {Credential} credential @param {Question} question */
function checkValidity({ validFrom, validUntil, issuedAt }, { now, policy: { skew } }) {
  if (validFrom !== null && validUntil !== null && validUntil < validFrom) {
    return failed("validity", "malformed", { detail: "ends_before_it_begins" });
  }
  if (validUntil !== null && validUntil + skew <= now) {
    return failed("validity", "expired", { detail: "expired" });
  }
  if (validFrom !== null && validFrom - skew > now) {
    return failed("validity", "not_yet_valid", { detail: "not_yet_valid" });
  }
  if (issuedAt !== null && issuedAt - skew > now) {
    return failed("validity", "not_yet_valid", { detail: "issued_in_the_future" });
  }
  return passed("validity");
}

/**
 * Check 8: one for each reference of the credential and for each link of a view.
 * @param {Credential} credential @param {TrustedIssuer | null} issuer @param {CredentialRule} rule
 * @param {Question} question @param {Evidence} evidence
 */
async function checkStatus(credential, issuer, rule, question, evidence) {
  const { policy, now, material } = question;
  if (policy.status.rule === "ignore") return [];
  if (!credential.statuses.length && policy.status.rule === "required") {
    return [failed("status", "status_unknown", { detail: "status_missing" })];
  }
  const asked = { material, policy: policy.status, now, skew: policy.skew };
  const owners = issuer ? [issuer] : [];
  const checks = [];
  for (const reference of credential.statuses) {
    const about = { owners, question: asked, evidence, credential: rule.id };
    checks.push(await judgeReference(reference, about));
  }
  for (const link of credential.links) checks.push(await checkLink(link, asked, evidence));
  return checks;
}

/**
 * @param {import("./reading.js").Link} link
 * @param {import("./status_judgement.js").StatusQuestion} question @param {Evidence} evidence
 */
async function checkLink({ type, reference }, question, evidence) {
  const { trust, lists } = question.material;
  const owner = await findListOwner(reference.uri, lists.get(reference.uri) ?? [], trust.issuers);
  if (owner && !accreditedNames(owner, question.now).includes(type)) {
    const detail = "list_of_another_agency";
    return failed("status", "issuer_not_authorised_for_type", { detail, credential: type });
  }
  const owners = owner ? [owner] : [];
  return judgeReference(reference, { owners, question, evidence, credential: type });
}

/** Check 10. @param {Map<string, Judged>} judged @param {Policy} policy */
function checkJoins(judged, policy) {
  const claims = new Map(
    [...judged].flatMap(([name, { credential }]) => (credential ? [[name, credential.claims]] : [])),
  );
  return policy.joins.map((join) => {
    const doubts = join.sides.map(([name]) => judged.get(name)?.doubt ?? null);
    const doubt = doubts.find((each) => each !== null) ?? null;
    const check = judgeJoin(join, /** @type {Map<string, any>} */ (claims));
    return doubt ? discount(check, doubt) : check;
  });
}

/** Good news about a credential that is not proven genuine is no news. @param {Check} check @param {Check} doubt */
function discount(check, doubt) {
  if (check.outcome !== "passed") return check;
  const reason = doubt.reason ?? "bad_signature";
  const more = check.credential === undefined ? {} : { credential: check.credential };
  return undecided(check.name, reason, { detail: "not_verified", ...more });
}
