// @ts-check
/** What was received, shown, declined and deleted. Only the resident reads this. */

import { call } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { explain } from "../faults.js";
import { formatMoment, labelOf, languageOf, t } from "../words.js";

const SIGNS = /** @type {const} */ ({ received: "cards", presented: "eye", declined: "hidden", deleted: "trash" });

/** @type {import("../main.js").Screen} */
export async function showHistory({ root }) {
  const heading = [el("h1", {}, t("history.title")), el("p", { class: "lead" }, t("history.lead"))];
  try {
    const { entries } = await call("GET", "/api/v1/history");
    fill(
      root,
      heading,
      entries.length === 0
        ? el("p", { class: "box calm" }, icon("history"), el("span", {}, t("history.empty")))
        : el("ol", { class: "history" }, entries.map(line)),
    );
  } catch (error) {
    fill(root, heading, explain(error));
  }
}

/** @param {any} entry */
function line(entry) {
  const { party, label, shared = [] } = entry.detail;
  const happening = /** @type {keyof typeof SIGNS} */ (entry.happening);
  return el(
    "li",
    { class: `event event-${happening}` },
    el("span", { class: "event-mark" }, icon(SIGNS[happening] ?? "history")),
    el(
      "div",
      {},
      el("p", { class: "event-title" }, t(`history.${happening}`)),
      label && el("p", { lang: languageOf(label) }, labelOf(label)),
      party && el("p", { class: "event-party", lang: languageOf(party.name) }, labelOf(party.name) || party.id),
      shared.map((/** @type {any} */ one) =>
        el("p", { class: "event-shared" }, `${labelOf(one.label)}: ${one.claims.map(labelOf).join(", ")}`),
      ),
      el("time", { datetime: new Date(entry.at * 1000).toISOString() }, formatMoment(entry.at)),
    ),
  );
}
