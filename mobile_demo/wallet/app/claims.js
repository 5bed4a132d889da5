// @ts-check
/** Lists of claims: the label in the resident's language, the value as it stands in the document. */

import { el } from "./dom.js";
import { buildPicture, isPicture } from "./pictures.js";
import { formatValue, labelOf, languageOf } from "./words.js";

/** @param {{path: (string | number | null)[], label: Record<string, string>, value: unknown}[]} claims */
export function buildClaims(claims) {
  return el(
    "dl",
    { class: "claims" },
    claims.map((claim) =>
      el(
        "div",
        { class: "claim" },
        el("dt", { lang: languageOf(claim.label) }, labelOf(claim.label)),
        el("dd", { lang: scriptOf(claim.value) }, showValue(claim.value)),
      ),
    ),
  );
}

/** A picture, or the value as text. @param {unknown} value */
function showValue(value) {
  return isPicture(value) ? buildPicture(String(value)) : formatValue(value);
}

/** The language of a value that is not in the screen's script (WCAG 3.1.2). @param {unknown} value */
function scriptOf(value) {
  if (typeof value !== "string") return undefined;
  if (/[\u1780-\u17ff]/.test(value)) return "km";
  if (/[\u4e00-\u9fff]/.test(value)) return "zh-Hans";
  return undefined;
}
