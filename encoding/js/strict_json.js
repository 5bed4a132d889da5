// @ts-check
/**
 * JSON, read strictly and in bounded work: the browser's twin of `encoding/strict_json.py`.
 *
 * `JSON.parse` keeps the last of two members with one name; two readers could then see different
 * credentials. So this reads by itself and refuses duplicates, integers beyond 2^53 - 1, lone
 * surrogates, deep nesting and anything after the value.
 */

import { decodeUtf8, encodeUtf8 } from "./bytes.js";
import { Malformed } from "./errors.js";

/** @typedef {null | boolean | number | string | JsonValue[] | {[name: string]: JsonValue}} JsonValue */

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Read one JSON value that fills the whole input.
 * @param {string | Uint8Array} input
 * @param {{maxBytes?: number, maxDepth?: number, maxMembers?: number}} [limits]
 * @returns {JsonValue}
 */
export function parseJson(input, limits = {}) {
  const { maxBytes = 65536, maxDepth = 32, maxMembers = 10000 } = limits;
  const size = typeof input === "string" ? encodeUtf8(input).length : input.length;
  if (size > maxBytes) throw new Malformed(`JSON is larger than ${maxBytes} bytes`, "too_large");
  const text = typeof input === "string" ? input : decodeUtf8(input);
  if (LONE_SURROGATE.test(text)) throw new Malformed("JSON is not valid UTF-8", "invalid_utf8");
  const reader = new Reader(text, maxDepth, maxMembers);
  const value = reader.readValue(0);
  reader.skipSpace();
  if (reader.at !== text.length) {
    throw new Malformed("bytes follow the JSON value", "trailing_data");
  }
  return value;
}

/**
 * Read one JSON object that fills the whole input.
 * @param {string | Uint8Array} input
 * @param {{maxBytes?: number, maxDepth?: number, maxMembers?: number}} [limits]
 * @returns {{[name: string]: JsonValue}}
 */
export function parseObject(input, limits = {}) {
  const value = parseJson(input, limits);
  if (!isObject(value)) throw new Malformed("JSON value is not an object", "not_an_object");
  return value;
}

/** @param {unknown} value @returns {value is {[name: string]: JsonValue}} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  /** @param {string} text @param {number} maxDepth @param {number} maxMembers */
  constructor(text, maxDepth, maxMembers) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.maxMembers = maxMembers;
    this.members = 0;
    this.at = 0;
  }

  /** @param {number} depth @returns {JsonValue} */
  readValue(depth) {
    this.skipSpace();
    const character = this.text[this.at];
    if (character === "{") return this.readObject(depth + 1);
    if (character === "[") return this.readArray(depth + 1);
    if (character === '"') return this.readString();
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.readNumber();
  }

  /** @param {number} depth */
  readObject(depth) {
    this.enter(depth);
    /** @type {Map<string, JsonValue>} */
    const members = new Map();
    if (this.skipIf("}")) return Object.fromEntries(members);
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw notJson();
      const name = this.readString();
      if (members.has(name)) {
        throw new Malformed("JSON object has a duplicate member", "duplicate_member");
      }
      this.expect(":");
      this.count();
      members.set(name, this.readValue(depth));
    } while (this.skipIf(","));
    this.expect("}");
    return Object.fromEntries(members);
  }

  /** @param {number} depth */
  readArray(depth) {
    this.enter(depth);
    /** @type {JsonValue[]} */
    const items = [];
    if (this.skipIf("]")) return items;
    do {
      this.count();
      items.push(this.readValue(depth));
    } while (this.skipIf(","));
    this.expect("]");
    return items;
  }

  readString() {
    this.at += 1;
    let value = "";
    for (;;) {
      value += this.match(PLAIN);
      const character = this.text[this.at];
      this.at += 1;
      if (character === '"') break;
      if (character !== "\\") throw notJson();
      value += this.readEscape();
    }
    if (LONE_SURROGATE.test(value)) {
      throw new Malformed("string holds a lone surrogate", "lone_surrogate");
    }
    return value;
  }

  readEscape() {
    const character = this.text[this.at];
    this.at += 1;
    if (character === "u") {
      const digits = this.text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw notJson();
      this.at += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = Object.hasOwn(ESCAPES, character ?? "") ? ESCAPES[character] : undefined;
    if (plain === undefined) throw notJson();
    return plain;
  }

  readNumber() {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (!found) throw notJson();
    this.at = NUMBER.lastIndex;
    const number = Number(found[0]);
    if (!Number.isFinite(number)) {
      throw new Malformed("number is too large", "number_out_of_range");
    }
    const isInteger = found[1] === undefined && found[2] === undefined;
    if (isInteger && (found[0].length > 17 || Math.abs(number) > Number.MAX_SAFE_INTEGER)) {
      throw new Malformed("integer is outside of +-(2^53 - 1)", "integer_out_of_range");
    }
    return number;
  }

  /** @param {number} depth */
  enter(depth) {
    if (depth > this.maxDepth) {
      throw new Malformed(`JSON is nested deeper than ${this.maxDepth}`, "too_deep");
    }
    this.at += 1;
  }

  count() {
    this.members += 1;
    if (this.members > this.maxMembers) {
      throw new Malformed(`JSON has more than ${this.maxMembers} members`, "too_many_members");
    }
  }

  skipSpace() {
    this.match(SPACE);
  }

  /** @param {string} character */
  skipIf(character) {
    this.skipSpace();
    const found = this.text[this.at] === character;
    if (found) this.at += 1;
    return found;
  }

  /** @param {string} character */
  expect(character) {
    if (!this.skipIf(character)) throw notJson();
  }

  /** @param {RegExp} pattern a sticky pattern that always matches */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}

/** @type {[string, JsonValue][]} */
const WORDS = [
  ["true", true],
  ["false", false],
  ["null", null],
];

function notJson() {
  return new Malformed("text is not JSON", "invalid_json");
}
