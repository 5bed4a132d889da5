// @ts-check
/** The door: make a passkey from an enrolment link, or sign in with one. */

import {
  startAuthentication,
  startRegistration,
} from "/modules/node_modules/@simplewebauthn/browser/esm/index.js";

const button = /** @type {HTMLButtonElement} */ (document.getElementById("passkey"));
const result = /** @type {HTMLElement} */ (document.getElementById("result"));

if ("PublicKeyCredential" in window) button.addEventListener("click", () => void pass());
else {
  button.disabled = true;
  tell("missing");
}

async function pass() {
  button.disabled = true;
  result.hidden = true;
  try {
    const begun = await post(button.dataset.begin ?? "", {});
    const answer = button.dataset.kind === "enrol" ? startRegistration : startAuthentication;
    const response = await answer({ optionsJSON: begun.options });
    const done = await post(button.dataset.finish ?? "", { response }, begun.csrf_token);
    location.assign(done.next);
  } catch (error) {
    tell(kindOf(error));
    button.disabled = false;
  }
}

/** @param {unknown} error */
function kindOf(error) {
  if (error instanceof Error && error.name === "NotAllowedError") return "cancelled";
  return error instanceof TypeError ? "offline" : "refused";
}

/** @param {string} kind */
function tell(kind) {
  result.textContent = result.dataset[kind] ?? "";
  result.hidden = false;
}

/** @param {string} path @param {unknown} value @param {string} [csrfToken] */
async function post(path, value, csrfToken = "") {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify(value),
  });
  if (!answer.ok) throw new Error(`the portal answered ${answer.status}`);
  return answer.json();
}
