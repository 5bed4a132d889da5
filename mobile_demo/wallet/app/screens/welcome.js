// @ts-check
/** First start: the language, then a key for this phone. */

import { register } from "../api.js";
import { button, el, fill, icon } from "../dom.js";
import { explain } from "../faults.js";
import { keepSetting, setting } from "../phone_store.js";
import { LANGUAGES, currentLanguage, t, useLanguage } from "../words.js";

/** @type {import("../main.js").Screen} */
export async function showWelcome({ root, go }) {
  const hasLanguage = Boolean(await setting("language"));
  if (hasLanguage) askName(root, go);
  else askLanguage(root, go);
}

/** @param {HTMLElement} root @param {(hash: string) => void} go */
function askLanguage(root, go) {
  fill(
    root,
    emblem(),
    el("h1", { class: "welcome-title" }, "CityWallet"),
    el("p", { class: "languages-title" }, t("welcome.language")),
    el(
      "div",
      { class: "languages" },
      Object.entries(LANGUAGES).map(([tag, name]) =>
        button(
          name,
          async () => {
            await useLanguage(tag);
            await keepSetting("language", tag);
            go("#/welcome");
          },
          { class: "button language", lang: tag, "aria-pressed": String(tag === currentLanguage()) },
        ),
      ),
    ),
  );
}

/** @param {HTMLElement} root @param {(hash: string) => void} go */
function askName(root, go) {
  const name = /** @type {HTMLInputElement} */ (
    el("input", { id: "name", name: "name", autocomplete: "name", maxlength: 80 })
  );
  const problem = el("div", { role: "alert" });
  const form = el(
    "form",
    { class: "stack" },
    el("div", { class: "field" }, el("label", { for: "name" }, t("welcome.name")), name, el("p", { class: "hint" }, t("welcome.name_hint"))),
    problem,
    el("button", { type: "submit", class: "button primary wide" }, el("span", {}, t("welcome.start"))),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const submit = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
    submit.setAttribute("aria-busy", "true");
    try {
      await register(name.value.trim() || null);
      go("#/cards");
    } catch (error) {
      fill(problem, explain(error));
    } finally {
      submit.removeAttribute("aria-busy");
    }
  });
  fill(
    root,
    emblem(),
    el("h1", { class: "welcome-title" }, t("welcome.title")),
    el("p", { class: "lead" }, t("welcome.lead")),
    promises(),
    form,
    button(t("settings.language"), async () => {
      await keepSetting("language", "");
      go("#/welcome");
    }, { class: "button quiet" }),
  );
}

function promises() {
  const all = [
    ["phone", t("welcome.promise_key")],
    ["eye", t("welcome.promise_consent")],
    ["signal", t("welcome.promise_offline")],
  ];
  return el(
    "ul",
    { class: "promises" },
    all.map(([name, text]) => el("li", {}, icon(/** @type {any} */ (name)), el("span", {}, text))),
  );
}

function emblem() {
  return el("div", { class: "emblem", "aria-hidden": "true" }, icon("city", "icon emblem-icon"));
}
