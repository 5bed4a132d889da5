// @ts-check
/**
 * The QR code that an inspector scans without signal: a view copy, a fresh key binding of this
 * phone, packed as CQ1 and drawn with a quiet zone. No network is used here.
 *
 * The audience is a URN that no online verifier has, so that a code shown at the kerb can never be
 * replayed into an online request.
 */

import { buildQrText } from "/modules/credentials/js/packing.js";
import { encode } from "/modules/encoding/js/base64url.js";
import { encodeUtf8, sha256 } from "/modules/encoding/js/bytes.js";
import { correction, generate } from "/modules/node_modules/lean-qr/index.mjs";
import { nowSeconds } from "./clock.js";
import { findKey, randomText, signJws } from "./keys.js";

const AUDIENCE = "urn:citywallet:qr:";
const NONCE_BYTES = 8;
const QUIET_ZONE = 4;
const BLACK = /** @type {const} */ ([0, 0, 0, 255]);
const WHITE = /** @type {const} */ ([255, 255, 255, 255]);

/** A fresh code for this copy. @param {{view: string, credential: string, key: string}} copy */
export async function buildCode(copy) {
  const key = await findKey(copy.key);
  const binding = await signJws(
    key,
    { alg: "ES256", typ: "kb+jwt" },
    {
      aud: `${AUDIENCE}${copy.view}`,
      nonce: randomText(NONCE_BYTES),
      iat: nowSeconds(),
      sd_hash: encode(await sha256(encodeUtf8(copy.credential))),
    },
  );
  return buildQrText(`${copy.credential}${binding}`);
}

/** @param {HTMLCanvasElement} canvas @param {string} text */
export function drawCode(canvas, text) {
  const code = generate(text, { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.L });
  code.toCanvas(canvas, { on: BLACK, off: WHITE, pad: QUIET_ZONE });
  canvas.dataset.modules = String(code.size);
}
