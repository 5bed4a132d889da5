// @ts-check
/** Points of P-256 (SEC 2 section 2.4.2, y^2 = x^3 - 3x + b), as much as a compressed point needs. */

import { fromHex, hex } from "../../encoding/js/bytes.js";

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** @param {Uint8Array} x @param {Uint8Array} y */
export function isOnCurve(x, y) {
  const a = toNumber(x);
  const b = toNumber(y);
  return a < P && b < P && (b * b) % P === rightSide(a);
}

/** The y of this x, or null where there is none. @param {Uint8Array} x @param {boolean} isOdd */
export function decompress(x, isOdd) {
  // The prime is 3 modulo 4, so this power is a square root where there is one (SEC 1, 2.3.4).
  const root = power(rightSide(toNumber(x)), (P + 1n) / 4n);
  const y = (root % 2n === 1n) === isOdd ? root : P - root;
  const bytes = fromHex(y.toString(16).padStart(64, "0"));
  return isOnCurve(x, bytes) ? bytes : null;
}

/** @param {bigint} a */
function rightSide(a) {
  return (((a * a * a - 3n * a + B) % P) + P) % P;
}

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** @param {Uint8Array} data */
function toNumber(data) {
  return BigInt(`0x${hex(data)}`);
}
