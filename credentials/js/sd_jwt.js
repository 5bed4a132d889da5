// @ts-check
/** SD-JWT and SD-JWT+KB (RFC 9901): the twin of `credentials/sd_jwt.py`. */

import { Malformed } from "../../encoding/js/errors.js";
import { HASHES, digestText, parseDisclosure, revealClaims } from "./disclosures.js";
import { buildSigningInput, parseJws } from "./jose.js";

export const SD_JWT_VC_VISIBLE = [
  "iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status",
]; // prettier-ignore
const MAX_BYTES = 262144;
const MAX_DISCLOSURES = 256;

/**
 * @typedef {{jws: import("./jose.js").Jws, disclosures: import("./disclosures.js").Disclosure[],
 *   keyBinding: import("./jose.js").Jws | null, textBeforeKeyBinding: string, sdHash: string}} SdJwt
 */

/** @param {string} text @param {{types: string[]}} expected @returns {Promise<SdJwt>} */
export async function parseSdJwt(text, { types }) {
  if (text.length > MAX_BYTES) throw new Malformed("an SD-JWT is too large", "too_large");
  // eslint-disable-next-line no-control-regex
  if (!/^[\u0000-\u007f]*$/.test(text)) throw new Malformed("an SD-JWT is ASCII text", "not_ascii");
  const parts = text.split("~");
  if (parts.length < 2) {
    throw new Malformed("an SD-JWT has a tilde after the issuer's JWT", "missing_tilde");
  }
  if (parts.length - 2 > MAX_DISCLOSURES) {
    throw new Malformed(`more than ${MAX_DISCLOSURES} disclosures`, "too_many_disclosures");
  }
  const jws = parseJws(parts[0], { types });
  const hashName = jws.payload._sd_alg ?? "sha-256";
  if (typeof hashName !== "string" || !Object.hasOwn(HASHES, hashName)) {
    throw new Malformed("the _sd_alg is not known", "unsupported_sd_alg");
  }
  const last = /** @type {string} */ (parts.at(-1));
  const textBeforeKeyBinding = text.slice(0, text.length - last.length);
  return {
    jws,
    disclosures: await Promise.all(parts.slice(1, -1).map((part) => parseDisclosure(part, hashName))),
    keyBinding: last ? parseJws(last, { types: ["kb+jwt"] }) : null,
    textBeforeKeyBinding,
    sdHash: await digestText(textBeforeKeyBinding, hashName),
  };
}

/** @param {SdJwt} sdJwt @param {string[]} [visible] */
export function processedClaims(sdJwt, visible = SD_JWT_VC_VISIBLE) {
  return revealClaims(sdJwt.jws.payload, sdJwt.disclosures, visible);
}

/**
 * What the holder's device signs to bind itself to this presentation.
 * @param {string} presentation ends with a tilde
 * @param {{audience: string, nonce: string, seconds: number}} about
 */
export async function buildKeyBindingInput(presentation, { audience, nonce, seconds }) {
  const sdJwt = await parseSdJwt(presentation, { types: ["dc+sd-jwt", "vc+sd-jwt"] });
  if (sdJwt.keyBinding) {
    throw new Malformed("a held SD-JWT carries a key binding", "unexpected_key_binding");
  }
  return buildSigningInput(
    { aud: audience, nonce, iat: Math.floor(seconds), sd_hash: sdJwt.sdHash },
    { type: "kb+jwt" },
  );
}
