// @ts-check
/** The QR packer: the vectors that Python runs too, and any text comes back as it was. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as base64 from "../../../encoding/js/base64.js";
import { Malformed } from "../../../encoding/js/errors.js";
import { buildQrText, pack, readQrText, unpack } from "../../../credentials/js/packing.js";
import { readVectors } from "./vectors.js";

for (const vector of readVectors("packing.json")) {
  test(`a code: ${vector.name}, ${vector.why}`, async () => {
    const certificates = (vector.given.certificates ?? []).map((/** @type {string} */ text) => base64.decode(text));
    if (vector.expect === "refused") {
      await assert.rejects(readQrText(vector.given.qr, certificates), (error) => {
        assert.ok(error instanceof Malformed);
        assert.equal(error.detail, vector.reason);
        return true;
      });
    } else {
      const text = await readQrText(vector.given.qr, certificates);

      assert.equal(text, vector.expect);
      assert.equal(await unpack(await pack(text, certificates), certificates), text);
      assert.equal(await readQrText(await buildQrText(text), [...certificates, ...own(text)]), text);
    }
  });
}

test("any text comes back as it was", async () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const text = randomText(seed);

    assert.equal(await unpack(await pack(text)), text);
  }
});

/** The certificates in a token's own header. @param {string} text */
function own(text) {
  try {
    const header = JSON.parse(Buffer.from(text.split(".")[0], "base64url").toString());
    return (header.x5c ?? []).map((/** @type {string} */ each) => base64.decode(each));
  } catch {
    return [];
  }
}

/** Tokens, words, digits, Khmer and stray bytes in odd orders. @param {number} seed */
function randomText(seed) {
  let state = seed;
  const next = (/** @type {number} */ limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % limit;
  };
  const pieces = [
    () => Buffer.from(Array.from({ length: next(80) }, () => next(256))).toString("base64url"),
    () => Buffer.from(JSON.stringify({ a: next(9), b: "\u1780\u17c4x" })).toString("base64url"),
    () => String(next(2 ** 31)).repeat(1 + next(2)),
    () => "~.",
    () => String.fromCodePoint(0x1780 + next(96)),
    () => '{"x":"',
    () => "\u4e2d\u6587 \u{1f600}",
  ];
  return Array.from({ length: next(12) }, () => pieces[next(pieces.length)]()).join("");
}
