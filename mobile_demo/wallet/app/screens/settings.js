// @ts-check
/** Language, the phones that may open this wallet, and forgetting it on this one. */

import { call } from "../api.js";
import { button, el, fill, icon } from "../dom.js";
import { explain } from "../faults.js";
import { forgetEverything, keepSetting } from "../phone_store.js";
import { LANGUAGES, currentLanguage, formatMoment, t, useLanguage } from "../words.js";

/** @type {import("../main.js").Screen} */
export async function showSettings({ root, go }) {
  const devices = el("div", { class: "stack" });
  fill(
    root,
    el("a", { class: "back", href: "#/cards" }, icon("back"), el("span", {}, t("back"))),
    el("h1", {}, t("settings.title")),
    el("h2", {}, t("settings.language")),
    el(
      "div",
      { class: "languages" },
      Object.entries(LANGUAGES).map(([tag, name]) =>
        button(name, async () => {
          await useLanguage(tag);
          await keepSetting("language", tag);
          go("#/settings");
        }, { class: "button language", lang: tag, "aria-pressed": String(tag === currentLanguage()) }),
      ),
    ),
    el("h2", {}, t("settings.devices")),
    devices,
    el("h2", {}, t("settings.key_title")),
    el("p", {}, t("settings.key")),
  );
  try {
    const told = await call("GET", "/api/v1/devices");
    fill(
      devices,
      told.display_name && el("p", { class: "lead" }, told.display_name),
      el("ul", { class: "devices" }, told.devices.map((/** @type {any} */ device) => item(device, go))),
    );
  } catch (error) {
    fill(devices, explain(error));
  }
}

/** @param {any} device @param {(hash: string) => void} go */
function item(device, go) {
  const box = el("li", { class: "device" });
  const offer = () =>
    fill(
      box,
      icon("phone", "icon large"),
      el(
        "div",
        { class: "device-text" },
        el("strong", {}, t(device.is_this ? "settings.this_phone" : "settings.other_phone")),
        el("span", {}, t("settings.since", { moment: formatMoment(device.created_at) })),
      ),
      button(t("settings.remove"), ask, { class: "button quiet small" }),
    );
  const ask = () =>
    fill(
      box,
      el("p", { class: "box warn" }, icon("warning"), el("span", {}, t(device.is_this ? "settings.remove_this_warning" : "settings.remove_other_warning"))),
      el(
        "div",
        { class: "pair" },
        button(t("card.keep"), offer, { class: "button" }),
        button(t("settings.remove_now"), () => removeDevice(device, go, box), { class: "button danger" }),
      ),
    );
  offer();
  return box;
}

/** @param {any} device @param {(hash: string) => void} go @param {HTMLElement} box */
async function removeDevice(device, go, box) {
  try {
    await call("DELETE", `/api/v1/devices/${encodeURIComponent(device.id)}`);
  } catch (error) {
    fill(box, explain(error));
    return;
  }
  if (device.is_this) {
    await forgetEverything();
    location.replace("/");
  } else {
    go("#/settings");
  }
}
