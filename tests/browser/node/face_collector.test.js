// @ts-check
/** The inspector's phone collects a face: the shared vectors, and what a camera does to them. */

import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

import { findSigningKey } from "../../../credentials/js/issuer_judgement.js";
import { readQrText } from "../../../credentials/js/packing.js";
import { readPresentation } from "../../../credentials/js/reading.js";
import { parseTrustRegistry } from "../../../credentials/js/trust.js";
import { readVectors } from "./vectors.js";

// Pages find our modules under /modules/.
const ROOT = new URL("../../../", import.meta.url).href;
register(
  `data:text/javascript,${encodeURIComponent(
    `export const resolve = (name, context, next) =>
      next(name.startsWith("/modules/") ? "${ROOT}" + name.slice(9) : name, context);`,
  )}`,
);
const { FaceCollector } = await import("../../../verifier/inspector/face_collector.js");

const vectors = readVectors("faces.json");
const STATES = { verified: "signed", unverified: "foreign", refused: "broken", waiting: "part" };

/** @param {any} given */
async function besideOf(given) {
  const [credential] = await readPresentation(await readQrText(given.view));
  const trust = await parseTrustRegistry(vectors.trust[given.trust]);
  const key = await findSigningKey(credential, { material: { trust }, policy: { skew: 60 }, now: given.now });
  return { credential, key };
}

for (const vector of vectors.cases) {
  test(`S-051 the phone's answer to a face: ${vector.name}`, async () => {
    const collector = new FaceCollector();
    for (const text of vector.given.texts) collector.add(text, 0);
    const isKept = vector.given.texts.every((/** @type {string} */ text) => collector.parts.has(text));
    const found = await collector.find(await besideOf(vector.given), 0);

    // What is no part of a face, or too long for one, is passed over like any other code.
    const expected = STATES[/** @type {keyof typeof STATES} */ (vector.expect)];
    if (isKept && found.count + found.seen > 0) assert.equal(found.state, expected);
    assert.equal(found.state === "signed", vector.expect === "verified");
    assert.equal(found.picture !== null, found.state === "signed");
  });
}

const good = vectors.cases.find((/** @type {any} */ vector) => vector.expect === "verified").given;

test("parts may come in any order, as often as one likes, among other codes", async () => {
  const collector = new FaceCollector();
  assert.equal(collector.add(good.view, 0), false);
  for (const text of [...good.texts, ...good.texts].reverse()) assert.equal(collector.add(text, 0), true);

  assert.equal((await collector.find(await besideOf(good), 100)).state, "signed");
});

test("S-127 a part that was seen long ago does not count", async () => {
  const collector = new FaceCollector();
  const [first, ...others] = good.texts;
  collector.add(first, 0);
  for (const text of others) collector.add(text, 6000);
  const found = await collector.find(await besideOf(good), 6000);

  assert.equal(found.state, "part");
  assert.equal(found.count, good.texts.length);
});

test("a refused face makes room for the right one", async () => {
  const collector = new FaceCollector();
  const beside = await besideOf(good);
  collector.add("CF1:1/1:QED8WEX0", 0);

  assert.equal((await collector.find(beside, 0)).state, "broken");
  for (const text of good.texts) collector.add(text, 10);
  assert.equal((await collector.find(beside, 10)).state, "signed");
});

test("S-125 a thousand parts of other faces are not kept, nor is a long text", async () => {
  const collector = new FaceCollector();
  for (let number = 0; number < 1000; number += 1) collector.add(`CF1:1/6:A${number}`, number);
  collector.add(`CF1:1/1:${"A".repeat(6000)}`, 1000);

  assert.ok(collector.parts.size <= 12);
  assert.ok([...collector.parts.keys()].every((text) => text.length < 5200));
});

test("without a key that signed the card there is no face", async () => {
  const collector = new FaceCollector();
  for (const text of good.texts) collector.add(text, 0);
  const { credential } = await besideOf(good);

  assert.equal((await collector.find({ credential, key: null }, 0)).state, "foreign");
});
