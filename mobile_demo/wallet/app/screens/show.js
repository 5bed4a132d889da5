// @ts-check
/**
 * "Who is checking?": what each of them will see and will not see, before anything is shown.
 * The last choice comes first and is one tap away.
 */

import { standingOf } from "../card_face.js";
import { buildClaims } from "../claims.js";
import { now } from "../clock.js";
import { button, el, fill, icon } from "../dom.js";
import { explain } from "../faults.js";
import { keepSetting, setting } from "../phone_store.js";
import { buildFace } from "../pictures.js";
import { PURPOSES, findPurpose } from "../purposes.js";
import { formatMoment, labelOf, t } from "../words.js";
import { keptViews, loadCards, startView, syncViews } from "../wallet.js";
import { keepRequest } from "../under_way.js";

const BAD = new Set(["suspended", "revoked", "expired"]);
const RENEW_MILLISECONDS = 36 * 3600 * 1000;

/** @type {import("../main.js").Screen} */
export async function showPurposes(place) {
  const purpose = findPurpose(place.argument);
  if (purpose) await showPurpose(place, purpose);
  else await listPurposes(place);
}

/** @param {import("../main.js").Place} place */
async function listPurposes({ root }) {
  const favourite = await setting("favourite");
  const ordered = [...PURPOSES].sort((left, right) => Number(right.id === favourite) - Number(left.id === favourite));
  const items = await Promise.all(
    ordered.map(async (purpose) => {
      const copies = purpose.view ? await keptViews(purpose.view, now()) : [];
      const isReady = copies.length > 0;
      return el(
        "li",
        {},
        el(
          "a",
          { class: "purpose", href: purpose.view ? `#/show/${purpose.id}` : "#/scan" },
          el("span", { class: "purpose-mark" }, icon(purpose.icon, "icon large")),
          el(
            "span",
            { class: "purpose-text" },
            el("strong", {}, t(`purpose.${purpose.id}.title`)),
            el("span", {}, t(`purpose.${purpose.id}.lead`)),
            isReady && el("span", { class: "purpose-ready" }, icon("check"), el("span", {}, t("show.ready_offline"))),
          ),
          icon("next"),
        ),
      );
    }),
  );
  fill(
    root,
    el("h1", {}, t("show.title")),
    el("p", { class: "lead" }, t("show.lead")),
    el("ul", { class: "purposes" }, items),
  );
}

/** @param {import("../main.js").Place} place @param {import("../purposes.js").Purpose} purpose */
async function showPurpose({ root, go }, purpose) {
  const view = purpose.view ?? "";
  let copies = await keptViews(view, now());
  if (copies.length === 0 && !purpose.isFromAgency) {
    await syncViews().catch(() => undefined);
    copies = await keptViews(view, now());
  }
  fill(
    root,
    el("a", { class: "back", href: "#/show" }, icon("back"), el("span", {}, t("back"))),
    el("h1", {}, t(`purpose.${purpose.id}.title`)),
    await warning(purpose),
    copies.length > 0 ? ready(purpose, copies, go) : await notReady(purpose, go),
  );
}

/** @param {import("../purposes.js").Purpose} purpose @param {any[]} copies @param {(hash: string) => void} go */
function ready(purpose, copies, go) {
  const [copy] = copies;
  return el(
    "div",
    { class: "stack" },
    el(
      "section",
      { class: "sees" },
      el("h2", {}, icon("eye"), el("span", {}, t("show.they_see"))),
      buildClaims(copy.claims),
      copy.face?.length > 0 && el("p", { class: "with-face" }, buildFace(copy.face), el("span", {}, t("show.picture"))),
    ),
    hides(purpose),
    el("p", { class: "hint" }, t("cards.works_until", { moment: formatMoment(copy.valid_until) })),
    purpose.isFromAgency && endsSoon(copy) && renewal(purpose, go),
    el(
      "div",
      { class: "above-tabs" },
      button(
        t("show.code"),
        async () => {
          await keepSetting("favourite", purpose.id);
          go(`#/code/${encodeURIComponent(copy.view)}`);
        },
        { class: "button primary wide tall" },
        icon("show"),
      ),
    ),
  );
}

/** A card behind the code that no longer holds: better known here than at the kerb. @param {import("../purposes.js").Purpose} purpose */
async function warning(purpose) {
  const cards = (await setting("cards")) ?? [];
  const behind = cards.filter((/** @type {any} */ card) => purpose.cards.includes(card.type));
  const bad = behind.find((/** @type {any} */ card) => BAD.has(standingOf(card)));
  if (!bad) return null;
  return el(
    "p",
    { class: "box warn" },
    icon("warning"),
    el("span", {}, `${labelOf(bad.label)}: ${t(`standing.${standingOf(bad)}.warning`)}`),
  );
}

/** @param {any} copy */
function endsSoon(copy) {
  return new Date(copy.valid_until).getTime() - now().getTime() < RENEW_MILLISECONDS;
}

/** @param {import("../purposes.js").Purpose} purpose @param {(hash: string) => void} go */
function renewal(purpose, go) {
  const problem = el("div", { role: "alert" });
  return el(
    "div",
    { class: "stack" },
    el("p", { class: "box calm" }, icon("history"), el("span", {}, t("show.ends_soon"))),
    problem,
    button(t("show.renew"), () => getReady(purpose, go, problem), { class: "button wide" }),
  );
}

/** @param {import("../purposes.js").Purpose} purpose */
function hides(purpose) {
  return el(
    "section",
    { class: "hides" },
    el("h2", {}, icon("hidden"), el("span", {}, t("show.they_do_not_see"))),
    el("ul", {}, purpose.hidden.map((name) => el("li", {}, t(`hidden.${name}`)))),
  );
}

/**
 * No copy yet: which cards are needed, and if all are there, ask their agency for the view.
 * @param {import("../purposes.js").Purpose} purpose @param {(hash: string) => void} go
 */
async function notReady(purpose, go) {
  const problem = el("div", { role: "alert" });
  const { cards } = await loadCards().catch(() => ({ cards: [] }));
  const held = new Set(cards.map((/** @type {any} */ card) => card.type));
  const hasAll = purpose.cards.every((type) => held.has(type));
  return el(
    "div",
    { class: "stack" },
    el("p", { class: "lead" }, t(hasAll ? "show.get_ready_lead" : "show.cards_missing")),
    el(
      "ul",
      { class: "needs" },
      purpose.cards.map((type) =>
        el(
          "li",
          { class: held.has(type) ? "need have" : "need" },
          icon(held.has(type) ? "check" : "cross"),
          el("span", {}, t(`type.${type}`)),
          el("span", { class: "need-state" }, t(held.has(type) ? "show.have" : "show.missing")),
        ),
      ),
    ),
    hides(purpose),
    problem,
    hasAll && purpose.isFromAgency && el(
      "div",
      { class: "above-tabs" },
      button(t("show.get_ready"), () => getReady(purpose, go, problem), { class: "button primary wide tall" }),
    ),
    !hasAll && el("a", { class: "button wide", href: "#/scan" }, icon("scan"), el("span", {}, t("cards.scan_offer"))),
  );
}

/** @param {import("../purposes.js").Purpose} purpose @param {(hash: string) => void} go @param {HTMLElement} problem */
async function getReady(purpose, go, problem) {
  try {
    fill(problem);
    const started = await startView(purpose.view ?? "");
    keepRequest({ request: started.request, viewId: started.id, purpose: purpose.id });
    go("#/request");
  } catch (error) {
    fill(problem, explain(error));
  }
}
