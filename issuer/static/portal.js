// @ts-check
/**
 * What every page of the portal does besides being a page.
 *
 * htmx may put our own server's pages into the document, and nothing else: it gets a Trusted Types
 * policy of its own, which makes no script, and no way to evaluate text. Without this module the
 * browser refuses htmx's swaps altogether.
 */

/** @param {string} text */
function refuse(text) {
  throw new TypeError(`the portal runs no text: ${text.slice(0, 40)}`);
}

/** @param {string} text */
function requireScriptless(text) {
  return /<script(?![^>]*\ssrc="\/)/i.test(text) ? refuse(text) : text;
}

const rules = { createHTML: requireScriptless, createScript: refuse };
const factory = /** @type {any} */ (window).trustedTypes;
const policy = factory ? factory.createPolicy("htmx", rules) : rules;

/** @type {any} */ (window).htmx.registerExtension("portal", {
  /** @param {any} internal */
  init(internal) {
    internal.initSecurity(policy, refuse, refuse);
  },
});

prepare(document);
document.addEventListener("htmx:after:swap", () => prepare(document));

/** @param {Document} page */
function prepare(page) {
  for (const time of page.querySelectorAll('time[data-local="instant"]')) showLocally(time);
  for (const button of page.querySelectorAll("button[data-copy]")) enableCopying(button);
}

/** The officer's own clock, in the page's words and Latin digits. @param {Element} time */
function showLocally(time) {
  const moment = new Date(time.getAttribute("datetime") ?? "");
  const { date = "", months = "" } = document.body.dataset;
  if (Number.isNaN(moment.getTime())) return;
  const day = date
    .replace("{day}", String(moment.getDate()))
    .replace("{month}", months.split(",")[moment.getMonth()] ?? "")
    .replace("{year}", String(moment.getFullYear()));
  const [hours, minutes] = [moment.getHours(), moment.getMinutes()].map(twoDigits);
  time.textContent = `${day} ${hours}:${minutes}`;
  time.removeAttribute("data-local");
}

/** @param {number} number */
function twoDigits(number) {
  return String(number).padStart(2, "0");
}

/** @param {Element} button */
function enableCopying(button) {
  if (!(button instanceof HTMLButtonElement) || !button.hidden || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy ?? "");
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    await navigator.clipboard.writeText(field.value);
    const before = button.textContent;
    button.textContent = button.dataset.copied ?? "";
    setTimeout(() => (button.textContent = before), 2000);
  });
}
