// @ts-check
/**
 * Makes a chosen portrait small enough to be part of a credential, before it is sent.
 *
 * The middle of the picture, 3 by 4, as JPEG of falling quality until it fits. The server judges
 * what it gets by itself; without this script a small photo works as well. Where the document has
 * a face for codes, that is made of the same picture.
 */

import { makeFace } from "./face.js";

const LIMIT = 20_000;
const SIZES = [[300, 400], [240, 320], [180, 240], [120, 160]];
const QUALITIES = [0.85, 0.7, 0.55];

for (const input of document.querySelectorAll("input[data-photo]")) {
  if (!(input instanceof HTMLInputElement)) continue;
  input.addEventListener("change", () => void shrink(input));
  // A quick hand chooses before the script is here, and a browser that goes back keeps the choice.
  void shrink(input);
}

/** @param {HTMLInputElement} input */
async function shrink(input) {
  const file = input.files?.[0];
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    for (const field of document.querySelectorAll(".field-face")) await fillFace(field, picture);
    const blob = await makeSmall(picture);
    const box = new DataTransfer();
    box.items.add(new File([blob], "portrait.jpg", { type: "image/jpeg" }));
    input.files = box.files;
  } catch {
    // Not a picture: the server says so beside the field.
  }
}

/** @param {ImageBitmap} picture */
async function makeSmall(picture) {
  for (const [width, height] of SIZES) {
    const canvas = draw(picture, width, height);
    for (const quality of QUALITIES) {
      const blob = await encode(canvas, quality);
      if (blob.size <= LIMIT) {
        show(canvas);
        return blob;
      }
    }
  }
  throw new Error("the picture does not become small");
}

/** @param {ImageBitmap} picture @param {number} width @param {number} height */
function draw(picture, width, height) {
  const scale = Math.max(width / picture.width, height / picture.height);
  const [wide, high] = [picture.width * scale, picture.height * scale];
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context?.drawImage(picture, (width - wide) / 2, (height - high) / 2, wide, high);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} quality @returns {Promise<Blob>} */
function encode(canvas, quality) {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", quality),
  );
}

/** The face in its hidden input, and what it looks like. @param {Element} field @param {ImageBitmap} picture */
async function fillFace(field, picture) {
  const [input, image] = [field.querySelector("input"), field.querySelector("img")];
  const url = await makeFace(picture).catch(() => "");
  if (input) input.value = url;
  image?.toggleAttribute("hidden", url === "");
  if (image && url) image.src = url;
}

/** @param {HTMLCanvasElement} canvas */
function show(canvas) {
  const field = document.querySelector(".field-image");
  field?.querySelectorAll(".portrait, input[type=hidden]").forEach((old) => old.remove());
  canvas.className = "portrait";
  field?.querySelector("input[type=file]")?.before(canvas);
}
