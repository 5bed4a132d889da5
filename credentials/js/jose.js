// @ts-check
/**
 * JSON Web Signatures in compact form, strictly: the twin of `credentials/jose.py`.
 *
 * Refused before any key is looked up: any `alg` but ES256 and EdDSA, any `crit` and `b64`, any
 * `typ` but those that the caller names, duplicate members. Reading is not believing.
 */

import * as base64url from "../../encoding/js/base64url.js";
import { encodeUtf8 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { parseObject } from "../../encoding/js/strict_json.js";
import { verifySignature } from "./keys.js";

export const MAX_BYTES = 65536;
const MAX_HEADER_BYTES = 8192;
const ALGORITHM_NAMES = { ES256: "ES256", EdDSA: "EdDSA", Ed25519: "EdDSA" };

/**
 * @typedef {{header: Record<string, any>, payload: Record<string, any>, signingInput: Uint8Array,
 *   signature: Uint8Array, text: string, algorithm: string, type: string, keyId: string | null}} Jws
 */

/**
 * Read a compact JWS whose `typ` is one of `types`.
 * @param {string} text @param {{types: string[], maxBytes?: number, maxMembers?: number}} expected
 * @returns {Jws}
 */
export function parseJws(text, { types, maxBytes = MAX_BYTES, maxMembers = 10000 }) {
  if (text.length > maxBytes) {
    throw new Malformed(`a token is larger than ${maxBytes} bytes`, "too_large");
  }
  const parts = text.split(".");
  if (parts.length !== 3) throw new Malformed("a compact JWS has three parts", "not_a_jws");
  const header = parseHeader(parts[0]);
  if (typeof header.typ !== "string" || !types.includes(header.typ)) {
    throw new Malformed("a token has another typ than expected", "invalid_typ");
  }
  const payload = parseObject(base64url.decode(parts[1]), { maxBytes, maxMembers });
  return {
    header,
    payload,
    signingInput: encodeUtf8(`${parts[0]}.${parts[1]}`),
    signature: base64url.decode(parts[2]),
    text,
    algorithm: ALGORITHM_NAMES[/** @type {"ES256"} */ (header.alg)],
    type: header.typ,
    keyId: typeof header.kid === "string" ? header.kid : null,
  };
}

/** The `typ` of a compact JWS, to choose a reader. @param {string} text @returns {string} */
export function peekType(text) {
  const { typ } = parseHeader(text.split(".")[0]);
  if (typeof typ !== "string") throw new Malformed("a token has no typ", "invalid_typ");
  return typ;
}

/** @param {string} text */
function parseHeader(text) {
  if (text.length > (MAX_HEADER_BYTES * 4) / 3 + 3) {
    throw new Malformed("a token's header is too large", "too_large");
  }
  const header = parseObject(base64url.decode(text), { maxBytes: MAX_HEADER_BYTES });
  if (typeof header.alg !== "string" || !Object.hasOwn(ALGORITHM_NAMES, header.alg)) {
    throw new Malformed("a token's algorithm is not allowed", "invalid_signature_alg");
  }
  if (Object.hasOwn(header, "crit")) {
    throw new Malformed("a token has critical headers", "unsupported_crit");
  }
  if (Object.hasOwn(header, "b64")) {
    throw new Malformed("a token's payload is not base64url", "unsupported_b64");
  }
  if (Object.hasOwn(header, "kid") && typeof header.kid !== "string") {
    throw new Malformed("a token's kid is not a string", "invalid_kid");
  }
  return header;
}

/**
 * Whether this key signed this token, with the algorithm that belongs to the key.
 * @param {Jws} jws @param {import("./keys.js").PublicKey} key
 */
export async function verifyJws(jws, key) {
  return jws.algorithm === key.algorithm && verifySignature(key, jws.signingInput, jws.signature);
}

/**
 * What a device signs: header and payload, encoded.
 * @param {object} payload @param {{type: string, algorithm?: string, header?: object}} about
 */
export function buildSigningInput(payload, { type, algorithm = "ES256", header = {} }) {
  const encode = (/** @type {object} */ value) => base64url.encode(encodeUtf8(JSON.stringify(value)));
  return `${encode({ alg: algorithm, typ: type, ...header })}.${encode(payload)}`;
}

/** @param {string} signingInput @param {Uint8Array} signature */
export function joinSignature(signingInput, signature) {
  return `${signingInput}.${base64url.encode(signature)}`;
}
