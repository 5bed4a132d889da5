// @ts-check
/** Who is on the other side: the register's name for them, or a plain warning that it has none. */

import { el, icon } from "./dom.js";
import { labelOf, languageOf, t } from "./words.js";

/** @param {{id: string, name: Record<string, string>, registered: boolean}} party */
export function buildParty(party) {
  const name = labelOf(party.name);
  return el(
    "div",
    { class: party.registered ? "party" : "party party-unknown" },
    el("span", { class: "party-mark" }, icon(party.registered ? "city" : "warning", "icon large")),
    el(
      "div",
      {},
      el("p", { class: "party-name", lang: languageOf(party.name) }, name || t("party.unnamed")),
      el(
        "p",
        { class: "party-state" },
        icon(party.registered ? "check" : "warning"),
        el("span", {}, t(party.registered ? "party.registered" : "party.not_registered")),
      ),
      !party.registered && el("p", { class: "party-id", dir: "ltr" }, party.id),
    ),
  );
}
