// @ts-check
/**
 * Someone asks online: who, whether the city knows them, which claims with their values. Saying no
 * is as big as saying yes, and comes first.
 */

import { announce, button, el, fill, icon } from "../dom.js";
import { buildClaims } from "../claims.js";
import { explain } from "../faults.js";
import { readLink } from "../links.js";
import { buildParty } from "../party.js";
import { keepRequest, takeRequest } from "../under_way.js";
import { labelOf, languageOf, t } from "../words.js";
import { answerRequest, declineRequest, openRequest, takeView } from "../wallet.js";

/** @typedef {import("../under_way.js").UnderWay} UnderWay */

/** @type {import("../main.js").Screen} */
export function showRequest({ root, argument, go }) {
  const underWay = takeRequest();
  if (!argument && underWay) {
    showConsent(root, underWay, go);
    return;
  }
  const link = readLink(argument);
  if (link.kind !== "request") {
    fill(root, el("h1", {}, t("request.title")), el("p", {}, t("fault.invalid_request")), home());
    return;
  }
  const problem = el("div", { role: "alert" });
  fill(
    root,
    el("h1", {}, t("request.title")),
    el("p", { class: "lead" }, t("request.from_host")),
    el("p", { class: "host", dir: "ltr" }, link.host),
    el("p", { class: "hint" }, t("request.host_hint")),
    problem,
    el(
      "div",
      { class: "pair" },
      button(t("offer.not_now"), () => go("#/cards"), { class: "button" }),
      button(t("request.look"), async () => {
        try {
          showConsent(root, { request: await openRequest(link.text) }, go);
        } catch (error) {
          fill(problem, explain(error));
        }
      }, { class: "button primary" }),
    ),
  );
}

/** @param {HTMLElement} root @param {UnderWay} underWay @param {(hash: string) => void} go */
function showConsent(root, underWay, go) {
  const { request } = underWay;
  const choices = new Map();
  const problem = el("div", { role: "alert" });
  const decline = button(t("request.decline"), async () => {
    try {
      await declineRequest(request);
      keepRequest(null);
      showEnd(root, "request.declined", "request.declined_next", go);
    } catch (error) {
      fill(problem, explain(error));
    }
  }, { class: "button strong" });
  const share = button(t("request.share"), async () => {
    fill(problem);
    try {
      await shareNow(root, underWay, Object.fromEntries(choices), go);
    } catch (error) {
      fill(problem, explain(error));
    }
  }, { class: "button primary" });
  fill(
    root,
    el("h1", {}, t(request.satisfiable ? "request.wants" : "request.cannot")),
    buildParty(request.verifier),
    underWay.purpose && el("p", { class: "lead" }, t("request.for_code", { purpose: t(`purpose.${underWay.purpose}.title`) })),
    labelOf(request.purpose) && el("p", { class: "lead" }, labelOf(request.purpose)),
    !request.verifier.registered && el("p", { class: "box warn" }, icon("warning"), el("span", {}, t("request.unknown_warning"))),
    request.satisfiable
      ? request.credentials.map((/** @type {any} */ asked) => buildQuestion(asked, choices))
      : el("p", { class: "box calm" }, icon("question"), el("span", {}, t("request.cannot_next"))),
    problem,
    el("div", { class: "pair sticky" }, decline, request.satisfiable && share),
    el("p", { class: "hint" }, t("request.only_here")),
  );
  announce(t("request.wants"));
}

/** @param {any} asked @param {Map<string, string>} choices */
function buildQuestion(asked, choices) {
  if (asked.candidates.length === 0) return null;
  const shown = el("div");
  const show = (/** @type {any} */ candidate) => {
    choices.set(asked.query_id, candidate.credential_id);
    fill(shown, buildClaims(candidate.claims));
  };
  const [first] = asked.candidates;
  if (asked.required) show(first);
  const heading = el("h2", { class: "asked-title", lang: languageOf(first.label) }, labelOf(first.label));
  return el(
    "section",
    { class: "asked" },
    heading,
    el("p", { class: "asked-issuer", lang: languageOf(first.issuer.name) }, labelOf(first.issuer.name)),
    !asked.required && optional(asked, first, { choices, shown, show }),
    asked.candidates.length > 1 && chooser(asked, show),
    shown,
  );
}

/** @param {any} asked @param {(candidate: any) => void} show */
function chooser(asked, show) {
  const id = `choice-${asked.query_id}`;
  const select = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { id },
      asked.candidates.map((/** @type {any} */ candidate, /** @type {number} */ index) =>
        el("option", { value: String(index) }, `${labelOf(candidate.label)} · ${summary(candidate)}`),
      ),
    )
  );
  select.addEventListener("change", () => show(asked.candidates[Number(select.value)]));
  return el("div", { class: "field" }, el("label", { for: id }, t("request.which")), select);
}

/** @param {any} candidate */
function summary(candidate) {
  const value = candidate.claims.find((/** @type {any} */ claim) => typeof claim.value === "string")?.value;
  return value ?? candidate.credential_id.slice(0, 6);
}

/**
 * @param {any} asked @param {any} first
 * @param {{choices: Map<string, string>, shown: HTMLElement, show: (candidate: any) => void}} tools
 */
function optional(asked, first, { choices, shown, show }) {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: `optional-${asked.query_id}` }));
  box.addEventListener("change", () => {
    if (box.checked) show(first);
    else {
      choices.delete(asked.query_id);
      fill(shown);
    }
  });
  return el("div", { class: "check" }, box, el("label", { for: box.id }, t("request.optional")));
}

/**
 * @param {HTMLElement} root @param {UnderWay} underWay @param {Record<string, string>} choices
 * @param {(hash: string) => void} go
 */
async function shareNow(root, underWay, choices, go) {
  const answer = await answerRequest(underWay.request, choices);
  keepRequest(null);
  if (underWay.viewId) {
    await takeView(underWay.viewId, answer.keys);
    go(`#/show/${underWay.purpose ?? ""}`);
    return;
  }
  if (answer.redirect_uri) {
    location.assign(answer.redirect_uri);
    return;
  }
  showEnd(root, "request.shared", "request.shared_next", go);
}

/** @param {HTMLElement} root @param {string} title @param {string} next @param {(hash: string) => void} go */
function showEnd(root, title, next, go) {
  const isShared = title === "request.shared";
  fill(
    root,
    el(
      "div",
      { class: "done" },
      el("span", { class: isShared ? "done-mark" : "done-mark calm-mark" }, icon(isShared ? "check" : "hidden", "icon large")),
      el("h1", { tabindex: -1 }, t(title)),
      el("p", {}, t(next)),
    ),
    button(t("request.to_history"), () => go("#/history"), { class: "button wide" }),
    button(t("offer.see_cards"), () => go("#/cards"), { class: "button primary wide" }),
  );
  announce(t(title));
}

function home() {
  return el("a", { class: "button wide", href: "#/cards" }, t("tabs.cards"));
}
