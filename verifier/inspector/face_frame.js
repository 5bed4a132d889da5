// @ts-check
/**
 * The driver's picture beside the verdict, drawn anew on a canvas (S-051), or a sentence that says
 * why there is none. What was not signed for this very card is never drawn.
 */

import { element, sign } from "./elements.js";

const SCALE = 4;
const SIGNS = Object.freeze({ foreign: "cross", broken: "cross", missing: "question", partly: "question" });

/** @typedef {import("./face_collector.js").Found} Found */

export class FaceFrame {
  /** @param {Element} person where name and plate stand @param {import("./words.js").Words} words */
  constructor(person, words) {
    this.words = words;
    this.text = element("p", { role: "status" });
    this.box = element("div", { class: "face-box" }, sign("face"));
    this.node = element("figure", { class: "verdict-face" }, this.box, element("figcaption", {}, this.text));
    person.prepend(this.node);
    person.classList.add("has-face");
  }

  /** While the camera still looks. @param {Found} found */
  async show(found) {
    if (found.state === "signed") return this.#draw(found.picture);
    if (found.state === "foreign" || found.state === "broken") this.#refuse(found.state);
    else if (found.state === "part" && !this.isRefused) this.#say("part", found);
    else if (!this.isRefused) this.#say("waiting", found);
    return false;
  }

  /** The camera has stopped looking. @param {Found} found */
  end(found) {
    if (!this.isRefused) this.#refuse(found.state === "part" ? "partly" : "missing");
  }

  get isRefused() {
    return ["foreign", "broken"].includes(this.node.dataset.state ?? "");
  }

  /** @param {import("/modules/credentials/js/face.js").Picture} picture */
  async #draw(picture) {
    const canvas = /** @type {HTMLCanvasElement} */ (
      element("canvas", { role: "img", "aria-label": this.words.text("face.alternative") })
    );
    try {
      await paint(canvas, picture);
    } catch {
      // Signed, and still no picture: a phone that cannot decode it shows nothing.
      this.#refuse("broken");
      return false;
    }
    this.box.replaceChildren(canvas);
    this.#say("signed", { seen: 0, count: 0 });
    return true;
  }

  /** @param {keyof typeof SIGNS} state */
  #refuse(state) {
    this.box.replaceChildren(sign(SIGNS[state]));
    this.#say(state, { seen: 0, count: 0 });
  }

  /** @param {string} state @param {{seen: number, count: number}} progress */
  #say(state, { seen, count }) {
    this.node.dataset.state = state;
    const text = this.words.text(`face.${state}`, { seen: String(seen), count: String(count) });
    if (this.text.textContent !== text) this.text.textContent = text;
  }
}

/** @param {HTMLCanvasElement} canvas @param {import("/modules/credentials/js/face.js").Picture} picture */
async function paint(canvas, { data, width, height }) {
  const copy = new Uint8Array(data);
  const bitmap = await createImageBitmap(new Blob([copy], { type: "image/webp" }));
  if (bitmap.width !== width || bitmap.height !== height) throw new Error("the picture has another size");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this phone cannot draw");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}
