// @ts-check
/**
 * Goes on looking through the camera while a verdict is on the screen, for the picture beside it.
 * The verdict never waits for a picture, and a picture never changes it.
 */

import { FaceFrame } from "./face_frame.js";

const PATIENCE_MILLISECONDS = 8000;

export class FaceWatch {
  /**
   * @param {import("./camera.js").Camera} camera @param {import("./reader.js").Reader} reader
   * @param {import("./face_collector.js").FaceCollector} collector
   */
  constructor(camera, reader, collector) {
    this.camera = camera;
    this.reader = reader;
    this.collector = collector;
    this.turn = 0;
  }

  /**
   * @param {Element} person @param {import("./face_collector.js").Beside} beside
   * @param {import("./words.js").Words} words
   */
  async begin(person, beside, words) {
    const turn = ++this.turn;
    const frame = new FaceFrame(person, words);
    const end = performance.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const found = await this.collector.find(beside, performance.now());
      if (turn !== this.turn || (await frame.show(found))) return;
      if (performance.now() >= end || !this.camera.stream) {
        frame.end(found);
        return;
      }
      await this.#look();
    }
  }

  /** The next person: nothing of this one stays. */
  stop() {
    this.turn += 1;
    this.collector.forget();
  }

  async #look() {
    await this.camera.nextFrame();
    const picture = document.hidden ? null : await this.camera.frame().catch(() => null);
    for (const text of picture ? await this.reader.read(picture) : []) {
      this.collector.add(text, performance.now());
    }
  }
}
