// @ts-check
/**
 * The verdict, filling the screen: colour, sign, words, what to do, who and which plate, and when.
 *
 * The same screen serves the inspector's phone and the business counter. What goes wrong is named;
 * claims are shown only where the verdict vouches for who made them.
 */

import { element, sign } from "./elements.js";
import { chooseScreen, findFacts } from "./screens.js";

/**
 * @typedef {{words: import("./words.js").Words, now: number,
 *   labels: {types: Record<string, Record<string, string>>} | null,
 *   title: Record<string, string> | undefined, note: string, nextWords: string, heard?: number,
 *   onNext: () => void}} Setting
 */

/** @type {Record<string, string>} */
const RESULT_SIGNS = { passed: "check", failed: "cross", indeterminate: "question" };
const CREDENTIAL_TYPES = Object.freeze({ insurance: "insurance-certificate" });

/**
 * Fill `place` with the screen of a verdict and move the focus to its headline.
 * @param {HTMLElement} place @param {import("./screens.js").Verdict} verdict @param {Setting} setting
 */
export function showVerdict(place, verdict, setting) {
  const { words } = setting;
  const screen = chooseScreen(verdict);
  const key = `screen.${screen.name}`;
  const facts = findFacts(verdict);
  const values = {
    plate: facts.plate.replaceAll("-", "\u2011"),
    document: nameDocument(screen.check?.credential, setting),
    purpose: words.pick(setting.title),
    age: words.age(setting.now - heardAt(verdict, setting)),
  };
  const headline = element("h2", { id: "verdict-title", tabindex: "-1" }, say(words, `${key}.title`, verdict, values));
  const next = element("button", { class: "primary", type: "button" }, setting.nextWords);
  next.addEventListener("click", setting.onNext);
  place.dataset.look = screen.look;
  place.dataset.screen = screen.name;
  place.replaceChildren(
    element(
      "div",
      { class: "verdict-inner" },
      element(
        "div",
        { class: "verdict-head", role: "alert" },
        sign(screen.sign, "verdict-sign"),
        headline,
        optional(words, `${key}.why`, verdict, values, "verdict-why"),
      ),
      screen.showsClaims && buildPerson(facts, words),
      buildInstruction(words, key, verdict, values),
      buildTimes(verdict, setting, screen.showsClaims ? facts.until : null),
      element("p", { class: "verdict-wait", role: "status" }, setting.note),
      buildDetails(verdict, setting),
      element("p", { class: "verdict-end" }, next),
    ),
  );
  place.hidden = false;
  place.scrollTop = 0;
  headline.focus({ preventScroll: true });
  return screen;
}

/** A screen without a verdict, as when the resident declined. @param {HTMLElement} place @param {string} name @param {Setting} setting */
export function showNotice(place, name, setting) {
  const { words } = setting;
  const next = element("button", { class: "primary", type: "button" }, setting.nextWords);
  next.addEventListener("click", setting.onNext);
  const headline = element("h2", { id: "verdict-title", tabindex: "-1" }, words.text(`screen.${name}.title`));
  place.dataset.look = "grey";
  place.dataset.screen = name;
  place.replaceChildren(
    element(
      "div",
      { class: "verdict-inner" },
      element(
        "div",
        { class: "verdict-head", role: "alert" },
        sign("pause", "verdict-sign"),
        headline,
        element("p", { class: "verdict-why" }, words.text(`screen.${name}.why`)),
      ),
      element("p", { class: "verdict-do" }, sign("hand"), words.text(`screen.${name}.do`)),
      element("p", { class: "verdict-end" }, next),
    ),
  );
  place.hidden = false;
  headline.focus({ preventScroll: true });
}

/** What a credential of a verdict is called. @param {string | undefined} credential @param {Setting} setting */
export function nameDocument(credential, setting) {
  if (!credential) return setting.words.text("document.card");
  const types = setting.labels?.types ?? {};
  const known = /** @type {Record<string, string>} */ (CREDENTIAL_TYPES);
  const name = known[credential] ?? credential.replaceAll("_", "-");
  return setting.words.pick(types[name]) || credential;
}

function buildPerson(/** @type {ReturnType<typeof findFacts>} */ facts, /** @type {any} */ words) {
  if (!facts.name && !facts.plate) return null;
  const also = [facts.category, facts.zone].filter(Boolean).join(" · ");
  return element(
    "div",
    { class: "verdict-person" },
    facts.name ? element("p", { class: "verdict-name", lang: "" }, facts.name) : null,
    facts.plate ? element("p", { class: "verdict-plate", lang: "" }, facts.plate) : null,
    also ? element("p", { lang: "" }, also) : null,
  );
}

function buildInstruction(/** @type {any} */ words, /** @type {string} */ key, /** @type {any} */ verdict, /** @type {any} */ values) {
  const text = say(words, `${key}.do`, verdict, values);
  if (!text) return null;
  const signs = /** @type {Record<string, string>} */ ({ valid: "face", valid_old: "signal", unchecked: "signal" });
  return element("p", { class: "verdict-do" }, sign(signs[key.split(".")[1]] ?? "hand"), text);
}

/** @param {any} verdict @param {Setting} setting @param {string | null} until null hides all but when */
function buildTimes(verdict, setting, until) {
  const { words, now } = setting;
  const rows = [[words.text("verdict.checked"), words.time(seconds(verdict.checked_at), now)]];
  if (until !== null && verdict.status_as_of) {
    const heard = seconds(verdict.status_as_of);
    rows.push([words.text("verdict.status_as_of"), `${words.time(heard, now)} · ${words.age(now - heard)}`]);
  }
  if (until) rows.push([words.text("verdict.until"), until]);
  const list = element("dl", { class: "verdict-times" });
  for (const [name, value] of rows) list.append(element("dt", {}, name), element("dd", {}, value));
  return list;
}

/** Every check in a row; the card is named where there is more than one. @param {import("./screens.js").Verdict} verdict @param {Setting} setting */
function buildDetails(verdict, setting) {
  const { words } = setting;
  const main = verdict.checks.find((check) => check.name === "format")?.credential;
  const isOne = verdict.checks.filter((check) => check.name === "format").length <= 1;
  const rows = verdict.checks.map((check) => {
    const about = isOne && (!check.credential || check.credential === main) ? "" : check.credential;
    return buildRow(check, about ? nameDocument(about, setting) : "", words);
  });
  const heads = ["verdict.check", "verdict.result"].map((key) => element("th", { scope: "col" }, words.text(key)));
  return element(
    "details",
    { class: "verdict-details" },
    element("summary", {}, words.text("verdict.details")),
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows),
    ),
  );
}

/** @param {import("./screens.js").Check} check @param {string} about @param {import("./words.js").Words} words */
function buildRow(check, about, words) {
  const name = words.has(`check.${check.name}`) ? words.text(`check.${check.name}`) : check.name;
  const reason = `reason.${check.reason}`;
  const result = words.has(reason) ? words.text(reason) : words.text(`outcome.${check.outcome}`);
  return element(
    "tr",
    { class: check.outcome === "passed" ? "" : "is-not-passed" },
    element("th", { scope: "row" }, about ? `${name}, ${about}` : name),
    element("td", {}, sign(RESULT_SIGNS[check.outcome] ?? "question"), " ", result),
  );
}

function optional(/** @type {any} */ words, /** @type {string} */ key, /** @type {any} */ verdict, /** @type {any} */ values, /** @type {string} */ className) {
  const text = say(words, key, verdict, values);
  return text ? element("p", { class: className }, text) : null;
}

/** The words for this purpose, else the general ones, else none. */
function say(/** @type {any} */ words, /** @type {string} */ key, /** @type {any} */ verdict, /** @type {any} */ values) {
  const own = `${key}.${verdict.purpose}`;
  if (words.has(own)) return words.text(own, values);
  return words.has(key) ? words.text(key, values) : "";
}

/**
 * When the status was last heard of. A list that has run out makes no statement of its own any
 * more; then it is the time of the epoch that the phone keeps.
 * @param {import("./screens.js").Verdict} verdict @param {Setting} setting
 */
function heardAt(verdict, setting) {
  if (verdict.status_as_of) return seconds(verdict.status_as_of);
  return setting.heard ?? seconds(verdict.checked_at);
}

/** @param {string} instant */
function seconds(instant) {
  return Math.floor(Date.parse(instant) / 1000);
}
