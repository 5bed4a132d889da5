// @ts-check
/**
 * The door: set up a passkey from a one-time link, or sign in with one.
 *
 * The link's secret stands behind the # of the address: it reaches the counter only in the body of
 * one request, and the address is cleaned at once.
 */

import {
  startAuthentication,
  startRegistration,
} from "/modules/node_modules/@simplewebauthn/browser/esm/index.js";
import { byId, element } from "/inspect/elements.js";
import { LANGUAGES, chooseLanguage, chosenLanguage, loadWords } from "/inspect/words.js";

const PLACES = /** @type {Record<string, string>} */ ({ inspector: "to-inspect", business: "to-business" });

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const isEnrolling = token.length > 0;
let words = await loadWords(chosenLanguage());

fillWords();
fillLanguages();
byId("go").addEventListener("click", () => void go());
if (!("PublicKeyCredential" in window)) {
  byId("go").hidden = true;
  byId("result").textContent = words.text("enrol.no_passkeys");
}

async function go() {
  const button = /** @type {HTMLButtonElement} */ (byId("go"));
  button.disabled = true;
  byId("result").textContent = "";
  try {
    welcome(isEnrolling ? await enrol() : await signIn());
  } catch (error) {
    const isCancelled = error instanceof Error && error.name === "NotAllowedError";
    const refused = isEnrolling ? "enrol.refused" : "enrol.sign_in_refused";
    byId("result").textContent = words.text(isCancelled ? "enrol.cancelled" : refused);
    button.disabled = false;
  }
}

async function enrol() {
  const begun = await post("/api/v1/enrolments/begin", { token });
  const response = await startRegistration({ optionsJSON: begun.options });
  return post("/api/v1/enrolments", { response }, begun.csrf_token);
}

async function signIn() {
  const begun = await post("/api/v1/sign-in/begin", {});
  const response = await startAuthentication({ optionsJSON: begun.options });
  return post("/api/v1/sign-in", { response }, begun.csrf_token);
}

/** @param {string} path @param {unknown} value @param {string} [csrfToken] */
async function post(path, value, csrfToken = "") {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify(value),
  });
  if (!answer.ok) throw new Error(`the counter answered ${answer.status}`);
  return answer.json();
}

/** @param {{role: string, name: string}} person */
function welcome(person) {
  byId("go").hidden = true;
  byId("text").hidden = true;
  byId("title").textContent = words.text("enrol.done", { name: person.name });
  const place = byId(PLACES[person.role] ?? "to-inspect");
  place.hidden = false;
  place.focus();
}

function fillWords() {
  words.fill(document);
  const title = words.text(isEnrolling ? "enrol.title" : "enrol.sign_in_title");
  document.title = title;
  byId("title").textContent = title;
  byId("text").textContent = words.text(isEnrolling ? "enrol.welcome" : "enrol.sign_in_text");
  byId("go").textContent = words.text(isEnrolling ? "enrol.create" : "enrol.sign_in");
}

function fillLanguages() {
  for (const [tag, name] of LANGUAGES) {
    const isChosen = String(tag === words.language);
    const button = element("button", { type: "button", lang: tag, "aria-pressed": isChosen }, name);
    button.addEventListener("click", () => void setLanguage(tag));
    byId("languages").append(button);
  }
}

/** @param {string} language */
async function setLanguage(language) {
  chooseLanguage(language);
  words = await loadWords(language);
  fillWords();
  byId("languages").replaceChildren();
  fillLanguages();
}
