// @ts-check
/** A staple is judged in JavaScript as in Python: the shared vectors of `staples.json`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { verifyStapledStatus } from "../../../credentials/js/stapled_status.js";
import * as base64url from "../../../encoding/js/base64url.js";
import { fromHex } from "../../../encoding/js/bytes.js";
import { checkDue, emptyMemory, rememberHead, rememberStaple } from "../../../ledger/js/memory_of_heads.js";
import { leafHash, nodeHash } from "../../../ledger/js/merkle.js";
import { parsePolicy } from "../../../ledger/js/quorum.js";
import { verifyHead } from "../../../ledger/js/staple.js";
import { parseEpochHead } from "../../../ledger/js/staple_form.js";
import { readVectors } from "./vectors.js";

for (const vector of readVectors("staples.json").cases) {
  test(`a staple: ${vector.name}`, async () => {
    if (vector.expect === "refused") {
      await assert.rejects(judge(vector.given), (/** @type {any} */ error) => {
        assert.equal(error.detail, vector.reason, error.stack);
        return true;
      });
    } else {
      assert.equal(await judge(vector.given), vector.expect);
    }
  });
}

/** @param {any} given */
async function judge(given) {
  const policy = await parsePolicy(given.policy);
  const head = given.head && (await parseEpochHead(base64url.decode(given.head), policy));
  if (head) await verifyHead(head, policy);
  const { uri, index, issuer, type } = given;
  const signedWith = base64url.decode(given.signed_with);
  const credential = { uri, index, isBitstring: given.is_bitstring, issuer, type, signedWith };
  const data = base64url.decode(given.staple);
  const { entry } = await verifyStapledStatus(data, { credential, policy, head });
  await rememberStaple(parseMemory(given.memory), entry);
  const receipts = given.receipts.map((/** @type {any} */ { due_epoch: dueEpoch, ...rest }) => ({ ...rest, dueEpoch }));
  checkDue(entry, { now: given.now, promised: given.promised, receipts });
  return entry.value;
}

/** @param {any} given */
function parseMemory({ head, epochs, roots, versions }) {
  const byNumber = (/** @type {any} */ members) =>
    new Map(Object.entries(members).map(([name, value]) => [Number(name), String(value)]));
  return {
    head: head && { ...head, root: fromHex(head.root) },
    epochs: byNumber(epochs),
    roots: byNumber(roots),
    versions: new Map(Object.entries(versions).map(([name, value]) => [name, Number(value)])),
  };
}

test("a newer head must extend the one that is held", async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map((byte) => leafHash(Uint8Array.of(byte))));
  const left = await nodeHash(one, two);
  const old = { origin: "log.example", size: 2, root: left };
  const grown = { origin: "log.example", size: 3, root: await nodeHash(left, three) };
  const leaf = (/** @type {number} */ epoch) => ({
    epoch, seconds: 60 * epoch, lists: 0, listsRoot: new Uint8Array(32), trustRoot: new Uint8Array(32),
  }); // prettier-ignore
  const memory = await rememberHead(emptyMemory(), old, leaf(2), null);

  assert.equal((await rememberHead(memory, grown, leaf(3), [three])).head, grown);
  await assert.rejects(rememberHead(memory, grown, leaf(3), [one]), { detail: "fork" });
  await assert.rejects(rememberHead(memory, { ...grown, size: 1 }, leaf(1), null), { detail: "rollback" });
  await assert.rejects(rememberHead(memory, { ...old, root: three }, leaf(2), null), { detail: "fork" });
});
