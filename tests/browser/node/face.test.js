// @ts-check
/** A face is found on a phone as Python finds it: the shared vectors, from scanned texts on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { joinFaceTexts, readFace, verifyFace } from "../../../credentials/js/face.js";
import { findSigningKey } from "../../../credentials/js/issuer_judgement.js";
import { readQrText } from "../../../credentials/js/packing.js";
import { readPresentation } from "../../../credentials/js/reading.js";
import { parseTrustRegistry } from "../../../credentials/js/trust.js";
import { Malformed } from "../../../encoding/js/errors.js";
import { readVectors } from "./vectors.js";

const vectors = readVectors("faces.json");

for (const vector of vectors.cases) {
  test(`a face: ${vector.name}, ${vector.why}`, async () => {
    assert.deepEqual(await judge(vector.given), { expect: vector.expect, reason: vector.reason });
  });
}

/** @param {any} given */
async function judge(given) {
  const [credential] = await readPresentation(await readQrText(given.view));
  const trust = await parseTrustRegistry(vectors.trust[given.trust]);
  let face;
  try {
    const data = joinFaceTexts(given.texts);
    if (data === null) return { expect: "waiting", reason: null };
    face = readFace(data);
  } catch (error) {
    assert.ok(error instanceof Malformed);
    return { expect: "refused", reason: error.detail };
  }
  const key = await findSigningKey(credential, { material: { trust }, policy: { skew: 60 }, now: given.now });
  const isFace = key !== null && (await verifyFace(face, { credential, key }));
  return { expect: isFace ? "verified" : "unverified", reason: null };
}
