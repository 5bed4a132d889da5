// @ts-check
/**
 * The business counter: choose a purpose, show the question as a QR, see the verdict.
 *
 * The wallet is asked by OpenID4VP; this page only draws the link and polls for the answer. When
 * the wallet is on this very device the resident is sent there, and comes back with a one-time code.
 */

import { generate } from "/modules/node_modules/lean-qr/index.mjs";
import { Account } from "/inspect/account.js";
import { byId, element } from "/inspect/elements.js";
import { allowSound, signal } from "/inspect/signals.js";
import { showNotice, showVerdict } from "/inspect/verdict_screen.js";
import { LANGUAGES, chooseLanguage, chosenLanguage, loadWords } from "/inspect/words.js";

const POLL_EVERY = 900;
const QUIET_ZONE = 4;

const account = new Account();
const place = byId("verdict");
let words = await loadWords(chosenLanguage());
/** @type {{purposes: {id: string, title: Record<string, string>}[], labels: any}} */
let offer = { purposes: [], labels: null };
let running = 0;

const back = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
await Promise.all([account.refresh(), loadOffer()]);
fill();
wire();
if (account.person && back.get("session")) {
  void follow(back.get("session") ?? "", { responseCode: back.get("response_code") ?? "", until: Date.now() + 60_000 });
}

function wire() {
  document.addEventListener("pointerdown", allowSound);
  byId("ask").addEventListener("click", () => void ask(false));
  byId("same-device").addEventListener("click", () => void ask(true));
  byId("cancel").addEventListener("click", again);
}

async function loadOffer() {
  const answer = await fetch("/api/v1/purposes");
  if (answer.ok) offer = await answer.json();
}

/** @param {boolean} isSameDevice */
async function ask(isSameDevice) {
  byId("problem").textContent = "";
  const purpose = chosenPurpose();
  const answer = await fetch("/api/v1/sessions", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": account.person?.csrf_token ?? "" },
    body: JSON.stringify({ purpose, same_device: isSameDevice }),
  }).catch(() => null);
  if (!answer?.ok) {
    byId("problem").textContent = words.text("business.failed");
    return;
  }
  const session = await answer.json();
  if (isSameDevice) {
    location.assign(session.same_device_uri);
    return;
  }
  draw(session.qr);
  byId("choose").hidden = true;
  byId("asking").hidden = false;
  byId("asking-title").focus();
  await follow(session.id, { responseCode: "", until: Date.parse(session.expires_at) });
}

/** @param {string} link */
function draw(link) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("qr"));
  generate(link).toCanvas(canvas, { on: [0, 0, 0, 255], off: [255, 255, 255, 255], pad: QUIET_ZONE });
}

/**
 * Poll until the session is over.
 * @param {string} id @param {{responseCode: string, until: number}} how
 */
async function follow(id, { responseCode, until }) {
  const run = ++running;
  let etag = "";
  const query = responseCode ? `?response_code=${encodeURIComponent(responseCode)}` : "";
  while (run === running) {
    const answer = await fetch(`/api/v1/sessions/${encodeURIComponent(id)}${query}`, {
      headers: etag ? { "If-None-Match": etag } : {},
      cache: "no-store",
    }).catch(() => null);
    if (run !== running) return;
    if (answer?.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      if (onState(await answer.json())) return;
    } else if (answer && answer.status !== 304) {
      byId("problem").textContent = words.text("business.failed");
      again();
      return;
    }
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    byId("left").textContent = words.text("business.left", { seconds: left });
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY));
  }
}

/** Show a state; true when the session is over. @param {any} session */
function onState(session) {
  if (session.state === "answered" && session.verdict) {
    finish();
    const screen = showVerdict(place, session.verdict, setting(session.purpose));
    signal(screen.look);
    return true;
  }
  if (session.state === "declined" || session.state === "expired") {
    finish();
    showNotice(place, session.state === "declined" ? "declined" : "timeout", setting(session.purpose));
    signal("warn");
    return true;
  }
  byId("state").textContent = words.text(session.state === "fetched" ? "business.fetched" : "business.waiting");
  return false;
}

function finish() {
  byId("choose").hidden = true;
  byId("asking").hidden = true;
}

function again() {
  running += 1;
  place.hidden = true;
  place.replaceChildren();
  byId("asking").hidden = true;
  byId("choose").hidden = false;
  byId("ask").focus();
}

/** @param {string} purpose */
function setting(purpose) {
  return {
    words,
    now: Math.floor(Date.now() / 1000),
    labels: offer.labels,
    title: offer.purposes.find((each) => each.id === purpose)?.title,
    note: "",
    nextWords: words.text("verdict.again"),
    onNext: again,
  };
}

function chosenPurpose() {
  const checked = document.querySelector("input[name=purpose]:checked");
  return /** @type {HTMLInputElement | null} */ (checked)?.value ?? offer.purposes[0]?.id ?? "";
}

function fill() {
  words.fill(document);
  document.title = words.text("business.title");
  const person = account.person;
  byId("account").textContent = person ? person.name : "";
  byId("sign-in").hidden = person !== null;
  byId("ask").hidden = person === null;
  byId("same-device").hidden = person === null;
  const chosen = chosenPurpose();
  byId("purposes").replaceChildren(
    ...offer.purposes.map(({ id, title }, index) => {
      const input = /** @type {HTMLInputElement} */ (element("input", { type: "radio", name: "purpose", value: id }));
      input.checked = chosen ? id === chosen : index === 0;
      return element("label", {}, input, element("span", {}, words.pick(title)));
    }),
  );
  byId("languages").replaceChildren(
    ...LANGUAGES.map(([tag, name]) => {
      const isChosen = String(tag === words.language);
      const button = element("button", { type: "button", lang: tag, "aria-pressed": isChosen }, name);
      button.addEventListener("click", () => void setLanguage(tag));
      return button;
    }),
  );
}

/** @param {string} language */
async function setLanguage(language) {
  chooseLanguage(language);
  words = await loadWords(language);
  fill();
}
