// @ts-check
/**
 * Makes the small picture that travels beside a taxi inspector's code, from the chosen portrait:
 * 64 by 80, grey, WebP of at most 450 bytes, one frame and nothing else (`credentials/face.py`).
 *
 * A browser that cannot encode WebP gives none; the document is issued without it. The server
 * judges what it gets by itself.
 */

const WIDTH = 64;
const HEIGHT = 80;
const BUDGET = 450;
const STEPS = 7;
const HEAD = 12;
const FRAME = "VP8 ";

/** The picture as a data URL, or "" where none can be made. @param {ImageBitmap} picture */
export async function makeFace(picture) {
  const canvas = drawGrey(picture);
  let best = "";
  let [low, high] = [0, 1];
  for (let step = 0; step < STEPS; step += 1) {
    const quality = (low + high) / 2;
    const frame = keepFrame(await encode(canvas, quality));
    if (frame && frame.length <= BUDGET) {
      best = `data:image/webp;base64,${btoa(String.fromCharCode(...frame))}`;
      low = quality;
    } else {
      high = quality;
    }
  }
  return best;
}

/** The middle of the picture, 4 by 5. @param {ImageBitmap} picture */
function drawGrey(picture) {
  const scale = Math.max(WIDTH / picture.width, HEIGHT / picture.height);
  const [wide, high] = [picture.width * scale, picture.height * scale];
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d", { alpha: false });
  if (!pen) throw new Error("this browser cannot draw");
  pen.imageSmoothingQuality = "high";
  pen.filter = "grayscale(1) contrast(1.08)";
  pen.drawImage(picture, (WIDTH - wide) / 2, (HEIGHT - high) / 2, wide, high);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} quality @returns {Promise<Uint8Array>} */
async function encode(canvas, quality) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/webp", quality));
  return new Uint8Array(blob?.type === "image/webp" ? await blob.arrayBuffer() : []);
}

/**
 * The lossy frame alone in a file of its own: what browsers put around it, such as a colour
 * profile, goes. @param {Uint8Array} file
 */
function keepFrame(file) {
  const view = new DataView(file.buffer);
  for (let at = HEAD; at + 8 <= file.length; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size + (size % 2);
    if (String.fromCharCode(...file.subarray(at, at + 4)) === FRAME) return wrap(file.subarray(at, end));
    at = end;
  }
  return null;
}

/** @param {Uint8Array} chunk */
function wrap(chunk) {
  const file = new Uint8Array(HEAD + chunk.length);
  file.set(new TextEncoder().encode("RIFF    WEBP"));
  new DataView(file.buffer).setUint32(4, chunk.length + 4, true);
  file.set(chunk, HEAD);
  return file;
}
