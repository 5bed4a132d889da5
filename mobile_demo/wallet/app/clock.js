// @ts-check
/**
 * What time it is, also on a phone whose clock is wrong: the wallet service's `Date` header tells
 * how far off we are. The correction is kept, because codes are shown without signal.
 */

import { keepSetting, setting } from "./phone_store.js";

const TOLERATED_SECONDS = 30;
let offset = 0;

export async function loadClock() {
  offset = (await setting("clockOffset")) ?? 0;
}

/** Seconds since 1970, as the city counts them. */
export function nowSeconds() {
  return Math.floor(Date.now() / 1000 + offset);
}

/** @returns {Date} */
export function now() {
  return new Date(Date.now() + offset * 1000);
}

/** Learn from an answer of the service. @param {Response} response */
export async function learnTime(response) {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(told)) return;
  const difference = Math.round((told - Date.now()) / 1000);
  const learnt = Math.abs(difference) > TOLERATED_SECONDS ? difference : 0;
  if (learnt === offset || Math.abs(learnt - offset) < 2) return;
  offset = learnt;
  await keepSetting("clockOffset", offset);
}
