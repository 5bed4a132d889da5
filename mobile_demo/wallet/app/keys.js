// @ts-check
/**
 * The phone's keys: one for talking to the wallet service (DPoP), one fresh key for each credential
 * copy. P-256, made here, non-extractable. The service gets public keys and signatures, nothing else.
 */

import { encode } from "/modules/encoding/js/base64url.js";
import { encodeUtf8, sha256 } from "/modules/encoding/js/bytes.js";
import { load, save } from "./phone_store.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };

/** @typedef {{thumbprint: string, jwk: {kty: string, crv: string, x: string, y: string}, pair: CryptoKeyPair}} Key */

/** Make a key and keep it before anybody hears of it. @returns {Promise<Key>} */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { kty: String(kty), crv: String(crv), x: String(x), y: String(y) };
  const key = { thumbprint: await thumbprintOf(jwk), jwk, pair };
  await save("keys", key);
  return key;
}

/** @param {string} thumbprint @returns {Promise<Key>} */
export async function findKey(thumbprint) {
  const key = await load("keys", thumbprint);
  if (!key) throw new Error("this phone does not hold that key");
  return key;
}

/** The raw signature over a text, base64url. @param {Key} key @param {string} text */
export async function sign(key, text) {
  const signature = await crypto.subtle.sign(ALGORITHM, key.pair.privateKey, encodeUtf8(text));
  return encode(new Uint8Array(signature));
}

/** RFC 7638. @param {{kty: string, crv: string, x: string, y: string}} jwk */
async function thumbprintOf({ crv, kty, x, y }) {
  return encode(await sha256(encodeUtf8(JSON.stringify({ crv, kty, x, y }))));
}

/** A signed compact JWS. @param {Key} key @param {object} header @param {object} payload */
export async function signJws(key, header, payload) {
  const input = [header, payload].map((part) => encode(encodeUtf8(JSON.stringify(part)))).join(".");
  return `${input}.${await sign(key, input)}`;
}

/** Random bytes as base64url. @param {number} size */
export function randomText(size) {
  return encode(crypto.getRandomValues(new Uint8Array(size)));
}
