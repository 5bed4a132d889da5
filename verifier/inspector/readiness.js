// @ts-check
/** Whether this phone can judge, and how old what it knows is. */

import { byId, sign } from "./elements.js";

const OLD_AFTER = 24 * 3600;

/**
 * @typedef {{state: "ready" | "offline" | "old" | "none" | "expired", canCheck: boolean,
 *   epochSeconds: number, now: number}} Readiness
 */

/**
 * @param {{bundle: {expiresAt: number, epochSeconds: number} | null, isReachable: boolean}} shelf
 * @param {{now: () => number}} clock @returns {Readiness}
 */
export function readReadiness(shelf, clock) {
  const now = clock.now();
  if (!shelf.bundle) return { state: "none", canCheck: false, epochSeconds: 0, now };
  const { expiresAt, epochSeconds } = shelf.bundle;
  if (now >= expiresAt) return { state: "expired", canCheck: false, epochSeconds, now };
  if (now - epochSeconds > OLD_AFTER) return { state: "old", canCheck: true, epochSeconds, now };
  return { state: shelf.isReachable ? "ready" : "offline", canCheck: true, epochSeconds, now };
}

/** @param {Readiness} readiness @param {import("./words.js").Words} words */
export function showReadiness(readiness, words) {
  const { state, epochSeconds, now } = readiness;
  const signs = { ready: "check", offline: "no-signal", old: "alert", none: "cross", expired: "cross" };
  const button = byId("readiness");
  button.dataset.state = state === "expired" ? "none" : state;
  button.querySelector("svg")?.replaceWith(sign(signs[state]));
  byId("readiness-words").textContent = words.text(`readiness.${state}`, {
    time: words.time(epochSeconds, now),
    age: words.age(now - epochSeconds),
  });
}
