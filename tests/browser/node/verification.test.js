// @ts-check
/**
 * `verify()` in JavaScript reaches the verdicts of `verify()` in Python, check by check.
 *
 * A phone reads views (`dc+sd-jwt`) and Token Status Lists, and follows no certificate path. On
 * vectors of other formats it may only be stricter than a counter, never milder.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseAnchorProof } from "../../../ledger/js/anchor.js";
import { parsePolicy } from "../../../ledger/js/quorum.js";
import { parseTrustRegistry } from "../../../credentials/js/trust.js";
import { verify } from "../../../credentials/js/verification.js";
import { readVectors } from "./vectors.js";

const vectors = readVectors("verification.json");

for (const vector of vectors.cases) {
  test(`verdict: ${vector.name}`, async () => {
    const { given } = vector;
    const verdict = await verify(given.presentation, await readMaterial(given), vectors.demands[given.policy], {
      now: given.now,
      audience: given.audience,
      nonce: given.nonce,
    });

    if (isReadOnPhone(given)) assert.deepEqual(simplify(verdict), simplify(vector.verdict));
    else assert.ok(WORSE[verdict.outcome] >= WORSE[vector.verdict.outcome], verdict.outcome);
  });
}

test("the vectors reach every reason that a phone can give", () => {
  const reached = new Set(vectors.cases.filter((/** @type {any} */ each) => isReadOnPhone(each.given)).flatMap((/** @type {any} */ each) => each.verdict.reasons));

  assert.deepEqual(NEVER_ON_A_PHONE.filter((reason) => reached.has(reason)), []);
  assert.ok(reached.size >= 18, `only ${reached.size} reasons: ${[...reached]}`);
});

/** @type {Record<string, number>} */
const WORSE = { passed: 0, indeterminate: 1, failed: 2 };
const NEVER_ON_A_PHONE = ["overdue"];

/** A phone reads SD-JWT VC views and Token Status Lists. @param {any} given */
function isReadOnPhone(given) {
  const texts = Object.values(given.presentation);
  const types = texts.map((text) => typeOf(String(text)));
  return types.every((type) => type === "dc+sd-jwt" || type === null) && !texts.some((text) => usesChain(String(text)));
}

/** @param {string} text */
function headerOf(text) {
  try {
    return JSON.parse(Buffer.from(text.split(".")[0], "base64url").toString());
  } catch {
    return null;
  }
}

/** @param {string} text */
function typeOf(text) {
  const header = headerOf(text);
  return header && ["vc+sd-jwt", "vc+jwt", "vp+jwt"].includes(header.typ) ? header.typ : header ? "dc+sd-jwt" : null;
}

/** A certificate path is followed by counters only. @param {string} text */
function usesChain(text) {
  return Boolean(headerOf(text)?.x5c);
}

/** @param {any} given */
async function readMaterial(given) {
  const lists = new Map();
  for (const [uri, copies] of Object.entries(given.lists)) lists.set(uri, copies.map(readCopy));
  const epochs = Object.entries(given.memory.epochs).map(([epoch, digest]) => /** @type {[number, Uint8Array]} */ ([Number(epoch), new Uint8Array(Buffer.from(String(digest), "base64url"))]));
  return {
    trust: await parseTrustRegistry(vectors.trust[given.trust]),
    lists,
    log: given.log === null ? null : await parsePolicy(vectors.keepers[given.log]),
    isReplayed: given.is_replayed,
    memory: { epochs: new Map(epochs), versions: new Map(Object.entries(given.memory.versions)) },
  };
}

/** @param {any} copy */
function readCopy(copy) {
  return {
    token: vectors.lists[copy.token ?? copy.list] ?? copy.token,
    proof: copy.proof === null ? null : parseAnchorProof(vectors.proofs[copy.proof] ?? copy.proof),
  };
}

/** @param {any} verdict */
function simplify(verdict) {
  return {
    outcome: verdict.outcome,
    reasons: verdict.reasons,
    epoch: verdict.epoch,
    status_as_of: verdict.status_as_of,
    claims: verdict.claims,
    checks: verdict.checks.map((/** @type {any} */ check) => ({ ...check })),
  };
}
