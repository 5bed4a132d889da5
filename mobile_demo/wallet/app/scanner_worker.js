// @ts-check
/// <reference lib="webworker" />
/** Reads QR codes beside the page's thread: one image in, one text or null out. */

import {
  prepareZXingModule,
  readBarcodes,
} from "/modules/node_modules/zxing-wasm/dist/es/reader/index.js";

const FOLDER = "/modules/node_modules/zxing-wasm/dist/reader/";

prepareZXingModule({
  overrides: { locateFile: (/** @type {string} */ name) => FOLDER + name },
  fireImmediately: true,
});

const canvas = new OffscreenCanvas(1, 1);
const pen = canvas.getContext("2d", { willReadFrequently: true });

self.addEventListener("message", async ({ data: { image } }) => {
  canvas.width = image.width;
  canvas.height = image.height;
  pen?.drawImage(image, 0, 0);
  image.close();
  const pixels = pen?.getImageData(0, 0, canvas.width, canvas.height);
  const codes = pixels ? await readBarcodes(pixels, { formats: ["QRCode"], maxNumberOfSymbols: 1 }) : [];
  self.postMessage({ text: codes.find((code) => code.isValid)?.text ?? null });
});
