// @ts-check
/** Reads the shared vectors of `tests/vectors` for the tests that run under node. */

import { readFileSync } from "node:fs";

/** @param {string} name @returns {any} */
export function readVectors(name) {
  const url = new URL(`../../vectors/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}
