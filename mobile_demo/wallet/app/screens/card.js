// @ts-check
/** One card: everything that stands in it, and how to be rid of it. */

import { call } from "../api.js";
import { buildCardFace, standingOf } from "../card_face.js";
import { buildClaims } from "../claims.js";
import { button, el, fill, icon } from "../dom.js";
import { explain } from "../faults.js";
import { PURPOSES } from "../purposes.js";
import { setting } from "../phone_store.js";
import { formatMoment, labelOf, t } from "../words.js";

/** @type {import("../main.js").Screen} */
export async function showCard({ root, argument, go }) {
  let card;
  try {
    card = await call("GET", `/api/v1/credentials/${encodeURIComponent(argument)}`);
  } catch (error) {
    const kept = (await setting("cards")) ?? [];
    card = kept.find((/** @type {any} */ one) => one.id === argument);
    if (!card) {
      fill(root, back(), el("h1", {}, t("card.title")), explain(error));
      return;
    }
  }
  const standing = standingOf(card);
  const purposes = PURPOSES.filter((purpose) => purpose.cards.includes(card.type));
  fill(
    root,
    back(),
    el("h1", { class: "visually-hidden" }, labelOf(card.label)),
    buildCardFace(card, { isLarge: true }),
    standing !== "valid" && standing !== "unknown" && el(
      "p",
      { class: "box warn" },
      icon("warning"),
      el("span", {}, t(`standing.${standing}.warning`)),
    ),
    purposes.length > 0 && el(
      "a",
      { class: "button primary wide", href: `#/show/${purposes[0].id}` },
      icon("show"),
      el("span", {}, t("card.show")),
    ),
    el("h2", {}, t("card.inside")),
    buildClaims(card.claims),
    el("h2", {}, t("card.about")),
    about(card),
    removal(card, go),
  );
}

/** @param {any} card */
function about(card) {
  return el(
    "dl",
    { class: "claims" },
    fact(t("card.issuer"), `${labelOf(card.issuer.name) || card.issuer.id}`),
    fact(t("card.registered"), card.issuer.registered ? t("party.registered") : t("party.not_registered")),
    fact(t("card.received"), formatMoment(card.received_at)),
    card.status_as_of && fact(t("card.status_as_of"), formatMoment(card.status_as_of)),
    fact(t("card.copies"), String(card.copies)),
  );
}

function back() {
  return el("a", { class: "back", href: "#/cards" }, icon("back"), el("span", {}, t("back")));
}

/** @param {string} name @param {string} value */
function fact(name, value) {
  return el("div", { class: "claim" }, el("dt", {}, name), el("dd", {}, value));
}

/** @param {any} card @param {(hash: string) => void} go */
function removal(card, go) {
  const box = el("div", { class: "removal" });
  const ask = () =>
    fill(
      box,
      el("div", { class: "box warn" }, icon("trash"), el("p", {}, t("card.remove_warning"))),
      el(
        "div",
        { class: "pair" },
        button(t("card.keep"), offer, { class: "button" }),
        button(t("card.remove_now"), async () => {
          try {
            await call("DELETE", `/api/v1/credentials/${encodeURIComponent(card.id)}`);
            go("#/cards");
          } catch (error) {
            fill(box, explain(error));
          }
        }, { class: "button danger" }),
      ),
    );
  const offer = () => fill(box, button(t("card.remove"), ask, { class: "button quiet" }, icon("trash")));
  offer();
  return box;
}
