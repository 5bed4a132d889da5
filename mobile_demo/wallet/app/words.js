// @ts-check
/**
 * The words on the screens, in one language at a time, and dates as people here read them.
 *
 * Digits are always Latin, also in Khmer: plates and numbers must read the same on every screen.
 */

export const LANGUAGES = Object.freeze({ km: "ខ្មែរ", "zh-Hans": "中文", en: "English" });
const FALLBACK = "en";
const KHMER_MONTHS = [
  "មករា",
  "កុម្ភៈ",
  "មីនា",
  "មេសា",
  "ឧសភា",
  "មិថុនា",
  "កក្កដា",
  "សីហា",
  "កញ្ញា",
  "តុលា",
  "វិច្ឆិកា",
  "ធ្នូ",
];

let language = FALLBACK;
/** @type {Record<string, string>} */
let words = {};

/** @param {string} wanted */
export async function useLanguage(wanted) {
  language = wanted in LANGUAGES ? wanted : FALLBACK;
  const response = await fetch(`/locales/${language}.json`);
  words = await response.json();
  document.documentElement.lang = language;
}

export function currentLanguage() {
  return language;
}

/** The language that the phone speaks, as a first guess. */
export function guessLanguage() {
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (tag.startsWith("km")) return "km";
    if (tag.startsWith("zh")) return "zh-Hans";
    if (tag.startsWith("en")) return "en";
  }
  return FALLBACK;
}

/** @param {string} key @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Whether there are words for this key. @param {string} key */
export function hasWords(key) {
  return key in words;
}

/** Our language's label, else English, else any. @param {Record<string, string> | undefined} texts */
export function labelOf(texts) {
  if (!texts) return "";
  return texts[language] ?? texts[FALLBACK] ?? Object.values(texts)[0] ?? "";
}

/** The language that `labelOf` found. @param {Record<string, string> | undefined} texts */
export function languageOf(texts) {
  if (!texts || texts[language]) return undefined;
  return FALLBACK in texts ? FALLBACK : Object.keys(texts)[0];
}

/** @param {string | number | Date} instant seconds since 1970, RFC 3339 text or a date */
export function formatMoment(instant) {
  const time = format(instant, { hour: "2-digit", minute: "2-digit", hour12: false });
  if (language === "km") return `${khmerDay(instant)}, ${time}`;
  return `${format(instant, { day: "numeric", month: "short" })}, ${time}`;
}

/** @param {string | number | Date} instant */
export function formatDay(instant) {
  if (language === "km") return `${khmerDay(instant)} ${dateOf(instant).getFullYear()}`;
  return format(instant, { day: "numeric", month: "long", year: "numeric" });
}

/** Many phones know no Khmer month names. @param {string | number | Date} instant */
function khmerDay(instant) {
  const date = dateOf(instant);
  return `${date.getDate()} ${KHMER_MONTHS[date.getMonth()]}`;
}

/** @param {Date} instant */
export function formatClock(instant) {
  return format(instant, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

/** A claim's value as text. @param {unknown} value */
export function formatValue(value) {
  if (value === true) return t("value.yes");
  if (value === false) return t("value.no");
  if (Array.isArray(value)) return value.map(formatValue).join(", ");
  if (value !== null && typeof value === "object") {
    return Object.values(value).map(formatValue).join(", ");
  }
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)) return formatDay(`${value}T12:00:00Z`);
  if (typeof value === "string" && value.startsWith("data:image/")) return t("value.picture");
  return String(value ?? "");
}

/** @param {string | number | Date} instant @param {Intl.DateTimeFormatOptions} shape */
function format(instant, shape) {
  const locale = language === "zh-Hans" ? "zh-Hans-CN" : "en-GB";
  return new Intl.DateTimeFormat(`${locale}-u-nu-latn`, shape).format(dateOf(instant));
}

/** @param {string | number | Date} instant */
function dateOf(instant) {
  return new Date(typeof instant === "number" ? instant * 1000 : instant);
}
