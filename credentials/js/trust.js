// @ts-check
/**
 * Who may issue what, and with which keys: the twin of `credentials/trust.py` and
 * `trust_document.py`, reading only. Times are seconds.
 *
 * A phone follows no certificate path: a certificate in a credential's header counts when the
 * registry lists exactly its bytes beside a key. That accepts less than a counter does, never more.
 */

import * as base64 from "../../encoding/js/base64.js";
import { equalBytes } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { isObject } from "../../encoding/js/strict_json.js";
import { optionalTime, parseNumericDate } from "./instants.js";
import { parseJwk } from "./keys.js";

const MAX_KEYS = 32;

/**
 * @typedef {import("./keys.js").PublicKey} PublicKey
 * @typedef {{key: PublicKey, use: string, validFrom: number, validUntil: number | null,
 *   compromisedAt: number | null, x5c: Uint8Array[], announcedAt: number | null,
 *   signUntil: number | null}} TrustedKey
 * @typedef {{types: string[], validFrom: number, validUntil: number | null,
 *   claims: string[] | null}} Accreditation
 * @typedef {{identifiers: string[], name: Record<string, string>, keys: TrustedKey[],
 *   x5cAnchors: Uint8Array[], accreditations: Accreditation[]}} TrustedIssuer
 * @typedef {{version: number, issuedAt: number, expiresAt: number, issuers: TrustedIssuer[]}} TrustRegistry
 */

/** @param {unknown} value the payload of a `trust-registry+jwt` @returns {Promise<TrustRegistry>} */
export async function parseTrustRegistry(value) {
  const members = readMembers(value);
  const { version } = members;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 0) {
    throw fault("a trust registry has a version");
  }
  const registry = {
    version,
    issuedAt: parseNumericDate(members.iat, "iat"),
    expiresAt: parseNumericDate(members.exp, "exp"),
    issuers: await Promise.all(readList(members, "issuers").map(parseIssuer)),
  };
  const names = registry.issuers.flatMap((issuer) => issuer.identifiers);
  if (new Set(names).size !== names.length) throw fault("two issuers share an identifier");
  return registry;
}

/** @param {unknown} value @returns {Promise<TrustedIssuer>} */
async function parseIssuer(value) {
  const members = readMembers(value);
  const keys = readList(members, "keys");
  if (keys.length > MAX_KEYS) throw fault("an issuer has too many keys");
  return {
    identifiers: readTexts(members, "identifiers"),
    name: readMembers(members.name ?? {}),
    keys: await Promise.all(keys.map(parseKey)),
    x5cAnchors: readCertificates(members, "x5c_anchors"),
    accreditations: readList(members, "accreditations").map(parseAccreditation),
  };
}

/** @param {unknown} value @returns {Promise<TrustedKey>} */
async function parseKey(value) {
  const members = readMembers(value);
  if (members.use !== "credential" && members.use !== "status") {
    throw fault("a key is for credentials or for status lists");
  }
  return {
    key: await parseJwk(members.jwk),
    use: members.use,
    validFrom: parseNumericDate(members.valid_from, "valid_from"),
    validUntil: optionalTime(members, "valid_until"),
    compromisedAt: optionalTime(members, "compromised_at"),
    x5c: readCertificates(members, "x5c"),
    announcedAt: optionalTime(members, "announced_at"),
    signUntil: optionalTime(members, "sign_until"),
  };
}

/** @param {unknown} value @returns {Accreditation} */
function parseAccreditation(value) {
  const members = readMembers(value);
  return {
    types: readTexts(members, "types"),
    validFrom: parseNumericDate(members.valid_from, "valid_from"),
    validUntil: optionalTime(members, "valid_until"),
    claims: Object.hasOwn(members, "claims") ? readTexts(members, "claims") : null,
  };
}

/** @param {TrustRegistry} registry @param {string} identifier */
function findIssuer(registry, identifier) {
  return registry.issuers.find((issuer) => issuer.identifiers.includes(identifier)) ?? null;
}

/**
 * The issuer that a credential names; where it names none, the one that lists its certificate.
 * @param {TrustRegistry} registry
 * @param {{issuer: string, keyHint: import("./reading.js").IssuerKeyHint}} credential
 */
export function findIssuerOf(registry, { issuer, keyHint }) {
  if (issuer) return findIssuer(registry, issuer);
  const [leaf] = keyHint.x5c;
  const found = registry.issuers.filter(({ keys }) =>
    keys.some(({ x5c }) => leaf && x5c[0] && equalBytes(x5c[0], leaf)),
  );
  return found.length === 1 ? found[0] : null;
}

/**
 * Whether the issuer was accredited at `at` for every one of these types, and for any.
 * @param {TrustedIssuer} issuer @param {string[]} types @param {{at: number, skew: number}} when
 */
export function isAccredited(issuer, types, { at, skew }) {
  const accredited = issuer.accreditations
    .filter((accreditation) => holds(accreditation, { at, skew }))
    .flatMap((accreditation) => accreditation.types);
  return types.length > 0 && types.every((type) => accredited.includes(type));
}

/**
 * The claims that the issuer may state at `at` in a credential of these types; null: any. Several
 * accreditations of one type add up; of several types each must allow a claim.
 * @param {TrustedIssuer} issuer @param {string[]} types @param {{at: number, skew: number}} when
 */
export function claimLimit(issuer, types, when) {
  const named = types
    .map((type) => limitOfType(issuer, type, when))
    .filter((limit) => limit !== null);
  return named.length ? named.reduce((one, other) => one.filter((name) => other.includes(name))) : null;
}

/** @param {TrustedIssuer} issuer @param {string} type @param {{at: number, skew: number}} when @returns {string[] | null} */
function limitOfType(issuer, type, when) {
  const allowed = issuer.accreditations
    .filter((accreditation) => accreditation.types.includes(type) && holds(accreditation, when))
    .map(({ claims }) => claims);
  return allowed.includes(null) ? null : allowed.flatMap((claims) => claims ?? []);
}

/** @param {Accreditation} accreditation @param {{at: number, skew: number}} when */
function holds({ validFrom, validUntil }, { at, skew }) {
  return validFrom - skew <= at && isBefore(at, validUntil);
}

/** The last path segments of the accredited types. @param {TrustedIssuer} issuer @param {number} at */
export function accreditedNames(issuer, at) {
  return issuer.accreditations
    .filter(({ validUntil }) => isBefore(at, validUntil))
    .flatMap(({ types }) => types.map((type) => type.slice(type.lastIndexOf("/") + 1)));
}

/** Every certificate of the registry: what a code may name by reference. @param {TrustRegistry} registry */
export function trustedCertificates(registry) {
  return registry.issuers.flatMap((issuer) => [
    ...issuer.x5cAnchors,
    ...issuer.keys.flatMap((key) => key.x5c),
  ]);
}

/**
 * The listed keys to try, best first, or why there is none.
 * @param {TrustedIssuer} issuer @param {import("./reading.js").IssuerKeyHint} hint
 * @returns {{keys: TrustedKey[], problem: string | null}}
 */
export function chooseKeys(issuer, hint) {
  if (hint.x5c.length && issuer.x5cAnchors.length) {
    const certified = issuer.keys.filter((key) => key.x5c[0] && equalBytes(key.x5c[0], hint.x5c[0]));
    return { keys: certified, problem: certified.length ? null : "untrusted_anchor" };
  }
  const listed = issuer.keys.filter(({ key }) => key.algorithm === hint.algorithm);
  if (!listed.length) return { keys: [], problem: "no_key_listed" };
  const named = listed.filter(({ key }) => isNamed(key, hint));
  return { keys: named.length ? named : listed, problem: null };
}

/** @param {PublicKey} key @param {import("./reading.js").IssuerKeyHint} hint */
function isNamed(key, hint) {
  return hint.keyId !== null && hint.keyId.slice(hint.keyId.lastIndexOf("#") + 1) === key.thumbprint;
}

/**
 * Why a signature of this key proves nothing now, or null. `signedAt`: what the signature says of
 * its own time, where it does; a key that had stopped signing by then did not mean it. A phone
 * holds no proofs of existence, so a stolen key's signatures never count here.
 * @param {TrustedKey} trusted @param {{now: number, skew: number, signedAt?: number | null}} when
 */
export function keyProblem(trusted, { now, skew, signedAt = null }) {
  if (trusted.compromisedAt !== null && trusted.compromisedAt <= now) return "key_compromised";
  if (now < trusted.validFrom - skew) return "key_not_yet_valid";
  if (!isBefore(now, trusted.validUntil)) return "key_no_longer_valid";
  if (trusted.signUntil === null || signedAt === null || signedAt - trusted.signUntil < skew) return null;
  return "key_no_longer_valid";
}

/** @param {number} at @param {number | null} end */
function isBefore(at, end) {
  return end === null || at < end;
}

/** @param {unknown} value @returns {Record<string, any>} */
function readMembers(value) {
  if (!isObject(value)) throw fault("an object is expected");
  return value;
}

/** @param {Record<string, any>} members @param {string} name @returns {any[]} */
function readList(members, name) {
  if (!Array.isArray(members[name])) throw fault(`${name} is a list`);
  return members[name];
}

/** @param {Record<string, any>} members @param {string} name @returns {string[]} */
function readTexts(members, name) {
  const texts = readList(members, name);
  if (!texts.every((text) => typeof text === "string")) throw fault(`${name} holds texts`);
  return texts;
}

/** @param {Record<string, any>} members @param {string} name */
function readCertificates(members, name) {
  if (!Object.hasOwn(members, name)) return [];
  return readTexts(members, name).map((text) => base64.decode(text));
}

/** @param {string} message */
function fault(message) {
  return new Malformed(message, "malformed_registry");
}
