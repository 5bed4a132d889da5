// @ts-check
/**
 * The face that travels beside a QR view, signed by the issuer of the view: the reading half of the
 * twin of `credentials/face.py`, which says what a face is and what its container may hold.
 *
 * The picture is not decoded here: whoever shows it draws it anew.
 */

import * as base45 from "../../encoding/js/base45.js";
import { concat, encodeUtf8, sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { parseCoseSign1, parseValue, sigStructure } from "./cose.js";
import { readType } from "./cwt.js";
import { verifySignature } from "./keys.js";
import { trim } from "./shown_text.js";

export const PREFIX = "CF1:";
const FACE_TYPE = "application/face+cose";
const MEDIA_TYPE = "image/webp";
const CONTENT_TYPE = 3;
const MAX_PICTURE_BYTES = 1024;
const MAX_FACE_BYTES = 1280;
const MAX_SIDE = 128;
const PART = /^CF1:([1-6])\/([1-6]):([0-9A-Z $%*+\-./:]+)$/;
const KEY_FRAME = "\x9d\x01\x2a";
const DOMAIN = encodeUtf8("city face 1\0");

/**
 * @typedef {{data: Uint8Array, width: number, height: number}} Picture
 * @typedef {{picture: Picture, message: import("./cose.js").CoseSign1}} Face
 */

/**
 * RFC 9649 section 2.5, simple file format (lossy): one RIFF with one `VP8 ` chunk that ends where
 * the file ends, holding a key frame that is shown.
 * @param {Uint8Array} data @returns {Picture}
 */
export function inspectPicture(data) {
  if (data.length > MAX_PICTURE_BYTES) {
    throw new Malformed(`a face has at most ${MAX_PICTURE_BYTES} bytes`, "face_too_large");
  }
  if (data.length < 30 || characters(data, 0, 4) !== "RIFF" || characters(data, 8, 16) !== "WEBPVP8 ") {
    throw notAFace("a face is a lossy WebP");
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const size = view.getUint32(16, true);
  const isWhole = view.getUint32(4, true) === data.length - 8 && size + (size % 2) === data.length - 20;
  if (!isWhole || (size % 2 && data[data.length - 1] !== 0)) {
    throw notAFace("the picture and its file differ in length");
  }
  // RFC 6386 section 9.1: bit 0 clear for a key frame, bits 1 to 3 the version, bit 4 shown.
  const tag = view.getUint16(20, true) | (data[22] << 16);
  if (tag & 1 || ((tag >> 1) & 7) > 3 || !((tag >> 4) & 1) || characters(data, 23, 26) !== KEY_FRAME) {
    throw notAFace("a face is one frame that is shown");
  }
  if (tag >> 5 === 0 || tag >> 5 > size - 10) {
    throw notAFace("the first partition is longer than the picture");
  }
  const width = view.getUint16(26, true);
  const height = view.getUint16(28, true);
  if ([width, height].some((side) => side === 0 || side > MAX_SIDE)) {
    throw new Malformed(`a face has up to ${MAX_SIDE} pixels a side`, "face_too_large");
  }
  return { data, width, height };
}

/** Shape, size and container of the picture; nothing is believed. @param {Uint8Array} data @returns {Face} */
export function readFace(data) {
  if (data.length > MAX_FACE_BYTES) {
    throw new Malformed(`a face has at most ${MAX_FACE_BYTES} bytes`, "face_too_large");
  }
  const message = parseCoseSign1(parseValue(data), { tagged: false });
  if (readType(message) !== FACE_TYPE) {
    throw new Malformed("this is signed as something else than a face", "invalid_typ");
  }
  if (message.unprotected.size || message.protectedHeader.get(CONTENT_TYPE) !== MEDIA_TYPE) {
    throw notAFace("a face is a WebP and has no further headers");
  }
  if (message.payload === null) throw notAFace("a face carries its picture");
  return { picture: inspectPicture(message.payload), message };
}

/**
 * Whether this key signed this face for this credential. `key`: that of `findSigningKey`; a
 * credential that does not hold has no face.
 * @param {Face} face
 * @param {{credential: {signingInput: Uint8Array}, key: import("./keys.js").PublicKey}} beside
 */
export async function verifyFace({ picture, message }, { credential, key }) {
  // What ties a face to one credential: external data of RFC 9052 section 4.3.
  const reference = concat(DOMAIN, await sha256(credential.signingInput));
  const signed = sigStructure(message.protected, picture.data, reference);
  return message.algorithm === key.algorithm && verifySignature(key, signed, message.signature);
}

/**
 * The face, once every part was scanned, in any order and as often as one likes; null before.
 * Parts of two faces join to what no key has signed.
 * @param {Iterable<string>} texts
 */
export function joinFaceTexts(texts) {
  /** @type {Map<number, string>} */
  const found = new Map();
  const counts = new Set();
  for (const shown of texts) {
    const text = trim(shown);
    const [, number, count, body] = text.length <= 4 * MAX_FACE_BYTES ? (PART.exec(text) ?? []) : [];
    if (body === undefined || Number(number) > Number(count)) {
      throw new Malformed("this is no part of a face", "invalid_face_part");
    }
    counts.add(Number(count));
    if ((found.get(Number(number)) ?? body) !== body || counts.size > 1) {
      throw new Malformed("parts of two faces are mixed", "invalid_face_part");
    }
    found.set(Number(number), body);
  }
  const [count] = counts;
  if (count === undefined || found.size < count) return null;
  const parts = [...found].sort(([one], [other]) => one - other);
  return concat(...parts.map(([, body]) => base45.decode(body)));
}

/** Bytes as characters. @param {Uint8Array} data @param {number} start @param {number} end */
function characters(data, start, end) {
  return String.fromCharCode(...data.subarray(start, end));
}

/** @param {string} message */
function notAFace(message) {
  return new Malformed(message, "invalid_face");
}
