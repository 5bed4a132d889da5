// @ts-check
/** Home: the resident's cards, how they stand, and until when they work without signal. */

import { now } from "../clock.js";
import { announce, el, fill, icon } from "../dom.js";
import { buildCardFace } from "../card_face.js";
import { explain } from "../faults.js";
import { loadAll } from "../phone_store.js";
import { formatMoment, t } from "../words.js";
import { loadCards, syncViews } from "../wallet.js";

/** @type {import("../main.js").Screen} */
export async function showCards({ root, city }) {
  let found;
  try {
    found = await loadCards();
    if (!found.isOffline) await syncViews();
  } catch (error) {
    fill(root, heading(city), explain(error));
    return;
  }
  const { cards, isOffline } = found;
  const wide = cards.filter((/** @type {any} */ card) => !card.is_view);
  fill(
    root,
    heading(city),
    isOffline && el("p", { class: "box calm" }, icon("signal"), el("span", {}, t("cards.offline"))),
    await readiness(),
    wide.length === 0 ? empty() : el("ul", { class: "card-list" }, wide.map(item)),
    wide.length > 0 && el("a", { class: "button wide", href: "#/scan" }, icon("scan"), el("span", {}, t("cards.add"))),
  );
  if (isOffline) announce(t("cards.offline"));
}

/** @param {string} city */
function heading(city) {
  return el(
    "header",
    { class: "top" },
    el("div", {}, el("p", { class: "top-city" }, city || "CityWallet"), el("h1", {}, t("cards.title"))),
    el("a", { class: "icon-button", href: "#/settings", "aria-label": t("settings.title") }, icon("settings")),
  );
}

/** @param {any} card */
function item(card) {
  return el("li", {}, el("a", { class: "card-link", href: `#/card/${encodeURIComponent(card.id)}` }, buildCardFace(card)));
}

/** The codes that this phone can show without signal, and until when. */
async function readiness() {
  const copies = (await loadAll("views")).filter(
    (copy) => copy.valid_until && new Date(copy.valid_until) > now(),
  );
  const ends = new Map();
  for (const copy of copies) {
    const end = ends.get(copy.view);
    if (!end || copy.valid_until > end.valid_until) ends.set(copy.view, copy);
  }
  if (ends.size === 0) return null;
  return el(
    "ul",
    { class: "ready-list" },
    [...ends.values()].map((copy) =>
      el(
        "li",
        {},
        el(
          "a",
          { class: "ready", href: `#/code/${encodeURIComponent(copy.view)}` },
          el("span", { class: "ready-mark" }, icon("show")),
          el(
            "span",
            { class: "ready-text" },
            el("strong", {}, t(`purpose.${copy.view}.title`)),
            el("span", {}, t("cards.works_until", { moment: formatMoment(copy.valid_until) })),
          ),
          icon("next", "icon ready-go"),
        ),
      ),
    ),
  );
}

function empty() {
  return el(
    "div",
    { class: "empty" },
    el("div", { class: "empty-mark", "aria-hidden": "true" }, icon("cards", "icon large")),
    el("h2", {}, t("cards.empty")),
    el("p", {}, t("cards.empty_next")),
    el("a", { class: "button primary wide", href: "#/scan" }, icon("scan"), el("span", {}, t("cards.scan_offer"))),
  );
}
