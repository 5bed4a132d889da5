// @ts-check
/** base64url without padding (RFC 7515 section 2), strictly: one text for each byte string. */

import { Malformed } from "./errors.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUE = new Int16Array(128).fill(-1);
for (let index = 0; index < 64; index += 1) VALUE[ALPHABET.charCodeAt(index)] = index;

/** @param {Uint8Array} data @returns {string} */
export function encode(data) {
  let text = "";
  for (let at = 0; at < data.length; at += 3) {
    const group = (data[at] << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    if (at + 1 < data.length) text += ALPHABET[(group >> 6) & 63];
    if (at + 2 < data.length) text += ALPHABET[group & 63];
  }
  return text;
}

/** @param {string} text @returns {Uint8Array} */
export function decode(text) {
  const rest = text.length % 4;
  if (rest === 1) throw new Malformed("text is not base64url", "invalid_base64url");
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const value = code < 128 ? VALUE[code] : -1;
    if (value < 0) throw new Malformed("text is not base64url", "invalid_base64url");
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      data[at] = (bits >> count) & 0xff;
      at += 1;
    }
  }
  if (bits & ((1 << count) - 1)) {
    throw new Malformed("text is not canonical base64url", "invalid_base64url");
  }
  return data;
}
