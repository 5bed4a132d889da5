// @ts-check
/** The inspector's screens: every reason has one, every screen has words in every language. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { REASONS } from "../../../credentials/js/verdict.js";
import { chooseScreen, findFacts } from "../../../verifier/inspector/screens.js";

const LANGUAGES = ["en", "km", "zh-Hans"];
const AMBER = new Set([
  "issuer_not_trusted", "issuer_not_authorised_for_type", "type_not_accepted", "rollback", "fork",
  "status_unknown", "status_not_anchored", "status_stale", "overdue",
]); // prettier-ignore
const SHOWS_NOBODY = new Set([
  "malformed", "bad_signature", "holder_not_bound", "wrong_audience", "wrong_nonce",
  "key_compromised", "issuer_not_trusted", "issuer_not_authorised_for_type", "stale_code",
  "replayed", "type_not_accepted",
]); // prettier-ignore

/** @param {string} language @returns {Record<string, string>} */
function readWords(language) {
  const file = new URL(`../../../verifier/inspector/locales/${language}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf-8"));
}

/** @param {import("../../../verifier/inspector/screens.js").Check[]} checks */
function verdictOf(...checks) {
  const failed = checks.some((check) => check.outcome === "failed");
  const outcome = failed ? "failed" : checks.length ? "indeterminate" : "passed";
  return {
    outcome, purpose: "taxi-inspection", checked_at: "2026-11-22T09:00:00Z", status_as_of: null,
    epoch: 1, checks: [{ name: "format", outcome: "passed" }, ...checks], claims: null,
  }; // prettier-ignore
}

test("only a verdict without any doubt is green", () => {
  assert.equal(chooseScreen(verdictOf()).look, "good");
  for (const reason of REASONS) {
    for (const outcome of ["failed", "indeterminate"]) {
      assert.notEqual(chooseScreen(verdictOf({ name: "status", outcome, reason })).look, "good", reason);
    }
  }
  assert.notEqual(chooseScreen({ ...verdictOf(), outcome: "failed", checks: [] }).look, "good");
});

for (const reason of REASONS) {
  test(`${reason} has its colour, and words in every language`, () => {
    const outcome = AMBER.has(reason) ? "indeterminate" : "failed";
    const screen = chooseScreen(verdictOf({ name: "status", outcome, reason }));

    assert.equal(screen.look, AMBER.has(reason) ? "warn" : "bad");
    assert.equal(screen.showsClaims, !SHOWS_NOBODY.has(reason));
    for (const language of LANGUAGES) {
      const words = readWords(language);
      for (const part of ["title", "why", "do"]) {
        assert.ok(words[`screen.${screen.name}.${part}`], `${language} ${screen.name}.${part}`);
      }
      assert.ok(words[`reason.${reason}`], `${language} ${reason}`);
    }
  });
}

test("a forged card that is also revoked is a forgery first", () => {
  const screen = chooseScreen(
    verdictOf(
      { name: "status", outcome: "failed", reason: "revoked" },
      { name: "holder", outcome: "failed", reason: "holder_not_bound" },
    ),
  );

  assert.equal(screen.name, "forged");
  assert.equal(screen.showsClaims, false);
});

test("a card for another purpose is a mistake, the right card for another audience a trick", () => {
  /** @type {import("../../../verifier/inspector/screens.js").Check} */
  const audience = { name: "holder", outcome: "failed", reason: "wrong_audience" };
  /** @type {import("../../../verifier/inspector/screens.js").Check} */
  const type = { name: "type", outcome: "failed", reason: "type_not_accepted" };

  assert.equal(chooseScreen(verdictOf(audience, type)).name, "wrong_card");
  assert.equal(chooseScreen(verdictOf(audience)).name, "forged");
});

test("the failing link is the one that is named", () => {
  const screen = chooseScreen(
    verdictOf({ name: "status", outcome: "failed", reason: "revoked", credential: "insurance-certificate" }),
  );

  assert.equal(screen.check?.credential, "insurance-certificate");
});

test("every language has the same words", () => {
  const [english, ...others] = LANGUAGES.map((language) => Object.keys(readWords(language)).sort());
  for (const other of others) assert.deepEqual(other, english);
});

test("every place in a text is there in every language", () => {
  const places = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
  const english = readWords("en");
  for (const language of LANGUAGES) {
    for (const [key, text] of Object.entries(readWords(language))) {
      assert.deepEqual(places(text), places(english[key]), `${language} ${key}`);
    }
  }
});

test("who and which plate are found in any of the cards", () => {
  const claims = {
    driving_licence: { family_name: "Sok", given_name: "Dara", categories: ["B"] },
    taxi_permit: { plate: "2A-4417", category: "taxi", zone: "Phnom Penh" },
  };

  assert.deepEqual(findFacts({ ...verdictOf(), claims }), {
    name: "Sok Dara", plate: "2A-4417", category: "taxi", zone: "Phnom Penh", until: "",
  }); // prettier-ignore
  assert.equal(findFacts(verdictOf()).name, "");
});

test("what a type or schema leaves open is amber, and a refusal stays red", () => {
  const open = { name: "schema", outcome: "indeterminate", reason: "malformed" };
  const verdict = { ...verdictOf(open), claims: { permit: { plate: "2A-4417" } } };
  assert.equal(chooseScreen(verdict).name, "unchecked");
  assert.equal(chooseScreen(verdictOf(open)).look, "bad");
  assert.equal(chooseScreen(verdictOf({ ...open, outcome: "failed" })).name, "forged");
});
