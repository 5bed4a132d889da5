// @ts-check
/**
 * Small pictures of people, drawn anew on a canvas (S-051). Only what fits a face is drawn: one frame
 * of WebP, at most 128 pixels a side. Any other picture in a document is named, not decoded.
 */

import { inspectPicture, joinFaceTexts, readFace } from "/modules/credentials/js/face.js";
import { el } from "./dom.js";
import { t } from "./words.js";

const START = "data:image/webp;base64,";
const SCALE = 3;

/** Whether a claim's value is a picture of any kind. @param {unknown} value */
export function isPicture(value) {
  return typeof value === "string" && value.startsWith("data:image/");
}

/** A claim's picture, or its name where it is too large to be drawn here. @param {string} value */
export function buildPicture(value) {
  try {
    if (!value.startsWith(START)) throw new Error("this is no small picture");
    const data = Uint8Array.from(atob(value.slice(START.length)), (letter) => letter.charCodeAt(0));
    return drawn(inspectPicture(data));
  } catch {
    return el("span", {}, t("value.picture"));
  }
}

/** The picture in the QR texts of a face, as the inspector will see it. @param {string[]} texts */
export function buildFace(texts) {
  try {
    const data = joinFaceTexts(texts);
    if (data === null) throw new Error("a part of the face is missing");
    return drawn(readFace(data).picture);
  } catch {
    return el("span", {}, t("value.picture"));
  }
}

/** @param {import("/modules/credentials/js/face.js").Picture} picture */
function drawn({ data, width, height }) {
  const canvas = /** @type {HTMLCanvasElement} */ (
    el("canvas", {
      class: "picture",
      role: "img",
      "aria-label": t("value.picture"),
      width: width * SCALE,
      height: height * SCALE,
    })
  );
  const frame = new Blob([new Uint8Array(data)], { type: "image/webp" });
  void createImageBitmap(frame).then(
    (bitmap) => {
      canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
    },
    () => canvas.replaceWith(el("span", {}, t("value.picture"))),
  );
  return canvas;
}
