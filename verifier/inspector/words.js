// @ts-check
/**
 * Words in the person's language: one JSON file a language, one language at a time.
 *
 * Elements name their text by `data-words` and their accessible name by `data-words-label`. Texts
 * are set as text, never as HTML.
 */

export const LANGUAGES = Object.freeze(
  /** @type {const} */ ([["km", "ខ្មែរ"], ["zh-Hans", "中文"], ["en", "English"]]),
);
const KEY = "language";

/** @typedef {Record<string, string>} Texts */

export class Words {
  /** @param {string} language @param {Texts} texts */
  constructor(language, texts) {
    this.language = language;
    this.texts = texts;
  }

  /**
   * The text of a key with its values put in; the key itself when it is missing.
   * @param {string} key @param {Record<string, string | number>} [values]
   */
  text(key, values = {}) {
    const text = this.texts[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  }

  /** @param {string} key */
  has(key) {
    return key in this.texts;
  }

  /**
   * The label in this language from a map of languages, with its language when it is another.
   * @param {Record<string, string> | undefined} labels
   */
  pick(labels) {
    return labels?.[this.language] ?? labels?.en ?? "";
  }

  /** Put the words into their places. @param {Document} root */
  fill(root) {
    root.documentElement.dataset.filled = this.language;
    for (const element of root.querySelectorAll("[data-words]")) {
      element.textContent = this.text(element.getAttribute("data-words") ?? "");
    }
    for (const element of root.querySelectorAll("[data-words-label]")) {
      element.setAttribute("aria-label", this.text(element.getAttribute("data-words-label") ?? ""));
    }
  }

  /** A time of day, with the day when it is not today. @param {number} seconds @param {number} now */
  time(seconds, now) {
    const instant = new Date(seconds * 1000);
    const isToday = instant.toDateString() === new Date(now * 1000).toDateString();
    /** @type {Intl.DateTimeFormatOptions} */
    const form = { hour: "2-digit", minute: "2-digit", hour12: false, numberingSystem: "latn" };
    const locale = this.language === "en" ? "en-GB" : this.language;
    // Not every phone knows the months in Khmer; a number is understood everywhere.
    const isKnown = Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
    if (!isToday) Object.assign(form, { day: "numeric", month: isKnown ? "short" : "numeric" });
    return new Intl.DateTimeFormat(isKnown ? locale : "en-GB", form).format(instant);
  }

  /** How long ago, in the largest unit that fits; never less than two of it. @param {number} seconds */
  age(seconds) {
    if (seconds < 90) return this.text("age.now");
    if (seconds < 5400) return this.text("age.minutes", { count: Math.round(seconds / 60) });
    if (seconds < 129600) return this.text("age.hours", { count: Math.round(seconds / 3600) });
    return this.text("age.days", { count: Math.round(seconds / 86400) });
  }
}

/** The language that was chosen on this phone, else the phone's own, else English. */
export function chosenLanguage() {
  const known = LANGUAGES.map(([tag]) => String(tag));
  const kept = localStorage.getItem(KEY);
  if (kept && known.includes(kept)) return kept;
  for (const tag of navigator.languages) {
    if (tag.startsWith("zh")) return "zh-Hans";
    const base = tag.split("-")[0];
    if (known.includes(base)) return base;
  }
  return "en";
}

/** @param {string} language */
export function chooseLanguage(language) {
  localStorage.setItem(KEY, language);
}

/** Load the words of a language and name it on the page. @param {string} language */
export async function loadWords(language) {
  const answer = await fetch(`/inspect/locales/${language}.json`);
  const words = new Words(language, await answer.json());
  document.documentElement.lang = language;
  return words;
}
