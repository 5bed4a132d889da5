// @ts-check
/**
 * Collects the parts of a face that a phone shows in turn with its code, and says whether the face
 * belongs to the card that was just judged. Pure: no page, no camera, no clock.
 *
 * A part counts for a few seconds, so that nothing of the driver before is taken for this one. After
 * a refusal all is forgotten and read anew: a good face may still come, a bad one is never drawn.
 */

import { joinFaceTexts, PREFIX, readFace, verifyFace } from "/modules/credentials/js/face.js";
import { trim } from "/modules/credentials/js/shown_text.js";

const MEMORY_MILLISECONDS = 5000;
const MAX_PARTS = 12;
const MAX_TEXT = 5120;
const NUMBERS = /^CF1:([1-6])\/([1-6]):/;

/**
 * @typedef {{signingInput: Uint8Array}} Card
 * @typedef {{credential: Card, key: import("/modules/credentials/js/keys.js").PublicKey | null}} Beside
 * @typedef {{state: "none" | "part" | "broken" | "foreign", seen: number, count: number, picture: null}
 *   | {state: "signed", seen: number, count: number, picture: import("/modules/credentials/js/face.js").Picture}} Found
 */

export class FaceCollector {
  constructor() {
    /** @type {Map<string, number>} */
    this.parts = new Map();
  }

  /** Take a text; false when it is no part of a face. @param {string} shown @param {number} at */
  add(shown, at) {
    const text = trim(shown);
    if (!text.startsWith(PREFIX)) return false;
    if (text.length > MAX_TEXT) return true;
    this.parts.delete(text);
    this.parts.set(text, at);
    if (this.parts.size > MAX_PARTS) this.parts.delete([...this.parts.keys()][0]);
    return true;
  }

  forget() {
    this.parts.clear();
  }

  /**
   * How the face beside this card stands: nothing yet, a part, no picture at all, one that belongs
   * to something else, or the picture. @param {Beside} beside @param {number} at @returns {Promise<Found>}
   */
  async find({ credential, key }, at) {
    for (const [text, seenAt] of this.parts) {
      if (at - seenAt > MEMORY_MILLISECONDS) this.parts.delete(text);
    }
    const texts = [...this.parts.keys()];
    const progress = { seen: texts.length, count: countParts(texts), picture: null };
    if (texts.length === 0) return { ...progress, state: "none" };
    try {
      const data = joinFaceTexts(texts);
      if (data === null) return { ...progress, state: "part" };
      const face = readFace(data);
      if (key !== null && (await verifyFace(face, { credential, key }))) {
        return { ...progress, state: "signed", picture: face.picture };
      }
      this.forget();
      return { ...progress, state: "foreign" };
    } catch (error) {
      // Whatever it is that cannot be read: it is no face, and the camera goes on.
      this.forget();
      return { ...progress, state: "broken" };
    }
  }
}

/** How many parts the newest text speaks of. @param {string[]} texts */
function countParts(texts) {
  return Number(NUMBERS.exec(texts.at(-1) ?? "")?.[2] ?? 0);
}
