// @ts-check
/** base64 with padding (RFC 4648 section 4), canonical only: signed notes and `x5c` use it. */

import * as base64url from "./base64url.js";
import { Malformed } from "./errors.js";

/** @param {Uint8Array} data @returns {string} */
export function encode(data) {
  const text = base64url.encode(data).replaceAll("-", "+").replaceAll("_", "/");
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** @param {string} text @returns {Uint8Array} */
export function decode(text) {
  if (/[-_]/.test(text)) throw new Malformed("text is not base64", "bad_base64");
  const bare = text.replace(/={1,2}$/, "");
  let data;
  try {
    data = base64url.decode(bare.replaceAll("+", "-").replaceAll("/", "_"));
  } catch {
    throw new Malformed("text is not base64", "bad_base64");
  }
  if (encode(data) !== text) throw new Malformed("the base64 is not canonical", "bad_base64");
  return data;
}
