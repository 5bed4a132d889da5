// @ts-check
/** How a card looks, and the chip that says in words and a sign how it stands. */

import { now } from "./clock.js";
import { el, icon } from "./dom.js";
import { formatDay, formatValue, labelOf, languageOf, t } from "./words.js";

/** Types with a colour of their own; every other gets the neutral one. */
const COLOURS = new Set([
  "driving-licence",
  "taxi-permit",
  "vehicle-registration",
  "insurance-certificate",
  "residency",
  "business-licence",
  "property-title",
]);
const LEADING = ["plate", "name", "business_name", "licence_number", "title_number", "policy_number"];
const SIGNS = /** @type {const} */ ({
  valid: "check",
  suspended: "pause",
  revoked: "cross",
  expired: "cross",
  unknown: "question",
});

/** @typedef {keyof typeof SIGNS} Standing */

/** How the card stands now; what has run out has run out whatever the list says. @param {any} card */
export function standingOf(card) {
  if (card.valid_until && new Date(card.valid_until) <= now()) return "expired";
  return /** @type {Standing} */ (card.status in SIGNS ? card.status : "unknown");
}

/** @param {any} card @param {{isLarge?: boolean}} [how] */
export function buildCardFace(card, { isLarge = false } = {}) {
  const colour = COLOURS.has(card.type) ? card.type : "plain";
  const leading = leadingClaim(card);
  return el(
    "article",
    { class: `card card-${colour}${isLarge ? " card-large" : ""}` },
    el("p", { class: "card-label", lang: languageOf(card.label) }, labelOf(card.label)),
    el("p", { class: "card-issuer", lang: languageOf(card.issuer.name) }, labelOf(card.issuer.name) || card.issuer.id),
    el(
      "div",
      { class: "card-foot" },
      el("p", { class: "card-leading" }, leading ? formatValue(leading.value) : ""),
      buildChip(standingOf(card)),
      card.valid_until && el("p", { class: "card-until" }, t("card.valid_until", { day: formatDay(card.valid_until) })),
    ),
  );
}

/** A card that is only offered yet. @param {any} offered @param {any} issuer */
export function buildOfferedFace(offered, issuer) {
  const colour = COLOURS.has(offered.type) ? offered.type : "plain";
  return el(
    "article",
    { class: `card card-offered card-${colour}` },
    el("p", { class: "card-label", lang: languageOf(offered.label) }, labelOf(offered.label)),
    el("p", { class: "card-issuer", lang: languageOf(issuer.name) }, labelOf(issuer.name) || issuer.id),
  );
}

/** @param {Standing} standing */
export function buildChip(standing) {
  return el("span", { class: `chip chip-${standing}` }, icon(SIGNS[standing]), el("span", {}, t(`standing.${standing}`)));
}

/** @param {any} card */
function leadingClaim(card) {
  for (const name of LEADING) {
    const claim = card.claims.find((/** @type {any} */ one) => one.path.at(-1) === name);
    if (claim) return claim;
  }
  const parts = ["given_name", "family_name"]
    .map((name) => card.claims.find((/** @type {any} */ one) => one.path.at(-1) === name)?.value)
    .filter(Boolean);
  return parts.length > 0 ? { value: parts.join(" ") } : card.claims[0];
}
