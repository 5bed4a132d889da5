// @ts-check
/**
 * The offline bundle on this phone: fetched, checked, kept, and turned into material.
 *
 * A bundle is believed when the verifier's bundle key signed it, it is of this city, has not ended,
 * and is not older than the one that is kept (S-134). Inside it every status list still has to
 * prove itself against the public log: the signature around it cannot make a bad card good.
 */

import { parseJws, verifyJws } from "/modules/credentials/js/jose.js";
import { parseJwk } from "/modules/credentials/js/keys.js";
import { parseTrustRegistry, trustedCertificates } from "/modules/credentials/js/trust.js";
import { parseAnchorProof } from "/modules/ledger/js/anchor.js";
import { parsePolicy } from "/modules/ledger/js/quorum.js";

const TYPE = "offline-bundle+jwt";
const TRUST_TYPE = "trust-registry+jwt";
const MAX_BYTES = 32 << 20;
const MAX_MEMBERS = 1_000_000;
const KEPT = "bundle";

/**
 * @typedef {{id: string, title: Record<string, string>, view: {type: string, audience: string,
 *   policy: any, face?: boolean, values: {path: (string | number | null)[], values: unknown[]}[]} | null}} Purpose
 * @typedef {{issuedAt: number, expiresAt: number, version: number, trust: any, trustSeconds: number,
 *   certificates: Uint8Array[], log: any, lists: Map<string, {token: string, proof: any}[]>,
 *   epochSeconds: number, epoch: number, purposes: Map<string, Purpose>,
 *   labels: {types: Record<string, Record<string, string>>,
 *     claims: Record<string, Record<string, Record<string, string>>>}}} Bundle
 * @typedef {"updated" | "unchanged" | "unreachable" | "refused"} Refreshed
 */

export class BundleShelf {
  /** @param {import("./phone_store.js").PhoneStore} store @param {import("./clock.js").PhoneClock} clock */
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
    /** @type {Bundle | null} */
    this.bundle = null;
    this.etag = "";
    this.keyId = "";
    this.isReachable = navigator.onLine;
  }

  /** Take what the phone kept. Something that cannot be read any more is as good as nothing. */
  async load() {
    const kept = await this.store.load(KEPT);
    if (!kept) return;
    try {
      this.bundle = await readBundle(kept.text, await parseJwk(kept.key));
      this.etag = kept.etag;
      this.keyId = kept.keyId;
    } catch (error) {
      console.warn("the kept bundle cannot be read", error);
    }
  }

  /** Ask for a newer bundle. @returns {Promise<Refreshed>} */
  async refresh() {
    const answer = await this.#ask();
    this.isReachable = answer !== null;
    if (answer === null) return "unreachable";
    if (answer.status === 304) return "unchanged";
    if (!answer.ok) return "unreachable";
    try {
      await this.#take(await answer.text(), answer.headers.get("ETag") ?? "");
      return "updated";
    } catch (error) {
      console.warn("the bundle is refused", error);
      return "refused";
    }
  }

  async #ask() {
    /** @type {HeadersInit} */
    const headers = this.bundle && this.etag ? { "If-None-Match": this.etag } : {};
    try {
      const answer = await fetch("/api/v1/bundle", {
        headers,
        cache: "no-store",
        signal: AbortSignal.timeout(8000),
      });
      this.clock.learn(answer.headers.get("Date"));
      return answer;
    } catch {
      return null;
    }
  }

  /** @param {string} text @param {string} etag */
  async #take(text, etag) {
    const keyId = String(parseShape(text).header.kid ?? "");
    const key = await this.#findKey(keyId);
    const bundle = await readBundle(text, await parseJwk(key));
    if (this.bundle && keyId === this.keyId && bundle.version < this.bundle.version) {
      throw new Error("the bundle is older than the one that is kept");
    }
    await this.store.keep(KEPT, { text, etag, key, keyId });
    this.bundle = bundle;
    this.etag = etag;
    this.keyId = keyId;
  }

  /** The kept key, or the one that the counter names now when it signs with another. */
  async #findKey(/** @type {string} */ keyId) {
    const kept = await this.store.load(KEPT);
    if (kept && kept.keyId === keyId) return kept.key;
    const answer = await fetch("/api/v1/registration", { cache: "no-store" });
    return (await answer.json()).bundle_key;
  }
}

/** @param {string} text */
function parseShape(text) {
  return parseJws(text, { types: [TYPE], maxBytes: MAX_BYTES, maxMembers: MAX_MEMBERS });
}

/**
 * The bundle in a text that this key signed.
 * @param {string} text @param {any} key @returns {Promise<Bundle>}
 */
export async function readBundle(text, key) {
  const jws = parseShape(text);
  if (!(await verifyJws(jws, key))) throw new Error("the bundle is not signed by this counter");
  const payload = /** @type {any} */ (jws.payload);
  if (payload.iss !== location.origin) throw new Error("the bundle is of another city");
  const trust = await readTrust(payload.trust, payload.trust_keys);
  return {
    issuedAt: payload.iat,
    expiresAt: payload.exp,
    version: payload.version,
    trust,
    trustSeconds: trust.issuedAt,
    certificates: trustedCertificates(trust),
    log: await parsePolicy(payload.log_policy),
    lists: readLists(payload.snapshot.lists),
    epochSeconds: payload.snapshot.time,
    epoch: payload.snapshot.epoch,
    purposes: new Map(payload.purposes.map((/** @type {Purpose} */ purpose) => [purpose.id, purpose])),
    labels: payload.labels,
  };
}

/** @param {any[]} items */
function readLists(items) {
  const lists = new Map();
  for (const { uri, token, proof } of items) {
    if (typeof token === "string") lists.set(uri, [{ token, proof: parseAnchorProof(proof) }]);
  }
  return lists;
}

/** The trust registry, signed by one of the register's keys. @param {string} text @param {unknown[]} jwks */
async function readTrust(text, jwks) {
  const jws = parseJws(text, { types: [TRUST_TYPE], maxBytes: MAX_BYTES, maxMembers: MAX_MEMBERS });
  for (const jwk of jwks) {
    if (await verifyJws(jws, await parseJwk(jwk))) return parseTrustRegistry(jws.payload);
  }
  throw new Error("the trust registry is not signed by the city");
}
