// @ts-check
/**
 * COSE_Sign1 messages and COSE keys (RFC 9052 and 9053), strictly and without believing them: the
 * twin of `credentials/cose.py`.
 *
 * Messages of every algorithm are read; keys are those that a phone verifies with, P-256 and
 * Ed25519 (`keys.js`).
 */

import * as base64url from "../../encoding/js/base64url.js";
import { CborFloat, Tagged, buildCbor, parseCbor } from "../../encoding/js/cbor.js";

import { Malformed } from "../../encoding/js/errors.js";
import { parseJwk } from "./keys.js";
import { decompress } from "./p256.js";

const SIGN1_TAG = 18;
const MAX_CERTIFICATES = 4;
const ALG = 1, CRIT = 2, KEY_ID = 4, X5CHAIN = 33; // prettier-ignore

/** RFC 9053 section 2 and RFC 9864 section 2. @type {Map<unknown, string>} */
const ALGORITHM_NAMES = new Map([
  [-7, "ES256"], [-9, "ES256"], [-35, "ES384"], [-51, "ES384"],
  [-36, "ES512"], [-52, "ES512"], [-8, "EdDSA"], [-19, "EdDSA"],
]); // prettier-ignore
/** @type {Record<string, number>} */
const SIGNATURE_SIZES = { ES256: 64, ES384: 96, ES512: 132, EdDSA: 64 };

// RFC 9053 section 7: key types, curves and the labels of a key.
const OKP = 1, EC2 = 2, P256 = 1, ED25519 = 6; // prettier-ignore
const KTY = 1, KEY_ALG = 3, KEY_OPS = 4, CRV = -1, X = -2, Y = -3, D = -4; // prettier-ignore
const VERIFY = 2;

/**
 * @typedef {import("../../encoding/js/cbor.js").CborValue} CborValue
 * @typedef {Map<import("../../encoding/js/cbor.js").CborKey, CborValue>} Header
 * @typedef {{protected: Uint8Array, protectedHeader: Header, unprotected: Header,
 *   payload: Uint8Array | null, signature: Uint8Array, algorithm: string}} CoseSign1
 */

/** One strict value, map keys in any order. @param {Uint8Array} data @param {number} [maxBytes] */
export function parseValue(data, maxBytes) {
  return parseCbor(data, { maxBytes, orderFree: true });
}

/**
 * The message in this value. `tagged`: whether it must carry tag 18; null allows both.
 * @param {CborValue} value @param {{tagged: boolean | null}} expected @returns {CoseSign1}
 */
export function parseCoseSign1(value, { tagged }) {
  const parts = untag(value, tagged);
  if (!Array.isArray(parts) || parts.length !== 4) throw notAMessage();
  const [bytes, unprotected, payload, signature] = parts;
  const isMessage =
    bytes instanceof Uint8Array &&
    unprotected instanceof Map &&
    (payload === null || payload instanceof Uint8Array) &&
    signature instanceof Uint8Array;
  if (!isMessage) throw notAMessage();
  const header = parseProtected(bytes);
  if (unprotected.has(ALG) || unprotected.has(CRIT)) {
    throw new Malformed("alg and crit must be protected", "unprotected_header");
  }
  if ([...unprotected.keys()].some((label) => header.has(label))) {
    throw new Malformed("a header is protected and unprotected", "duplicate_header");
  }
  const algorithm = ALGORITHM_NAMES.get(header.get(ALG));
  if (algorithm === undefined) {
    throw new Malformed("a COSE message has an unknown alg", "invalid_signature_alg");
  }
  if (signature.length !== SIGNATURE_SIZES[algorithm]) {
    throw new Malformed("a signature has an impossible length", "invalid_signature");
  }
  return { protected: bytes, protectedHeader: header, unprotected, payload, signature, algorithm };
}

/** @param {CborValue} value @param {boolean | null} tagged */
function untag(value, tagged) {
  if (value instanceof Tagged) {
    if (tagged === false || value.tag !== SIGN1_TAG) {
      throw new Malformed("a COSE message has an unexpected tag", "invalid_cose");
    }
    return value.value;
  }
  if (tagged) throw new Malformed("a COSE message lacks its tag", "invalid_cose");
  return value;
}

/** @param {Uint8Array} data @returns {Header} */
function parseProtected(data) {
  const header = data.length ? parseValue(data) : new Map();
  if (!(header instanceof Map)) throw new Malformed("a protected header must be a map", "invalid_cose");
  if (header.has(CRIT)) throw new Malformed("a critical header is not understood", "unsupported_crit");
  return header;
}

/**
 * The certificates (DER) of header 33, leaf first (RFC 9360), from either header.
 * @param {CoseSign1} message @returns {Uint8Array[]}
 */
export function readX5chain(message) {
  const value = readEither(message, X5CHAIN);
  if (value === null) return [];
  const chain = value instanceof Uint8Array ? [value] : value;
  if (!Array.isArray(chain) || chain.length < 1 || chain.length > MAX_CERTIFICATES) {
    throw new Malformed(`x5chain must hold 1 to ${MAX_CERTIFICATES}`, "invalid_x5c");
  }
  if (Array.isArray(value) && value.length === 1) {
    throw new Malformed("one certificate must be a byte string", "invalid_x5c");
  }
  return chain.map((each) => {
    if (each instanceof Uint8Array && each.length) return each;
    throw new Malformed("x5chain must hold byte strings", "invalid_x5c");
  });
}

/** The `kid` (header 4), from either header: a hint. @param {CoseSign1} message */
export function readKeyId(message) {
  const value = readEither(message, KEY_ID);
  if (value !== null && !(value instanceof Uint8Array)) {
    throw new Malformed("kid must be a byte string", "invalid_kid");
  }
  return value;
}

/** @param {CoseSign1} message @param {number} label */
function readEither({ protectedHeader, unprotected }, label) {
  const header = protectedHeader.has(label) ? protectedHeader : unprotected;
  return header.get(label) ?? null;
}

/**
 * What is signed: RFC 9052 section 4.4.
 * @param {Uint8Array} protectedBytes @param {Uint8Array} payload @param {Uint8Array} [externalAad]
 */
export function sigStructure(protectedBytes, payload, externalAad = new Uint8Array(0)) {
  return buildCbor(["Signature1", protectedBytes, externalAad, payload]);
}

/** Read a public signature key. @param {CborValue} value */
export async function parseCoseKey(value) {
  if (!(value instanceof Map)) throw new Malformed("a COSE key must be a map", "invalid_key");
  const kty = value.get(KTY);
  const crv = value.get(CRV);
  const x = value.get(X);
  if (value.has(D)) {
    throw new Malformed("a public key must not hold its private part", "private_key_in_jwk");
  }
  if (!(x instanceof Uint8Array)) throw new Malformed("a COSE key lacks its x", "invalid_key");
  if (!isWhole(kty) || !isWhole(crv)) {
    throw new Malformed("a COSE key lacks its kind or curve", "invalid_key");
  }
  const key = await parseJwk(buildJwk(kty, crv, x, value.get(Y)));
  refuseOtherUse(value, key);
  return key;
}

/**
 * @param {number | bigint} kty @param {number | bigint} crv @param {Uint8Array} x
 * @param {CborValue | undefined} y
 */
function buildJwk(kty, crv, x, y) {
  if (kty === OKP && crv === ED25519) return { kty: "OKP", crv: "Ed25519", x: base64url.encode(x) };
  if (kty !== EC2 || crv !== P256) {
    throw new Malformed("a key is of an unknown kind or curve", "unsupported_key");
  }
  // RFC 9053 section 7.1.1: y as a truth value is the sign of a compressed point.
  const isSign = typeof y === "boolean";
  if (!isSign && !(y instanceof Uint8Array)) throw new Malformed("a COSE key lacks its y", "invalid_key");
  const point = isSign ? x.length === 32 && decompress(x, y) : y;
  if (!point) throw new Malformed("the key is not a point of its curve", "invalid_key");
  return { kty: "EC", crv: "P-256", x: base64url.encode(x), y: base64url.encode(point) };
}

/** @param {Header} value @param {import("./keys.js").PublicKey} key */
function refuseOtherUse(value, key) {
  if (value.has(KEY_ALG) && ALGORITHM_NAMES.get(value.get(KEY_ALG)) !== key.algorithm) {
    throw new Malformed("a key names an algorithm that does not fit it", "invalid_key");
  }
  const operations = value.has(KEY_OPS) ? value.get(KEY_OPS) : [VERIFY];
  if (!Array.isArray(operations) || !operations.some(meansVerify)) {
    throw new Malformed("a key is not meant for verifying", "invalid_key");
  }
}

/** By value, as Python compares: 2.0 is 2. @param {CborValue} operation */
function meansVerify(operation) {
  return (operation instanceof CborFloat ? operation.value : operation) === VERIFY;
}

/** @param {CborValue | undefined} value @returns {value is number | bigint} */
function isWhole(value) {
  return typeof value === "number" || typeof value === "bigint";
}

function notAMessage() {
  return new Malformed("this is not a COSE_Sign1", "invalid_cose");
}
