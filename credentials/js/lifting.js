// @ts-check
/**
 * Lifting: the twin of `credentials/lifting.py`, whose table of escapes holds here as well.
 *
 * `lower` undoes what any lifting did, or refuses; `lift` is lossless for every text.
 */

import * as base64 from "../../encoding/js/base64.js";
import * as base64url from "../../encoding/js/base64url.js";
import { concat, decodeUtf8, encodeUtf8, fromHex, hex, sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";
import { decompress, isOnCurve } from "./p256.js";

export const MAX_TEXT = 16384;
const MAX_NESTING = 4;
const MAX_DERIVED = 8;
const LEAST_NUMBER = 100000;
const LEAST_RUN = 11;

const NUMBER_3 = 0xc0, NUMBER_4 = 0xc1, END = 0xf5, KHMER = 0xf6; // prettier-ignore
const ODD_Y = 0xf7, EVEN_Y = 0xf8, HASH = 0xf9; // prettier-ignore
const CERTIFICATE = 0xfa, BYTES = 0xfb, NESTED = 0xfc; // prettier-ignore
/** @type {Map<number, number>} */
const FIXED = new Map([[64, 0xfd], [32, 0xfe], [16, 0xff]]); // prettier-ignore
const FIXED_SIZE = new Map([...FIXED].map(([size, escape]) => [escape, size]));

const KHMER_RANGES = [
  [0x1780, 0x80, 0x40],
  [0x17c0, 0xc2, 0x1e],
  [0x17e0, 0xe0, 0x0a],
];

/** @typedef {Map<string, string>} Certificates base64 texts by the hex of their reference */

/** @param {Uint8Array[]} certificates DER @returns {Promise<Certificates>} */
export async function buildReferences(certificates) {
  const entries = certificates.map(async (der) => {
    const digest = await sha256(der);
    return /** @type {[string, string]} */ ([hex(digest.slice(0, 4)), base64.encode(der)]);
  });
  return new Map(await Promise.all(entries));
}

/**
 * The lifted text and its blobs.
 * @param {string} text @param {Certificates} certificates
 */
export async function lift(text, certificates) {
  const presented = text.slice(0, text.lastIndexOf("~") + 1);
  const proofHash = base64url.encode(await sha256(encodeUtf8(presented)));
  const lifting = new Lifting(certificates, proofHash);
  const lifted = lifting.liftText(text, 0, false);
  return { lifted, blobs: concat(...lifting.blobs) };
}

class Lifting {
  /** @param {Certificates} certificates @param {string} proofHash */
  constructor(certificates, proofHash) {
    const texts = [...certificates.values()].map((each) => each.replace(/[+]/g, "\\+"));
    const parts = [
      ...texts,
      "(?<khmer>[\\u1780-\\u17dd\\u17e0-\\u17e9]+)(?![^\\x00-\\x7f])",
      "(?<run>[A-Za-z0-9_-]+)",
    ];
    this.pattern = new RegExp(parts.join("|"), "gu");
    this.references = new Map([...certificates].map(([reference, value]) => [value, reference]));
    this.proofHash = proofHash;
    /** @type {Uint8Array[]} */
    this.blobs = [];
    /** @type {Uint8Array | null} */
    this.lastX = null;
    this.derived = 0;
  }

  /** @param {string} text @param {number} depth @param {boolean} inProof @returns {Uint8Array} */
  liftText(text, depth, inProof) {
    const lifted = [];
    const lastTilde = depth === 0 ? text.lastIndexOf("~") : -1;
    let position = 0;
    for (const part of text.matchAll(this.pattern)) {
      lifted.push(encodeUtf8(text.slice(position, part.index)));
      position = part.index + part[0].length;
      if (part.groups?.khmer !== undefined) {
        const codes = [...part.groups.khmer].map((character) => khmerByte(character.charCodeAt(0)));
        lifted.push(Uint8Array.of(KHMER, ...codes));
      } else if (part.groups?.run !== undefined) {
        const behind = inProof || (lastTilde >= 0 && lastTilde < part.index);
        lifted.push(this.liftRun(part.groups.run, depth, behind));
      } else {
        lifted.push(Uint8Array.of(CERTIFICATE));
        this.blobs.push(fromHex(this.references.get(part[0]) ?? ""));
      }
    }
    return concat(...lifted, encodeUtf8(text.slice(position)));
  }

  /** @param {string} run @param {number} depth @param {boolean} inProof */
  liftRun(run, depth, inProof) {
    if (/^[0-9]+$/.test(run)) return this.liftNumber(run);
    if (run.length < LEAST_RUN) return encodeUtf8(run);
    let data;
    try {
      data = base64url.decode(run);
    } catch {
      return encodeUtf8(run);
    }
    if (data.length === 32) return this.lift32Bytes(run, data, inProof);
    const fixed = FIXED.get(data.length);
    if (fixed !== undefined) {
      this.blobs.push(data);
      return Uint8Array.of(fixed);
    }
    const text = depth < MAX_NESTING && (data[0] === 0x7b || data[0] === 0x5b) ? asText(data) : null;
    if (text !== null) {
      return concat(Uint8Array.of(NESTED), this.liftText(text, depth + 1, inProof), Uint8Array.of(END));
    }
    if (!looksRandom(run)) return encodeUtf8(run);
    this.blobs.push(writeUvarint(data.length), data);
    return Uint8Array.of(BYTES);
  }

  /** @param {string} digits */
  liftNumber(digits) {
    const number = Number(digits);
    if (digits[0] === "0" || digits.length > 10 || number < LEAST_NUMBER || number >= 2 ** 32) {
      return encodeUtf8(digits);
    }
    const size = number < 2 ** 24 ? 3 : 4;
    const bytes = Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
    this.blobs.push(bytes.slice(4 - size));
    return Uint8Array.of(size === 3 ? NUMBER_3 : NUMBER_4);
  }

  /** @param {string} run @param {Uint8Array} data @param {boolean} inProof */
  lift32Bytes(run, data, inProof) {
    if (this.derived < MAX_DERIVED) {
      if (this.lastX && isOnCurve(this.lastX, data)) {
        this.derived += 1;
        return Uint8Array.of(data[31] % 2 ? ODD_Y : EVEN_Y);
      }
      if (inProof && run === this.proofHash) {
        this.derived += 1;
        return Uint8Array.of(HASH);
      }
    }
    this.lastX = data;
    this.blobs.push(data);
    return Uint8Array.of(/** @type {number} */ (FIXED.get(32)));
  }
}

/**
 * Undo `lift`, or refuse with Malformed.
 * @param {Uint8Array} lifted @param {Uint8Array} blobs @param {Certificates} certificates
 */
export async function lower(lifted, blobs, certificates) {
  const lowering = new Lowering(blobs, certificates);
  let position = 0;
  while (position < lifted.length) {
    const escape = lifted[position];
    if (escape === KHMER) position = lowering.addKhmer(lifted, position + 1);
    else if (isEscape(escape)) {
      await lowering.lowerEscape(escape);
      position += 1;
    } else {
      let end = position;
      while (end < lifted.length && !isEscape(lifted[end])) end += 1;
      lowering.add(decodeUtf8(lifted.slice(position, end)));
      position = end;
    }
  }
  if (lowering.texts.length !== 1 || lowering.position !== blobs.length) {
    throw new Malformed("the code is not whole", "damaged_code");
  }
  return lowering.texts[0].join("");
}

class Lowering {
  /** @param {Uint8Array} blobs @param {Certificates} certificates */
  constructor(blobs, certificates) {
    this.blobs = blobs;
    this.certificates = certificates;
    this.position = 0;
    this.size = 0;
    /** @type {Uint8Array | null} */
    this.lastX = null;
    this.derived = 0;
    /** @type {string[][]} */
    this.texts = [[]];
  }

  /** @param {number} escape */
  async lowerEscape(escape) {
    const fixed = FIXED_SIZE.get(escape);
    if (escape === NESTED) {
      if (this.texts.length > MAX_NESTING) {
        throw new Malformed(`a code nests deeper than ${MAX_NESTING}`, "too_deep");
      }
      this.texts.push([]);
    } else if (escape === END && this.texts.length > 1) {
      const inner = /** @type {string[]} */ (this.texts.pop());
      this.add(base64url.encode(encodeUtf8(inner.join(""))));
    } else if (escape === NUMBER_3 || escape === NUMBER_4) {
      const bytes = this.take(escape === NUMBER_3 ? 3 : 4);
      this.add(String(bytes.reduce((number, byte) => number * 256 + byte, 0)));
    } else if (fixed !== undefined) {
      const data = this.take(fixed);
      if (fixed === 32) this.lastX = data;
      this.add(base64url.encode(data));
    } else if (escape === BYTES) {
      const [count, position] = readUvarint(this.blobs, this.position);
      this.position = position;
      this.add(base64url.encode(this.take(count)));
    } else if (escape === CERTIFICATE) {
      this.add(this.lookUpCertificate());
    } else if (escape === ODD_Y || escape === EVEN_Y || escape === HASH) {
      this.add(await this.derive(escape));
    } else {
      throw new Malformed("the code holds a stray mark", "damaged_code");
    }
  }

  /** @param {Uint8Array} lifted @param {number} start @returns {number} where the run ends */
  addKhmer(lifted, start) {
    let text = "";
    let position = start;
    for (; position < lifted.length; position += 1) {
      const character = khmerCharacter(lifted[position]);
      if (character === null) break;
      text += character;
    }
    if (!text) throw new Malformed("the code is not whole", "damaged_code");
    this.add(text);
    return position;
  }

  /** @param {string} text */
  add(text) {
    this.size += text.length;
    if (this.size > MAX_TEXT * (MAX_NESTING + 1)) {
      throw new Malformed(`a code unfolds beyond ${MAX_TEXT} characters`, "too_large");
    }
    this.texts[this.texts.length - 1].push(text);
  }

  /** @param {number} count */
  take(count) {
    const data = this.blobs.slice(this.position, this.position + count);
    if (data.length !== count) throw new Malformed("the code is cut short", "damaged_code");
    this.position += count;
    return data;
  }

  lookUpCertificate() {
    const text = this.certificates.get(hex(this.take(4)));
    if (text === undefined) {
      throw new Malformed("the code names an unknown certificate", "unknown_certificate");
    }
    return text;
  }

  /** @param {number} escape */
  async derive(escape) {
    this.derived += 1;
    if (this.derived > MAX_DERIVED) throw new Malformed("a code derives too many values", "too_large");
    if (escape === HASH) {
      const outer = this.texts[0].join("");
      return base64url.encode(await sha256(encodeUtf8(outer.slice(0, outer.lastIndexOf("~") + 1))));
    }
    if (!this.lastX) throw new Malformed("the code has a y without its x", "damaged_code");
    const y = decompress(this.lastX, escape === ODD_Y);
    if (!y) throw new Malformed("the code has an x that is not on the curve", "damaged_code");
    return base64url.encode(y);
  }
}

/** @param {number} byte */
function isEscape(byte) {
  return byte === NUMBER_3 || byte === NUMBER_4 || byte >= END;
}

/** @param {number} code */
function khmerByte(code) {
  const range = KHMER_RANGES.find(([first, , size]) => code >= first && code < first + size);
  return range ? range[1] + code - range[0] : 0;
}

/** @param {number} byte @returns {string | null} */
function khmerCharacter(byte) {
  const range = KHMER_RANGES.find(([, first, size]) => byte >= first && byte < first + size);
  return range ? String.fromCharCode(range[0] + byte - range[1]) : null;
}

/** @param {Uint8Array} data */
function asText(data) {
  try {
    return decodeUtf8(data);
  } catch {
    return null;
  }
}

/** @param {string} run */
function looksRandom(run) {
  return /[0-9]/.test(run) && run.toLowerCase() !== run && run.toUpperCase() !== run;
}

/** @param {number} number */
export function writeUvarint(number) {
  const bytes = [];
  let rest = number;
  for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** @param {Uint8Array} data @param {number} position @returns {[number, number]} */
export function readUvarint(data, position) {
  let number = 0;
  for (let count = 0; count < 3 && position + count < data.length; count += 1) {
    const byte = data[position + count];
    number |= (byte & 0x7f) << (7 * count);
    if (byte < 0x80) return [number, position + count + 1];
  }
  throw new Malformed("a count in the code is cut short or too large", "damaged_code");
}
