// @ts-check
/**
 * The strict door through which a scanned presentation comes in: the twin of
 * `credentials/reading.py` for what a QR code carries, a view with its key binding, as `dc+sd-jwt`
 * or as the base64url of a CWT.
 *
 * W3C formats and mdocs are read by the counters only; here they are refused as `unsupported_format`.
 */

import * as base64 from "../../encoding/js/base64.js";
import * as base64url from "../../encoding/js/base64url.js";
import { sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { isObject } from "../../encoding/js/strict_json.js";
import { parseValue } from "./cose.js";
import { peekCoseType, readCwt } from "./cwt.js";
import { optionalTime } from "./instants.js";
import { parseJwk } from "./keys.js";
import { peekType } from "./jose.js";
import { SD_JWT_VC_VISIBLE, parseSdJwt, processedClaims } from "./sd_jwt.js";
import { trim } from "./shown_text.js";
import { readLinks, readStatuses } from "./status_references.js";

const REGISTERED = [...SD_JWT_VC_VISIBLE, "iat", "linked"];
const MAX_CERTIFICATES = 4;
const MAX_BYTES = 262144;
const OTHER_TYPES = ["application/vc+cose", "application/vp+cose"];
// A first byte from 0x80 to 0xDF; one character more, and it is no lone sign.
const STRUCTURE = /^[g-z0-3][A-Za-z0-9_-]+$/;

/**
 * @typedef {import("./status_references.js").StatusReference} StatusReference
 * @typedef {import("./status_references.js").Link} Link
 * @typedef {{algorithm: string, keyId: string | null, x5c: Uint8Array[]}} IssuerKeyHint
 * @typedef {{audience: string, nonce: string, issuedAt: number, signingInput: Uint8Array,
 *   signature: Uint8Array, algorithm: string, coversPresentation: boolean, digest: string}} KeyBinding
 * @typedef {{issuer: string, types: string[], claims: Record<string, any>, issuedAt: number | null,
 *   validFrom: number | null, validUntil: number | null, statuses: StatusReference[], links: Link[],
 *   holderKey: import("./keys.js").PublicKey | null, keyHint: IssuerKeyHint,
 *   signingInput: Uint8Array, signature: Uint8Array, keyBinding: KeyBinding | null}} Credential
 */

/** @param {string} presented @returns {Promise<Credential[]>} */
export async function readPresentation(presented) {
  const text = trim(presented);
  if (!text.includes("~")) {
    if (STRUCTURE.test(text)) return readCborText(text);
    peekType(text);
    throw new Malformed("only SD-JWT and CWT are read here", "unsupported_format");
  }
  const sdJwt = await parseSdJwt(text, { types: ["dc+sd-jwt"] });
  const claims = processedClaims(sdJwt);
  if (Object.hasOwn(claims, "linked") && !Object.hasOwn(sdJwt.jws.payload, "linked")) {
    throw new Malformed("links of a view are always visible", "not_disclosable");
  }
  const shown = Object.entries(claims).filter(([name]) => !REGISTERED.includes(name));
  const keyHint = readKeyHint(sdJwt.jws);
  const isCertified = !Object.hasOwn(claims, "iss") && keyHint.x5c.length > 0;
  return [
    {
      issuer: isCertified ? "" : readText(claims, "iss"),
      types: [readText(claims, "vct")],
      claims: Object.fromEntries(shown),
      issuedAt: optionalTime(claims, "iat"),
      validFrom: optionalTime(claims, "nbf"),
      validUntil: optionalTime(claims, "exp"),
      statuses: readStatuses(claims),
      links: readLinks(claims),
      holderKey: await readConfirmation(claims),
      keyHint,
      signingInput: sdJwt.jws.signingInput,
      signature: sdJwt.jws.signature,
      keyBinding: sdJwt.keyBinding ? await readKeyBinding(sdJwt, sdJwt.keyBinding) : null,
    },
  ];
}

/** The twin of `credentials/cbor_reading.py`. @param {string} text */
async function readCborText(text) {
  if (text.length > Math.floor((MAX_BYTES * 4) / 3) + 3) {
    throw new Malformed(`a text holds more than ${MAX_BYTES} bytes`, "too_large");
  }
  const data = base64url.decode(text);
  const value = parseValue(data, MAX_BYTES);
  const isOther = value instanceof Map || OTHER_TYPES.includes(String(peekCoseType(value)));
  if (isOther) throw new Malformed("only SD-JWT and CWT are read here", "unsupported_format");
  return readCwt(data);
}

/** @param {import("./sd_jwt.js").SdJwt} sdJwt @param {import("./jose.js").Jws} jws */
async function readKeyBinding(sdJwt, jws) {
  const issuedAt = optionalTime(jws.payload, "iat");
  if (issuedAt === null) throw new Malformed("a key binding has no iat", "missing_iat");
  return {
    audience: readText(jws.payload, "aud"),
    nonce: readText(jws.payload, "nonce"),
    issuedAt,
    signingInput: jws.signingInput,
    signature: jws.signature,
    algorithm: jws.algorithm,
    coversPresentation: readText(jws.payload, "sd_hash") === sdJwt.sdHash,
    digest: base64url.encode(await sha256(jws.signingInput)),
  };
}

/** @param {Record<string, any>} claims */
async function readConfirmation(claims) {
  if (!Object.hasOwn(claims, "cnf")) return null;
  if (!isObject(claims.cnf)) throw new Malformed("cnf must be an object", "invalid_cnf");
  return Object.hasOwn(claims.cnf, "jwk") ? parseJwk(claims.cnf.jwk) : null;
}

/** @param {import("./jose.js").Jws} jws @returns {IssuerKeyHint} */
export function readKeyHint(jws) {
  const chain = jws.header.x5c ?? [];
  if (!Array.isArray(chain) || chain.length > MAX_CERTIFICATES) {
    throw new Malformed(`x5c must hold at most ${MAX_CERTIFICATES}`, "invalid_x5c");
  }
  try {
    const x5c = chain.map((text) => base64.decode(typeof text === "string" ? text : "!"));
    return { algorithm: jws.algorithm, keyId: jws.keyId, x5c };
  } catch {
    throw new Malformed("x5c must hold base64", "invalid_x5c");
  }
}

/** @param {Record<string, any>} members @param {string} name */
function readText(members, name) {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (typeof value !== "string" || !value) {
    throw new Malformed(`${name} must be a string`, `missing_${name}`);
  }
  return value;
}
