// @ts-check
/// <reference lib="webworker" />
/**
 * Reads QR codes away from the page's thread: one image in, one text or null out.
 *
 * Only QR codes are looked for, so that a barcode beside the code disturbs nothing. The reader's
 * defaults stay: turning its extra tries off loses most blurred codes.
 */

import {
  prepareZXingModule,
  readBarcodes,
} from "/modules/node_modules/zxing-wasm/dist/es/reader/index.js";

const READER = "/modules/node_modules/zxing-wasm/dist/reader/";
/** @type {import("zxing-wasm/reader").ReaderOptions} */
const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 4 };

prepareZXingModule({
  overrides: { locateFile: (/** @type {string} */ path) => READER + path },
  fireImmediately: true,
});

const canvas = new OffscreenCanvas(1, 1);
const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (
  canvas.getContext("2d", { willReadFrequently: true })
);

self.addEventListener("message", async (event) => {
  const { id, image } = /** @type {{id: number, image: ImageBitmap}} */ (event.data);
  const texts = await read(image);
  self.postMessage({ id, texts });
});

/** @param {ImageBitmap} image @returns {Promise<string[]>} */
async function read(image) {
  canvas.width = image.width;
  canvas.height = image.height;
  pen.drawImage(image, 0, 0);
  image.close();
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  const found = await readBarcodes(pixels, OPTIONS);
  return found.filter((code) => code.isValid).map((code) => code.text);
}
