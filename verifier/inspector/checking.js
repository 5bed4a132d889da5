// @ts-check
/**
 * Check a code: on this phone from the bundle, and at the city's counter when there is signal.
 *
 * The phone's own verdict comes first and needs no call. Only when it is not bad does the counter
 * get a moment to make it worse, or to make sure: it knows the newest status and every code that
 * was used anywhere. The counter is asked once a code and never twice, since it remembers codes.
 */

import { findSigningKey } from "/modules/credentials/js/issuer_judgement.js";
import { readQrText } from "/modules/credentials/js/packing.js";
import { readPresentation } from "/modules/credentials/js/reading.js";
import { verify } from "/modules/credentials/js/verification.js";
import * as base64url from "/modules/encoding/js/base64url.js";
import { sha256 } from "/modules/encoding/js/bytes.js";

const REPLAY_MEMORY = 24 * 3600;
const COUNTER_PATIENCE = 2500;
const NOT_THE_HOLDERS = ["malformed", "bad_signature", "holder_not_bound"];

/**
 * @typedef {import("./screens.js").Verdict} Verdict
 * @typedef {{verdict: Verdict, isFromCounter: boolean}} Checked
 */

/** The text is no code of a city wallet: there is no verdict at all. */
export class NotACityCode extends Error {}

export class Checking {
  /**
   * @param {import("./bundle_shelf.js").BundleShelf} shelf
   * @param {import("./phone_store.js").PhoneStore} store
   * @param {import("./clock.js").PhoneClock} clock
   */
  constructor(shelf, store, clock) {
    this.shelf = shelf;
    this.store = store;
    this.clock = clock;
  }

  /**
   * The phone's own verdict; and the card beside which a face may be shown, where the purpose asks
   * for a face and the card is genuine and its holder's.
   * @param {string} text @param {string} purposeId
   * @returns {Promise<{verdict: Verdict, beside: import("./face_collector.js").Beside | null}>}
   */
  async checkHere(text, purposeId) {
    const bundle = this.shelf.bundle;
    const view = bundle?.purposes.get(purposeId)?.view;
    if (!bundle || !view) throw new Error("this phone knows nothing about this purpose");
    const { presentation, credential } = await readCode(text, bundle.certificates);
    const used = await replayKey(credential);
    const now = this.clock.now();
    const isReplayed = used !== null && (await this.store.isUsed(used));
    const material = { trust: bundle.trust, lists: bundle.lists, log: bundle.log, isReplayed };
    const rule = view.policy.credentials[0];
    const question = { now, audience: view.audience, nonce: null, purpose: purposeId };
    const found = await verify({ [rule.id]: presentation }, material, view.policy, question);
    const verdict = demandValues(found, view.values);
    if (used !== null && isShownByHolder(verdict)) {
      await this.store.use(used, now, now + REPLAY_MEMORY);
    }
    if (!view.face || !isShownByHolder(verdict)) return { verdict, beside: null };
    const key = await findSigningKey(credential, { material, policy: view.policy, now });
    return { verdict, beside: { credential, key } };
  }

  /**
   * What the counter says, or null when it cannot be asked or takes too long.
   * @param {string} text @param {string} purpose @param {string} csrfToken
   * @returns {Promise<Verdict | null>}
   */
  async checkAtCounter(text, purpose, csrfToken) {
    try {
      const answer = await fetch("/api/v1/checks", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken },
        body: JSON.stringify({ qr: text, purpose }),
        signal: AbortSignal.timeout(COUNTER_PATIENCE),
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}

/**
 * @param {string} text @param {Uint8Array[]} certificates
 * @returns {Promise<{presentation: string, credential: any}>}
 */
async function readCode(text, certificates) {
  try {
    const presentation = await readQrText(text, certificates);
    const credentials = await readPresentation(presentation);
    return { presentation, credential: credentials[0] };
  } catch (error) {
    throw new NotACityCode("this is no code of a city wallet", { cause: error });
  }
}

/** What was signed names the code: another valid signature of it is the same code. */
async function replayKey(/** @type {any} */ credential) {
  const binding = credential.keyBinding;
  return binding ? base64url.encode(await sha256(binding.signingInput)) : null;
}

function isShownByHolder(/** @type {Verdict} */ verdict) {
  return !verdict.checks.some((check) => NOT_THE_HOLDERS.includes(check.reason ?? ""));
}

/**
 * Claims that must have one of some values, as `values` of a DCQL claim.
 * @param {Verdict} verdict @param {{path: (string | number | null)[], values: unknown[]}[]} demanded
 * @returns {Verdict}
 */
export function demandValues(verdict, demanded) {
  if (verdict.claims === null) return verdict;
  /** @type {import("./screens.js").Check[]} */
  const missing = [];
  for (const [credential, claims] of Object.entries(verdict.claims)) {
    for (const { path, values } of demanded) {
      const found = path.reduce((/** @type {any} */ value, step) => value?.[step ?? 0], claims);
      if (!values.includes(found)) {
        const detail = `${path.at(-1)} has another value`;
        missing.push({ name: "claims", outcome: "failed", reason: "claim_missing", detail, credential });
      }
    }
  }
  if (missing.length === 0) return verdict;
  const reasons = ["claim_missing", ...(verdict.reasons ?? [])];
  return { ...verdict, outcome: "failed", reasons, checks: [...verdict.checks, ...missing] };
}
