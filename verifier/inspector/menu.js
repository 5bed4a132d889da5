// @ts-check
/** The menu: readiness in full, language, account, the log of the shift. */

import { byId, element, sign } from "./elements.js";
import { LANGUAGES } from "./words.js";

/**
 * @typedef {{shelf: import("./bundle_shelf.js").BundleShelf, clock: import("./clock.js").PhoneClock,
 *   account: import("./account.js").Account, shiftLog: import("./shift_log.js").ShiftLog,
 *   refresh: () => Promise<import("./bundle_shelf.js").Refreshed>,
 *   setLanguage: (language: string) => Promise<void>}} Parts
 */

export class Menu {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {import("./words.js").Words | null} */
    this.words = null;
    byId("refresh").addEventListener("click", () => void this.#refresh());
    byId("sign-out").addEventListener("click", () => void this.#signOut());
  }

  /** @param {import("./words.js").Words} words */
  open(words) {
    byId("refresh-result").textContent = "";
    void this.fill(words);
    /** @type {HTMLDialogElement} */ (byId("menu")).showModal();
  }

  /** @param {import("./words.js").Words} words */
  async fill(words) {
    this.words = words;
    this.#fillFacts(words);
    this.#fillLanguages(words);
    this.#fillAccount(words);
    await this.#fillLog(words);
  }

  #fillFacts(/** @type {import("./words.js").Words} */ words) {
    const { shelf, clock } = this.parts;
    const bundle = shelf.bundle;
    if (!bundle) {
      byId("ready-facts").replaceChildren(element("dd", {}, words.text("ready.nothing")));
      return;
    }
    const now = clock.now();
    const clockWords = clock.offset
      ? words.text("ready.clock_off", { seconds: Math.abs(clock.offset) })
      : words.text("ready.clock_good");
    const facts = [
      ["ready.trust", words.text("ready.trust_value", { version: bundle.trust.version, time: words.time(bundle.trustSeconds, now) })],
      ["ready.status", words.text("ready.status_value", { time: words.time(bundle.epochSeconds, now), age: words.age(now - bundle.epochSeconds) })],
      ["ready.until", words.time(bundle.expiresAt, now)],
      ["ready.clock", clockWords],
    ];
    byId("ready-facts").replaceChildren(
      ...facts.flatMap(([key, value]) => [element("dt", {}, words.text(key)), element("dd", {}, value)]),
    );
  }

  #fillLanguages(/** @type {import("./words.js").Words} */ words) {
    const place = byId("languages");
    if (place.childElementCount === 0) {
      for (const [tag, name] of LANGUAGES) {
        const button = element("button", { type: "button", lang: tag, "data-language": tag }, name);
        button.addEventListener("click", () => void this.parts.setLanguage(tag));
        place.append(button);
      }
    }
    for (const button of place.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === words.language));
    }
  }

  #fillAccount(/** @type {import("./words.js").Words} */ words) {
    const person = this.parts.account.person;
    byId("account").textContent = person
      ? words.text(`account.role.${person.role}`, { name: person.name })
      : words.text("account.nobody");
    byId("sign-in").hidden = person !== null;
    byId("sign-out").hidden = person === null;
  }

  async #fillLog(/** @type {import("./words.js").Words} */ words) {
    const { shelf, clock, shiftLog, account } = this.parts;
    const entries = await shiftLog.entries();
    const waiting = entries.filter((entry) => !entry.sent).length;
    const key = waiting === 0 ? "log.sent" : account.person ? "log.waiting" : "log.sign_in";
    byId("log-state").textContent =
      entries.length === 0 ? words.text("log.empty") : words.text(key, { count: waiting });
    const looks = /** @type {Record<string, [string, string]>} */ ({
      passed: ["good", "check"],
      failed: ["bad", "cross"],
      indeterminate: ["warn", "question"],
    });
    byId("log").replaceChildren(
      ...entries.slice(0, 50).map((entry) => {
        const [look, name] = looks[entry.outcome] ?? ["warn", "question"];
        const marked = element("span", { class: look }, sign(name));
        const reason = entry.reasons[0] ? words.text(`reason.${entry.reasons[0]}`) : words.text("outcome.passed");
        const title = words.pick(shelf.bundle?.purposes.get(entry.purpose)?.title);
        const time = element("time", {}, words.time(entry.checked_at, clock.now()));
        return element("li", {}, marked, time, element("span", {}, `${title}: ${reason}`));
      }),
    );
  }

  async #refresh() {
    const keys = {
      updated: "ready.refreshed",
      unchanged: "ready.refreshed",
      unreachable: "ready.not_refreshed",
      refused: "ready.refused",
    };
    const result = await this.parts.refresh();
    if (this.words) byId("refresh-result").textContent = this.words.text(keys[result]);
  }

  async #signOut() {
    await this.parts.account.signOut();
    if (this.words) await this.fill(this.words);
  }
}
