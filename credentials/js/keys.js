// @ts-check
/**
 * Public keys, their thumbprints and the allowed algorithms: the twin of `credentials/keys.py`.
 *
 * ES256 on P-256 and EdDSA on Ed25519, no other. JWK: RFC 7517; thumbprint: RFC 7638.
 */

import * as base64url from "../../encoding/js/base64url.js";
import { encodeUtf8, sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { isObject } from "../../encoding/js/strict_json.js";

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const ALGORITHMS = {
  ES256: { import: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" } },
  EdDSA: { import: { name: "Ed25519" }, verify: { name: "Ed25519" } },
};

/**
 * @typedef {"ES256" | "EdDSA"} Algorithm
 * @typedef {{algorithm: Algorithm, jwk: Record<string, string>, thumbprint: string}} PublicKey
 */

/** @param {unknown} value @returns {Promise<PublicKey>} */
export async function parseJwk(value) {
  if (!isObject(value)) throw new Malformed("a JWK must be a JSON object", "invalid_key");
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(value, name))) {
    throw new Malformed("a public JWK must not hold private members", "private_key_in_jwk");
  }
  const { kty, crv } = value;
  /** @type {Algorithm} */
  const algorithm = kty === "EC" && crv === "P-256" ? "ES256" : "EdDSA";
  if (algorithm === "EdDSA" && !(kty === "OKP" && crv === "Ed25519")) {
    throw new Malformed("only P-256 and Ed25519 keys are known", "unsupported_key");
  }
  /** @type {Record<string, string>} */
  const jwk = { crv: String(crv), kty: String(kty), x: coordinate(value, "x") };
  if (algorithm === "ES256") jwk.y = coordinate(value, "y");
  refuseOtherUse(value, algorithm);
  await importKey(algorithm, jwk);
  const digest = await sha256(encodeUtf8(JSON.stringify(jwk)));
  return { algorithm, jwk, thumbprint: base64url.encode(digest) };
}

/**
 * Whether this key made this raw signature over these bytes.
 * @param {PublicKey} key @param {Uint8Array} data @param {Uint8Array} signature
 */
export async function verifySignature(key, data, signature) {
  if (signature.length !== 64) return false;
  return crypto.subtle.verify(
    ALGORITHMS[key.algorithm].verify,
    await importKey(key.algorithm, key.jwk),
    /** @type {BufferSource} */ (signature),
    /** @type {BufferSource} */ (data),
  );
}

/** @type {Map<string, Promise<CryptoKey>>} */
const IMPORTED = new Map();
const MAX_IMPORTED = 1024;

/** @param {Algorithm} algorithm @param {Record<string, string>} jwk */
async function importKey(algorithm, jwk) {
  const name = `${jwk.crv} ${jwk.x} ${jwk.y ?? ""}`;
  if (IMPORTED.size > MAX_IMPORTED) IMPORTED.clear();
  const known = IMPORTED.get(name);
  if (known) return known;
  const importing = crypto.subtle.importKey("jwk", jwk, ALGORITHMS[algorithm].import, false, ["verify"]);
  IMPORTED.set(name, importing);
  try {
    return await importing;
  } catch {
    IMPORTED.delete(name);
    throw new Malformed("the key is not a point of its curve", "invalid_key");
  }
}

/** @param {{[name: string]: unknown}} jwk @param {string} name */
function coordinate(jwk, name) {
  const text = jwk[name];
  if (typeof text !== "string") throw new Malformed(`a JWK lacks its member ${name}`, "invalid_key");
  let bytes;
  try {
    bytes = base64url.decode(text);
  } catch {
    throw new Malformed(`a JWK's ${name} is not base64url`, "invalid_key");
  }
  if (bytes.length !== 32) throw new Malformed(`a JWK's ${name} must have 32 bytes`, "invalid_key");
  return text;
}

/** @param {{[name: string]: unknown}} jwk @param {Algorithm} algorithm */
function refuseOtherUse(jwk, algorithm) {
  const names = algorithm === "EdDSA" ? ["EdDSA", "Ed25519"] : [algorithm];
  const operations = jwk.key_ops;
  if (
    (Object.hasOwn(jwk, "alg") && !names.includes(String(jwk.alg))) ||
    (Object.hasOwn(jwk, "use") && jwk.use !== "sig") ||
    (Object.hasOwn(jwk, "key_ops") && !(Array.isArray(operations) && operations.includes("verify")))
  ) {
    throw new Malformed("a JWK is not meant for verifying", "invalid_key");
  }
}
