// @ts-check
/** Asks the worker to read an image; one question at a time. */

import { workerUrl } from "./scripts.js";

export class Reader {
  constructor() {
    this.worker = new Worker(workerUrl("/inspect/reader_worker.js"), { type: "module" });
    this.next = 0;
    /** @type {Map<number, (texts: string[]) => void>} */
    this.waiting = new Map();
    this.worker.addEventListener("message", (event) => {
      const { id, texts } = event.data;
      this.waiting.get(id)?.(texts);
      this.waiting.delete(id);
    });
  }

  get isBusy() {
    return this.waiting.size > 0;
  }

  /** The texts of all QR codes in an image, which is used up. @param {ImageBitmap} image */
  read(image) {
    const id = this.next++;
    this.worker.postMessage({ id, image }, [image]);
    return /** @type {Promise<string[]>} */ (
      new Promise((resolve) => {
        this.waiting.set(id, resolve);
      })
    );
  }
}
