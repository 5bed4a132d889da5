// @ts-check
/**
 * Which screen a verdict gets. Pure: a verdict in, words' keys out.
 *
 * Three classes that must never be mixed up: not valid (red), genuine but not told (amber), and
 * not read at all (no screen). A verdict whose code is old, used or not genuine shows no claims.
 */

/**
 * @typedef {{name: string, outcome: string, reason?: string, detail?: string, credential?: string}} Check
 * @typedef {{outcome: string, purpose: string | null, checked_at: string, status_as_of: string | null,
 *   epoch: number | null, reasons?: string[], checks: Check[],
 *   claims: Record<string, Record<string, unknown>> | null}} Verdict
 * @typedef {"good" | "bad" | "warn"} Look
 * @typedef {{name: string, look: Look, sign: string, showsClaims: boolean, check: Check | null}} Screen
 */

/**
 * In this order: the first reason that is found decides. A card for another purpose is also made for
 * another audience; that is somebody's mistake, while the right card for another audience is a trick.
 * @type {[string[], string, Look, string, boolean][]}
 */
const SCREENS = [
  [["replayed"], "replayed", "bad", "cross", false],
  [["malformed", "bad_signature", "holder_not_bound", "wrong_nonce", "key_compromised"], "forged", "bad", "cross", false],
  [["issuer_not_trusted", "issuer_not_authorised_for_type"], "unknown_issuer", "warn", "question", false],
  [["stale_code"], "stale_code", "bad", "clock", false],
  [["type_not_accepted"], "wrong_card", "warn", "question", false],
  [["wrong_audience"], "forged", "bad", "cross", false],
  [["revoked"], "revoked", "bad", "cross", true],
  [["suspended"], "suspended", "bad", "pause", true],
  [["expired"], "expired", "bad", "clock", true],
  [["not_yet_valid"], "not_yet", "bad", "clock", true],
  [["join_failed"], "join_failed", "bad", "cross", true],
  [["claim_missing"], "missing", "bad", "cross", true],
  [["rollback", "fork"], "untrusted_list", "warn", "alert", true],
  [["status_unknown", "status_not_anchored"], "unchecked", "warn", "alert", true],
  [["status_stale", "overdue"], "valid_old", "warn", "alert", true],
];

const DOCUMENTS = ["type_metadata", "schema"];

/** @param {Verdict} verdict @returns {Screen} */
export function chooseScreen(verdict) {
  if (verdict.outcome === "passed") {
    return { name: "valid", look: "good", sign: "check", showsClaims: true, check: null };
  }
  // What a type or schema asks could not be told: nothing of it is known to be forged.
  const open = verdict.checks.find((check) => DOCUMENTS.includes(check.name) && check.outcome !== "passed");
  if (open && verdict.outcome === "indeterminate" && verdict.claims) {
    return { name: "unchecked", look: "warn", sign: "alert", showsClaims: true, check: open };
  }
  for (const [reasons, name, look, sign, showsClaims] of SCREENS) {
    const check = findCheck(verdict, reasons);
    if (check) return { name, look, sign, showsClaims, check };
  }
  return { name: "forged", look: "bad", sign: "cross", showsClaims: false, check: null };
}

/** The outcome that counts first: a failed check before one that could not be told. */
function findCheck(/** @type {Verdict} */ verdict, /** @type {string[]} */ reasons) {
  const found = verdict.checks.filter((check) => reasons.includes(check.reason ?? ""));
  return found.find((check) => check.outcome === "failed") ?? found[0] ?? null;
}

/**
 * The person and the plate that the inspector compares, from the claims of any of the cards.
 * @param {Verdict} verdict
 */
export function findFacts(verdict) {
  const all = Object.values(verdict.claims ?? {});
  /** @param {string} name */
  const find = (name) => {
    const value = all.map((claims) => claims[name]).find((claim) => claim !== undefined);
    return typeof value === "string" ? value : "";
  };
  const name = find("name") || find("business_name") || [find("family_name"), find("given_name")].join(" ").trim();
  return {
    name,
    plate: find("plate"),
    category: find("category") || find("activity"),
    zone: find("zone"),
    until: find("until") || find("valid_until"),
  };
}
