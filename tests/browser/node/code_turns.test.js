// @ts-check
/** The resident's phone shows the parts of a face in turn with its code. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseFrame, TURN_MILLISECONDS } from "../../../mobile_demo/wallet/app/code_turns.js";

const turning = { since: 1000, parts: 2, isTurning: true };

test("the proof comes first, and every part comes within a round", () => {
  const frames = [0, 1, 2, 3, 4, 5].map((turn) => chooseFrame({ ...turning, at: 1000 + turn * TURN_MILLISECONDS }));

  assert.deepEqual(frames, [0, 1, 2, 0, 1, 2]);
});

test("without a face, or when the resident says no, there is the proof alone", () => {
  for (let at = 0; at < 10_000; at += 130) {
    assert.equal(chooseFrame({ ...turning, at, parts: 0 }), 0);
    assert.equal(chooseFrame({ ...turning, at, isTurning: false }), 0);
  }
});

test("WCAG 2.3.1: fewer than three changes a second", () => {
  assert.ok(1000 / TURN_MILLISECONDS < 3);
  assert.equal(chooseFrame({ ...turning, at: 500 }), 0);
});
