// @ts-check
/** What went wrong, in words that say what to do next. Codes are stable; see docs/reasons.md. */

import { ApiError } from "./api.js";
import { el, icon } from "./dom.js";
import { hasWords, t } from "./words.js";

/** A box with the explanation of an error. @param {unknown} error */
export function explain(error) {
  const code = error instanceof ApiError ? error.code : "unexpected";
  if (!(error instanceof ApiError)) console.error(error);
  const key = hasWords(`fault.${code}`) ? `fault.${code}` : "fault.unexpected";
  return el(
    "div",
    { class: "box warn", "data-code": code },
    icon("warning"),
    el("div", {}, el("p", { class: "box-title" }, t(`${key}`)), el("p", {}, t(`${key}.next`))),
  );
}
