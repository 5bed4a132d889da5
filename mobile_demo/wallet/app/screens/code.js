// @ts-check
/**
 * The code at the kerb: white, as wide as the phone, new every ten seconds, gone after ninety or as
 * soon as the page is hidden. Works without signal. A screenshot of it is worth a minute at most.
 *
 * Where the agency signed a picture for this copy, its parts take turns with the code, until the
 * resident says no. Who asked the phone for less motion says yes first.
 */

import { now } from "../clock.js";
import { chooseFrame } from "../code_turns.js";
import { buildCode, drawCode } from "../codes.js";
import { announce, button, el, fill, icon, ring } from "../dom.js";
import { explain } from "../faults.js";
import { keepSetting, setting } from "../phone_store.js";
import { buildFace } from "../pictures.js";
import { formatClock, formatValue, labelOf, t } from "../words.js";
import { keptViews } from "../wallet.js";

const RENEW_MILLISECONDS = 10_000;
const STOP_MILLISECONDS = 90_000;
const TICK_MILLISECONDS = 200;
const LESS_MOTION = "(prefers-reduced-motion: reduce)";

/** @type {import("../main.js").Screen} */
export async function showCode({ root, argument }) {
  const copies = await keptViews(argument, now());
  if (copies.length === 0) {
    fill(root, leave(), el("h1", {}, t("code.none")), el("p", {}, t("code.none_next")));
    return undefined;
  }
  const copy = await nextCopy(argument, copies);
  const screen = new CodeScreen(root, copy);
  await screen.begin();
  return () => screen.end();
}

/** The copies take turns, so that two checks cannot be told to be of one person. @param {string} view @param {any[]} copies */
async function nextCopy(view, copies) {
  const turn = ((await setting(`turn.${view}`)) ?? -1) + 1;
  await keepSetting(`turn.${view}`, turn);
  return copies[turn % copies.length];
}

class CodeScreen {
  /** @param {HTMLElement} root @param {any} copy */
  constructor(root, copy) {
    this.copy = copy;
    this.startedAt = 0;
    this.renewedAt = 0;
    this.isPaused = false;
    /** @type {string[]} */
    this.face = copy.face ?? [];
    this.withFace = this.face.length > 0 && !matchMedia(LESS_MOTION).matches;
    this.proof = "";
    this.frame = 0;
    /** @type {ReturnType<typeof setInterval> | null} */
    this.timer = null;
    /** @type {any} */
    this.wakeLock = null;
    this.canvas = /** @type {HTMLCanvasElement} */ (
      el("canvas", { id: "qr", class: "qr", role: "img", "aria-label": t("code.alternative", { purpose: t(`purpose.${copy.view}.title`) }) })
    );
    this.ring = ring();
    this.clock = el("span", { class: "live-clock", "aria-hidden": "true" });
    this.stage = el("div", { class: "qr-stage" }, this.canvas);
    this.pause = button(t("code.pause"), () => this.togglePause(), { class: "button small", "aria-pressed": "false" }, icon("pause"));
    this.faceButton = button(
      t("code.with_picture"),
      () => this.toggleFace(),
      { class: "button small", "aria-pressed": String(this.withFace) },
      icon("person"),
    );
    this.onVisibility = () => document.hidden && this.stop();
    fill(root, leave(), this.#build());
  }

  #build() {
    return el(
      "div",
      { class: "code-body" },
      el("h1", { class: "code-title" }, t(`purpose.${this.copy.view}.title`)),
      this.stage,
      el(
        "div",
        { class: "code-bar" },
        el("span", { class: "ring-box" }, this.ring.node),
        el("span", { class: "code-live" }, this.clock, el("span", { class: "code-note" }, t("code.renews"))),
        this.pause,
      ),
      this.face.length > 0 && el("div", { class: "code-face" }, buildFace(this.face), this.faceButton),
      el("h2", { class: "code-shared" }, t("show.they_see")),
      el(
        "ul",
        { class: "shared" },
        this.copy.claims.map((/** @type {any} */ claim) =>
          el("li", {}, el("span", {}, labelOf(claim.label)), el("strong", {}, formatValue(claim.value))),
        ),
      ),
      el("p", { class: "hint bright" }, icon("sun"), el("span", {}, t("code.bright"))),
    );
  }

  async begin() {
    document.addEventListener("visibilitychange", this.onVisibility);
    this.startedAt = performance.now();
    this.isPaused = false;
    fill(this.stage, this.canvas);
    await this.#renew();
    this.timer = setInterval(() => void this.#tick(), TICK_MILLISECONDS);
    this.wakeLock = await /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
    announce(t("code.started"));
  }

  end() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    void this.wakeLock?.release?.();
    this.wakeLock = null;
    this.canvas.width = 0;
  }

  stop() {
    this.end();
    this.ring.set(0);
    fill(
      this.stage,
      el(
        "div",
        { class: "qr-over" },
        icon("show", "icon large"),
        el("p", {}, t("code.stopped")),
        button(t("code.again"), () => this.begin(), { class: "button primary" }),
      ),
    );
    announce(t("code.stopped"));
  }

  togglePause() {
    this.isPaused = !this.isPaused;
    this.pause.setAttribute("aria-pressed", String(this.isPaused));
    fill(this.pause, icon(this.isPaused ? "play" : "pause"), el("span", {}, t(this.isPaused ? "code.resume" : "code.pause")));
    this.#draw(0);
    if (!this.isPaused) void this.#renew();
  }

  toggleFace() {
    this.withFace = !this.withFace;
    this.faceButton.setAttribute("aria-pressed", String(this.withFace));
    this.#draw(0);
  }

  async #tick() {
    const at = performance.now();
    this.clock.textContent = formatClock(now());
    if (at - this.startedAt >= STOP_MILLISECONDS) {
      this.stop();
      return;
    }
    if (this.isPaused) return;
    if (at - this.renewedAt >= RENEW_MILLISECONDS) await this.#renew();
    this.ring.set(1 - (performance.now() - this.renewedAt) / RENEW_MILLISECONDS);
    const turn = { since: this.renewedAt, parts: this.face.length, isTurning: this.withFace };
    const frame = chooseFrame({ ...turn, at: performance.now() });
    if (frame !== this.frame) this.#draw(frame);
  }

  /** Put a frame on the screen: the proof, or a part of the face. @param {number} frame */
  #draw(frame) {
    if (!this.proof) return;
    this.frame = frame;
    drawCode(this.canvas, frame === 0 ? this.proof : this.face[frame - 1]);
    this.canvas.dataset.frame = String(frame);
  }

  async #renew() {
    this.renewedAt = performance.now();
    this.clock.textContent = formatClock(now());
    this.ring.set(1);
    try {
      this.proof = await buildCode(this.copy);
      this.#draw(0);
    } catch (error) {
      this.end();
      fill(this.stage, explain(error));
    }
  }
}

function leave() {
  return el("a", { class: "back", href: "#/show" }, icon("back"), el("span", {}, t("code.done")));
}
