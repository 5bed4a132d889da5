// @ts-check
/** Base45 (RFC 9285), strictly: what `encode` never writes is refused. */

import { Malformed } from "./errors.js";

export const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** @param {Uint8Array} data @returns {string} */
export function encode(data) {
  let text = "";
  for (let at = 0; at + 1 < data.length; at += 2) {
    const number = (data[at] << 8) | data[at + 1];
    text += ALPHABET[number % 45] + ALPHABET[Math.floor(number / 45) % 45];
    text += ALPHABET[Math.floor(number / 2025)];
  }
  if (data.length % 2) {
    const last = data[data.length - 1];
    text += ALPHABET[last % 45] + ALPHABET[Math.floor(last / 45)];
  }
  return text;
}

/** @param {string} text @returns {Uint8Array} */
export function decode(text) {
  if (text.length % 3 === 1) {
    throw new Malformed("base45 text has a lone last character", "invalid_base45");
  }
  const data = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = [...text.slice(at, at + 3)].map((character) => ALPHABET.indexOf(character));
    if (values.includes(-1)) throw new Malformed("text holds a foreign character", "invalid_base45");
    const number = values[0] + values[1] * 45 + (values[2] ?? 0) * 2025;
    if (number >= (values.length === 3 ? 65536 : 256)) {
      throw new Malformed("base45 group is out of range", "invalid_base45");
    }
    if (values.length === 3) data.push(number >> 8);
    data.push(number & 0xff);
  }
  return Uint8Array.from(data);
}
