// @ts-check
/** An offered credential: whose link, then what is offered, then yes or no. */

import { buildCardFace, buildOfferedFace } from "../card_face.js";
import { announce, button, el, fill, icon } from "../dom.js";
import { explain } from "../faults.js";
import { readLink } from "../links.js";
import { buildParty } from "../party.js";
import { t } from "../words.js";
import { acceptOffer, previewOffer } from "../wallet.js";

/** @type {import("../main.js").Screen} */
export function showOffer({ root, argument, go }) {
  const link = readLink(argument);
  if (link.kind !== "offer") {
    fill(root, el("h1", {}, t("offer.title")), el("p", {}, t("fault.invalid_request")), home());
    return;
  }
  const problem = el("div", { role: "alert" });
  fill(
    root,
    el("h1", {}, t("offer.title")),
    el("p", { class: "lead" }, t("offer.from_host")),
    el("p", { class: "host", dir: "ltr" }, link.host),
    el("p", { class: "hint" }, t("offer.host_hint")),
    problem,
    el(
      "div",
      { class: "pair" },
      button(t("offer.not_now"), () => go("#/cards"), { class: "button" }),
      button(t("offer.look"), async () => {
        try {
          showPreview(root, await previewOffer(link.text), go);
        } catch (error) {
          fill(problem, explain(error));
        }
      }, { class: "button primary" }),
    ),
  );
}

/** @param {HTMLElement} root @param {any} offer @param {(hash: string) => void} go */
function showPreview(root, offer, go) {
  const [offered] = offer.credentials;
  const formats = [...new Set(offer.credentials.map((/** @type {any} */ one) => one.format))];
  const code = offer.tx_code && codeField(offer.tx_code);
  const problem = el("div", { role: "alert" });
  const form = el(
    "form",
    { class: "stack" },
    code?.node,
    formats.length > 1 && formatField(formats),
    problem,
    decision(go),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const submit = /** @type {HTMLElement} */ (form.querySelector("[type=submit]"));
    if (submit.getAttribute("aria-busy") === "true") return;
    submit.setAttribute("aria-busy", "true");
    fill(problem);
    try {
      const choice = /** @type {HTMLSelectElement | null} */ (form.querySelector("select"));
      const cards = await acceptOffer(offer, code?.read() ?? null, { format: choice?.value });
      showReceived(root, cards, go);
    } catch (error) {
      fill(problem, explain(error));
      code?.focus();
    } finally {
      submit.removeAttribute("aria-busy");
    }
  });
  fill(
    root,
    el("h1", {}, t("offer.wants")),
    buildParty(offer.issuer),
    buildOfferedFace(offered, offer.issuer),
    el("p", { class: "hint" }, t("offer.key_hint")),
    form,
  );
  announce(t("offer.wants"));
}

/** @param {(hash: string) => void} go */
function decision(go) {
  return el(
    "div",
    { class: "pair" },
    button(t("offer.not_now"), () => go("#/cards"), { class: "button" }),
    el("button", { type: "submit", class: "button primary" }, el("span", {}, t("offer.add"))),
  );
}

/** @param {{input_mode: string, length: number | null, description: string | null}} asked */
function codeField(asked) {
  const isNumeric = asked.input_mode !== "text";
  const input = /** @type {HTMLInputElement} */ (
    el("input", {
      id: "tx-code",
      name: "tx-code",
      required: true,
      inputmode: isNumeric ? "numeric" : "text",
      autocomplete: "one-time-code",
      maxlength: asked.length ?? 64,
      class: "code-input",
      dir: "ltr",
    })
  );
  return {
    node: el(
      "div",
      { class: "field" },
      el("label", { for: "tx-code" }, t("offer.code")),
      input,
      el("p", { class: "hint" }, asked.description ?? t("offer.code_hint")),
    ),
    read: () => input.value.trim(),
    focus: () => input.focus(),
  };
}

/** @param {unknown[]} formats */
function formatField(formats) {
  return el(
    "details",
    { class: "more" },
    el("summary", {}, t("offer.more")),
    el(
      "div",
      { class: "field" },
      el("label", { for: "format" }, t("offer.format")),
      el("select", { id: "format" }, formats.map((format) => el("option", { value: String(format) }, String(format)))),
    ),
  );
}

/** @param {HTMLElement} root @param {any[]} cards @param {(hash: string) => void} go */
function showReceived(root, cards, go) {
  fill(
    root,
    el("div", { class: "done" }, el("span", { class: "done-mark" }, icon("check", "icon large")), el("h1", {}, t("offer.added"))),
    cards.map((card) => buildCardFace(card)),
    button(t("offer.see_cards"), () => go("#/cards"), { class: "button primary wide" }),
  );
  announce(t("offer.added"));
}

function home() {
  return el("a", { class: "button wide", href: "#/cards" }, t("tabs.cards"));
}
