// @ts-check
/**
 * CBOR Web Tokens (RFC 8392) as credentials, with the key binding token of the SD-CWT draft around
 * them: the twin of `credentials/cwt.py`. Reading is not believing.
 *
 * A token whose issuer is named by a certificate only is read, but no phone follows its path: its
 * issuer is unknown.
 */

import * as base64url from "../../encoding/js/base64url.js";
import { sha256 } from "../../encoding/js/bytes.js";
import { CborFloat, MAX_BYTES, Tagged } from "../../encoding/js/cbor.js";
import { Malformed } from "../../encoding/js/errors.js";
import { parseCoseKey, parseCoseSign1, parseValue, readKeyId, readX5chain, sigStructure } from "./cose.js";
import { optionalTime } from "./instants.js";
import { readLinks, readStatuses } from "./status_references.js";

const ISS = 1, SUB = 2, AUD = 3, EXP = 4, NBF = 5, IAT = 6, CTI = 7, CNF = 8; // prettier-ignore
const VCT = 11, CNONCE = 39, STATUS = 65535; // prettier-ignore
const COSE_KEY = 1;
const CWT_TAG = 61;
const TYPE = 16;
const KCWT = 13;
const FULL_DATE_TAG = 1004;

/** @typedef {number | bigint | string | null} TokenType @type {TokenType[]} */
const CWT_TYPES = [null, 61, "application/cwt"];
/** @type {TokenType[]} */
const KEY_BINDING_TYPES = [294, "application/kb+cwt"];

/** @type {[number, string][]} */
const TEXTS = [[ISS, "iss"], [SUB, "sub"], [AUD, "aud"]]; // prettier-ignore
/** @type {[number, string][]} */
const TIMES = [[EXP, "exp"], [NBF, "nbf"], [IAT, "iat"]]; // prettier-ignore
const CLAIM_NAMES = ["iss", "sub", "aud", "exp", "nbf", "iat", "cti", "cnf", "vct", "cnonce", "status"];

/**
 * @typedef {import("./cose.js").CborValue} CborValue
 * @typedef {import("./cose.js").Header} Claims
 * @typedef {import("./reading.js").Credential} Credential
 * @typedef {{message: import("./cose.js").CoseSign1, type: TokenType, claims: Claims,
 *   signingInput: Uint8Array, keyHint: import("./reading.js").IssuerKeyHint}} Cwt
 */

/** The credential in a CWT, or in a key binding token. @param {Uint8Array} data @returns {Promise<Credential[]>} */
export async function readCwt(data) {
  const cwt = parseToken(parseValue(data, MAX_BYTES), [...CWT_TYPES, ...KEY_BINDING_TYPES]);
  return [KEY_BINDING_TYPES.includes(cwt.type) ? await readBound(cwt) : await readCredential(cwt)];
}

/** The protected `typ`, to choose a reader; nothing else counts yet. @param {CborValue} value */
export function peekCoseType(value) {
  const inner = value instanceof Tagged && value.tag === CWT_TAG ? value.value : value;
  return readType(parseCoseSign1(inner, { tagged: null }));
}

/** RFC 9596: text, or a Content-Format. @param {import("./cose.js").CoseSign1} message @returns {TokenType} */
export function readType(message) {
  const value = message.protectedHeader.get(TYPE) ?? null;
  if (typeof value === "string") return value.toLowerCase();
  if (value === null || typeof value === "number" || typeof value === "bigint") return value;
  throw new Malformed("a typ is neither text nor a number", "invalid_typ");
}

/** @param {import("./cose.js").CoseSign1} message @returns {import("./reading.js").IssuerKeyHint} */
function readKeyHint(message) {
  const keyId = readKeyId(message);
  const isPrintable = keyId?.every((byte) => byte >= 0x20 && byte < 0x7f);
  const text = keyId && (isPrintable ? String.fromCharCode(...keyId) : base64url.encode(keyId));
  return { algorithm: message.algorithm, keyId: text || null, x5c: readX5chain(message) };
}

/**
 * A claim as JSON has it: bytes in base64url, full dates as text; the rest is refused.
 * `ofFloat`: what a float becomes.
 * @param {CborValue} value @param {(value: number) => number} [ofFloat] @returns {any}
 */
function toJson(value, ofFloat = (number) => number) {
  if (value === null || ["boolean", "string", "number"].includes(typeof value)) return value;
  if (value instanceof CborFloat) return ofFloat(value.value);
  if (value instanceof Uint8Array) return base64url.encode(value);
  if (Array.isArray(value)) return value.map((item) => toJson(item, ofFloat));
  if (value instanceof Tagged && value.tag === FULL_DATE_TAG && typeof value.value === "string") {
    return value.value;
  }
  if (value instanceof Map && [...value.keys()].every((key) => typeof key === "string")) {
    return Object.fromEntries([...value].map(([key, item]) => [key, toJson(item, ofFloat)]));
  }
  throw new Malformed("a claim has no form in JSON", "unsupported_claim");
}

/** An index is a whole number: 3.0 is none, and must not look like 3. @param {CborValue} value */
function toReference(value) {
  return toJson(value, () => Number.NaN);
}

/** @param {CborValue} value @param {TokenType[]} types @returns {Cwt} */
function parseToken(value, types) {
  const isWrapped = value instanceof Tagged && value.tag === CWT_TAG; // before a COSE tag (RFC 8392)
  const message = parseCoseSign1(isWrapped ? value.value : value, { tagged: isWrapped || null });
  const type = readType(message);
  if (!types.includes(type)) throw new Malformed("a CWT has another typ than expected", "invalid_typ");
  if (message.payload === null) throw new Malformed("a CWT carries its claims", "invalid_cose");
  const claims = parseValue(message.payload);
  if (!(claims instanceof Map)) throw new Malformed("the claims of a CWT must be a map", "invalid_claims");
  checkClaims(claims);
  const signingInput = sigStructure(message.protected, message.payload);
  return { message, type, claims, signingInput, keyHint: readKeyHint(message) };
}

/** RFC 8392 section 3.1: the types of registered claims; no claim under JWT's name for it. @param {Claims} claims */
function checkClaims(claims) {
  for (const [key, name] of TEXTS) {
    if (claims.has(key) && (typeof claims.get(key) !== "string" || !claims.get(key))) {
      throw new Malformed(`${name} must be text`, "invalid_claims");
    }
  }
  for (const key of [CTI, CNONCE]) {
    if (claims.has(key) && !(claims.get(key) instanceof Uint8Array)) {
      throw new Malformed("cti and cnonce must be bytes", "invalid_claims");
    }
  }
  if (CLAIM_NAMES.some((name) => claims.has(name))) {
    throw new Malformed("a registered claim has a text name", "invalid_claim_name");
  }
}

/** @param {Cwt} cwt @returns {Promise<Credential>} */
async function readCredential({ claims, message, keyHint, signingInput }) {
  const vct = claims.get(VCT);
  if (typeof vct !== "string" || !vct) throw new Malformed("a CWT credential has no vct", "missing_vct");
  if (!claims.has(ISS) && !keyHint.x5c.length) {
    throw new Malformed("a CWT credential has no iss", "missing_iss");
  }
  const own = [...claims].filter(([key]) => typeof key === "string");
  const named = Object.fromEntries(own.map(([key, value]) => [key, toJson(value)]));
  const times = readTimes(claims);
  const shown = TEXTS.slice(1).filter(([key]) => claims.has(key));
  const status = claims.has(STATUS) ? { status: toReference(claims.get(STATUS) ?? null) } : {};
  const linked = claims.has("linked") ? { linked: toReference(claims.get("linked") ?? null) } : {};
  return {
    issuer: String(claims.get(ISS) ?? ""),
    types: [vct],
    claims: Object.fromEntries([
      ...shown.map(([key, name]) => [name, claims.get(key)]),
      ...Object.entries(named).filter(([name]) => name !== "linked"),
    ]),
    ...times,
    statuses: readStatuses(status),
    links: readLinks(linked),
    holderKey: await readConfirmation(claims),
    keyHint,
    signingInput,
    signature: message.signature,
    keyBinding: null,
  };
}

/**
 * The holder's proof around its credential. A proof that has times of its own takes the credential along.
 * @param {Cwt} proof @returns {Promise<Credential>}
 */
async function readBound(proof) {
  const inner = proof.message.protectedHeader.get(KCWT);
  if (inner === undefined) throw new Malformed("a key binding holds no credential", "missing_kcwt");
  const credential = await readCredential(parseToken(inner, CWT_TYPES));
  if (proof.claims.has(ISS) || proof.claims.has(SUB)) {
    throw new Malformed("a key binding has a holder, no issuer", "invalid_claims");
  }
  const { issuedAt, validFrom, validUntil } = readTimes(proof.claims);
  const audience = proof.claims.get(AUD);
  const nonce = proof.claims.get(CNONCE);
  if (issuedAt === null) throw new Malformed("a key binding has no iat", "missing_iat");
  if (typeof audience !== "string") throw new Malformed("a key binding has no aud", "missing_aud");
  if (!(nonce instanceof Uint8Array) || !nonce.length) {
    throw new Malformed("a key binding has no nonce", "missing_nonce");
  }
  const keyBinding = {
    audience,
    nonce: base64url.encode(nonce),
    issuedAt,
    signingInput: proof.signingInput,
    signature: proof.message.signature,
    algorithm: proof.message.algorithm,
    coversPresentation: true,
    digest: base64url.encode(await sha256(proof.signingInput)),
  };
  return {
    ...credential,
    validFrom: choose(Math.max, credential.validFrom, validFrom),
    validUntil: choose(Math.min, credential.validUntil, validUntil),
    keyBinding,
  };
}

/** @param {Claims} claims */
function readTimes(claims) {
  const present = TIMES.filter(([key]) => claims.has(key));
  const members = Object.fromEntries(present.map(([key, name]) => [name, toJson(claims.get(key) ?? null)]));
  return {
    issuedAt: optionalTime(members, "iat"),
    validFrom: optionalTime(members, "nbf"),
    validUntil: optionalTime(members, "exp"),
  };
}

/** @param {(...times: number[]) => number} pick @param {...(number | null)} times */
function choose(pick, ...times) {
  const known = times.flatMap((time) => (time === null ? [] : [time]));
  return known.length ? pick(...known) : null;
}

/** RFC 8747. A `cnf` that names its key in another way than COSE_Key binds nobody here. @param {Claims} claims */
async function readConfirmation(claims) {
  if (!claims.has(CNF)) return null;
  const confirmation = claims.get(CNF);
  if (!(confirmation instanceof Map)) throw new Malformed("cnf must be a map", "invalid_cnf");
  return confirmation.has(COSE_KEY) ? parseCoseKey(confirmation.get(COSE_KEY) ?? null) : null;
}
