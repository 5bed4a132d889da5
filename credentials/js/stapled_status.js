// @ts-check
/** What a staple says of one credential: the twin of `credentials/stapled_status.py`. */

import { equalBytes } from "../../encoding/js/bytes.js";
import { AnchorError } from "../../ledger/js/errors.js";
import { verifyStaple } from "../../ledger/js/staple.js";
import { parseStaple } from "../../ledger/js/staple_form.js";
import { buildTrustLeafOf, parseStatement } from "./trust_leaf.js";

/**
 * @typedef {{uri: string, index: number, isBitstring: boolean, issuer: string, type: string,
 *   signedWith: Uint8Array}} StapledCredential
 * @typedef {{entry: import("../../ledger/js/staple.js").StapledEntry,
 *   statement: import("./trust_leaf.js").TrustStatement}} StapledStatus
 */

/**
 * The status that the bytes of a staple prove for this credential; else AnchorError.
 * @param {Uint8Array} data
 * @param {{credential: StapledCredential, policy: import("../../ledger/js/note.js").QuorumPolicy,
 *   head: import("../../ledger/js/staple.js").EpochHead | null}} expected
 * @returns {Promise<StapledStatus>}
 */
export async function verifyStapledStatus(data, { credential, policy, head }) {
  const { uri, index, isBitstring, issuer, type, signedWith } = credential;
  const staple = parseStaple(data);
  const named = { identifier: issuer, type, signedWith };
  const statement = parseStatement(staple.trust.statement, named);
  const trust = await buildTrustLeafOf(statement);
  const entry = await verifyStaple(staple, { policy, uri, index, isBitstring, trust, head });
  if (!statement.credentialKeys.some((key) => equalBytes(key, signedWith))) {
    throw new AnchorError("the trust leaf does not list this key", "key_not_listed");
  }
  const { seconds } = entry.anchor;
  const end = statement.notAfter;
  if (seconds < statement.notBefore || (end !== null && seconds >= end)) {
    throw new AnchorError("the issuer is not accredited at this time", "not_accredited");
  }
  return { entry, statement };
}
