// @ts-check
/** Outcomes, the closed list of reasons, checks and the verdict: the twin of `credentials/verdict.py`. */

export const OUTCOMES = /** @type {const} */ (["passed", "failed", "indeterminate"]);
export const REASONS = /** @type {const} */ ([
  "malformed", "bad_signature", "issuer_not_trusted", "issuer_not_authorised_for_type",
  "key_compromised", "wrong_audience", "wrong_nonce", "not_yet_valid", "expired",
  "holder_not_bound", "stale_code", "replayed", "revoked", "suspended", "status_unknown",
  "status_stale", "status_not_anchored", "rollback", "fork", "overdue", "type_not_accepted",
  "claim_missing", "join_failed",
]); // prettier-ignore

/**
 * @typedef {typeof OUTCOMES[number]} Outcome
 * @typedef {typeof REASONS[number]} Reason
 * @typedef {{name: string, outcome: Outcome, reason?: Reason, detail?: string, credential?: string}} Check
 * @typedef {{outcome: Outcome, purpose: string | null, checked_at: string,
 *   status_as_of: string | null, epoch: number | null, reasons: Reason[], checks: Check[],
 *   claims: Record<string, Record<string, any>> | null}} Verdict
 */

/** @param {string} name @param {{detail?: string, credential?: string}} [more] @returns {Check} */
export function passed(name, more = {}) {
  return { name, outcome: "passed", ...more };
}

/**
 * @param {string} name @param {Reason} reason @param {{detail?: string, credential?: string}} [more]
 * @returns {Check}
 */
export function failed(name, reason, more = {}) {
  return { name, outcome: "failed", reason, ...more };
}

/**
 * @param {string} name @param {Reason} reason @param {{detail?: string, credential?: string}} [more]
 * @returns {Check}
 */
export function undecided(name, reason, more = {}) {
  return { name, outcome: "indeterminate", reason, ...more };
}

/** The worst of the checks. No checks at all is a failure. @param {Check[]} checks @returns {Outcome} */
export function outcomeOf(checks) {
  const seen = new Set(checks.map((check) => check.outcome));
  if (seen.has("failed") || !seen.size) return "failed";
  return seen.has("indeterminate") ? "indeterminate" : "passed";
}

/** Every reason once, those of failed checks first. @param {Check[]} checks @returns {Reason[]} */
export function reasonsOf(checks) {
  const ordered = ["failed", "indeterminate"].flatMap((outcome) =>
    checks.filter((check) => check.outcome === outcome && check.reason).map((check) => check.reason),
  );
  return /** @type {Reason[]} */ ([...new Set(ordered)]);
}

/** RFC 3339 in UTC with whole seconds. @param {number} seconds */
export function formatInstant(seconds) {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
