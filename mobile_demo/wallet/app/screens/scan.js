// @ts-check
/** Scan or paste an offer or a request. Nothing is opened before the resident has seen whose it is. */

import { announce, button, el, fill, icon } from "../dom.js";
import { readLink } from "../links.js";
import { Scanner } from "../scanner.js";
import { t } from "../words.js";

const HELP_AFTER_MILLISECONDS = 6000;

/** @type {import("../main.js").Screen} */
export function showScan({ root, go }) {
  const video = /** @type {HTMLVideoElement} */ (
    el("video", { class: "camera", playsinline: true, muted: true, "aria-label": t("scan.camera") })
  );
  video.muted = true;
  const state = el("p", { class: "camera-state", role: "status" }, t("scan.starting"));
  const torch = el("div", { class: "camera-tools" });
  const found = el("div", { role: "alert" });
  const take = (/** @type {string} */ text) => takeText(text, { scanner, found, go });
  const scanner = new Scanner(video, {
    onText: take,
    onState: (now) => {
      state.textContent = t(`scan.${now}`);
      frame.dataset.state = now;
      if (now === "running" && scanner.hasTorch) fill(torch, torchButton(scanner));
    },
  });
  const frame = el("div", { class: "camera-frame" }, video, el("span", { class: "camera-corners", "aria-hidden": "true" }), state, torch);
  fill(root, el("h1", {}, t("scan.title")), el("p", { class: "lead" }, t("scan.lead")), frame, found, pasteForm(take));
  void scanner.start();
  const help = setTimeout(() => {
    if (frame.dataset.state === "running") state.textContent = t("scan.help");
  }, HELP_AFTER_MILLISECONDS);
  return () => {
    clearTimeout(help);
    scanner.stop();
  };
}

/**
 * @param {string} text
 * @param {{scanner: Scanner, found: HTMLElement, go: (hash: string) => void}} tools
 */
function takeText(text, { scanner, found, go }) {
  const link = readLink(text);
  if (link.kind !== "other") {
    scanner.stop();
    navigator.vibrate?.(40);
    go(`#/${link.kind}/${encodeURIComponent(link.text)}`);
    return;
  }
  const shown = link.text.length > 120 ? `${link.text.slice(0, 120)}…` : link.text;
  fill(
    found,
    el(
      "div",
      { class: "box warn" },
      icon("question"),
      el("div", {}, el("p", { class: "box-title" }, t("scan.other")), el("p", { class: "foreign", dir: "ltr" }, shown), el("p", {}, t("scan.other_next"))),
    ),
  );
}

/** @param {Scanner} scanner */
function torchButton(scanner) {
  let isOn = false;
  const node = button(t("scan.torch"), async () => {
    isOn = !isOn;
    await scanner.light(isOn);
    node.setAttribute("aria-pressed", String(isOn));
  }, { class: "button small", "aria-pressed": "false" }, icon("torch"));
  return node;
}

/** @param {(text: string) => void} take */
function pasteForm(take) {
  const field = /** @type {HTMLTextAreaElement} */ (
    el("textarea", { id: "pasted", rows: 2, autocapitalize: "off", autocomplete: "off", spellcheck: "false", dir: "ltr" })
  );
  const form = el(
    "form",
    { class: "stack paste" },
    el("div", { class: "field" }, el("label", { for: "pasted" }, t("scan.paste")), field),
    el("button", { type: "submit", class: "button wide" }, el("span", {}, t("scan.open"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) take(field.value);
    else {
      field.focus();
      announce(t("scan.paste"));
    }
  });
  return form;
}
