// @ts-check
/**
 * The resident's wallet: which screen is shown, and what all screens share.
 *
 * Screens live behind the hash, so that a scanned link's parameter never reaches a server log and
 * the camera stays alive between screens. Each screen is a function that fills the page and may
 * return what tidies up after it.
 */

import { isRegistered, loadConfiguration } from "./api.js";
import { loadClock } from "./clock.js";
import { announce, button, el, fill, icon } from "./dom.js";
import { readLink } from "./links.js";
import { setting } from "./phone_store.js";
import { showCard } from "./screens/card.js";
import { showCards } from "./screens/cards.js";
import { showCode } from "./screens/code.js";
import { showHistory } from "./screens/history.js";
import { showOffer } from "./screens/offer.js";
import { showRequest } from "./screens/request.js";
import { showScan } from "./screens/scan.js";
import { showSettings } from "./screens/settings.js";
import { showPurposes } from "./screens/show.js";
import { showWelcome } from "./screens/welcome.js";
import { scriptUrl } from "./scripts.js";
import { guessLanguage, t, useLanguage } from "./words.js";

/** @typedef {{root: HTMLElement, argument: string, city: string, go: (hash: string) => void}} Place */
/** @typedef {(place: Place) => Promise<void | (() => void)> | void | (() => void)} Screen */

/** @type {Record<string, Screen>} */
const SCREENS = {
  cards: showCards,
  card: showCard,
  show: showPurposes,
  code: showCode,
  scan: showScan,
  offer: showOffer,
  request: showRequest,
  history: showHistory,
  settings: showSettings,
  welcome: showWelcome,
};
const TABS = /** @type {const} */ (["cards", "show", "scan", "history"]);
const WITHOUT_TABS = new Set(["welcome", "code", "offer", "request"]);

/** @type {void | (() => void)} */
let tidyUp;
let city = "";
let arrival = 0;

await start();

async function start() {
  await useLanguage((await setting("language")) ?? guessLanguage());
  await loadClock();
  city = (await setting("city")) ?? "";
  keepWorking();
  takeArrivingLink();
  window.addEventListener("hashchange", () => void render());
  window.addEventListener("online", () => document.body.classList.remove("offline"));
  window.addEventListener("offline", () => document.body.classList.add("offline"));
  document.body.classList.toggle("offline", !navigator.onLine);
  document.getElementById("skip")?.addEventListener("click", skipToContent);
  await render();
  loadConfiguration().then(
    (told) => (city = told?.city ?? city),
    () => undefined,
  );
}

async function render() {
  const mine = (arrival += 1);
  const [wanted = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const isKnown = await isRegistered();
  const name = isKnown ? (wanted in SCREENS ? wanted : "cards") : "welcome";
  tidyUp?.();
  tidyUp = undefined;
  const root = /** @type {HTMLElement} */ (document.getElementById("screen"));
  fill(root, el("div", { class: "waiting" }, el("span", { class: "visually-hidden" }, t("waiting"))));
  document.body.dataset.screen = name;
  renderTabs(name);
  const place = { root: el("div", { class: `screen screen-${name}` }), argument: decodeURIComponent(rest.join("/")), city, go };
  const tidy = await SCREENS[name](place);
  if (mine !== arrival) {
    tidy?.();
    return;
  }
  tidyUp = tidy;
  fill(root, place.root);
  const heading = place.root.querySelector("h1");
  document.title = heading ? `${heading.textContent} · CityWallet` : "CityWallet";
  window.scrollTo(0, 0);
  if (mine > 1) focusOn(heading ?? root);
}

/** @param {string} hash */
function go(hash) {
  if (location.hash === hash) void render();
  else location.hash = hash;
}

/** @param {string} active */
function renderTabs(active) {
  const tabs = /** @type {HTMLElement} */ (document.getElementById("tabs"));
  tabs.hidden = WITHOUT_TABS.has(active);
  tabs.setAttribute("aria-label", t("tabs.label"));
  const current = active === "card" ? "cards" : active;
  fill(
    tabs,
    TABS.map((name) =>
      el(
        "a",
        { href: `#/${name}`, class: "tab", "aria-current": current === name ? "page" : undefined },
        icon(name),
        el("span", {}, t(`tabs.${name}`)),
      ),
    ),
  );
  const skip = document.getElementById("skip");
  if (skip) skip.textContent = t("skip");
}

/** @param {HTMLElement} element */
function focusOn(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** @param {Event} event */
function skipToContent(event) {
  event.preventDefault();
  document.getElementById("screen")?.focus();
}

/** A link that opened the wallet: its parameter goes behind the hash and out of the address. */
function takeArrivingLink() {
  if (!["/offer", "/authorize"].includes(location.pathname)) return;
  const link = readLink(location.href);
  const hash = link.kind === "other" ? "#/cards" : `#/${link.kind}/${encodeURIComponent(link.text)}`;
  history.replaceState(null, "", `/${hash}`);
}

/** Without signal the wallet opens from what the service worker keeps. */
function keepWorking() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(scriptUrl("/service-worker.js")).then((registration) => {
    if (registration.waiting && navigator.serviceWorker.controller) offerNewVersion(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => {
        const isUpdate = worker.state === "installed" && navigator.serviceWorker.controller;
        if (isUpdate) offerNewVersion(worker);
      });
    });
  }, () => undefined);
  void navigator.storage?.persist?.();
}

/** @param {ServiceWorker} worker */
function offerNewVersion(worker) {
  const notice = /** @type {HTMLElement} */ (document.getElementById("notice"));
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  fill(
    notice,
    el("span", {}, t("update.ready")),
    button(t("update.use"), () => worker.postMessage("use-new-version"), { class: "button small" }),
  );
  notice.hidden = false;
  announce(t("update.ready"));
}
