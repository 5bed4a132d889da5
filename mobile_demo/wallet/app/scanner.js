// @ts-check
/**
 * The camera and the reader: looks at frames until a QR code is found, one frame at a time.
 *
 * Tracks are let go whenever the page is hidden and asked for anew afterwards. Codes of other kinds
 * are passed over in silence.
 */

import { scriptUrl } from "./scripts.js";

const MAX_SIDE = 1080;
const PAUSE_MILLISECONDS = 60;

/** @typedef {"starting" | "running" | "denied" | "none"} ScannerState */

export class Scanner {
  /**
   * @param {HTMLVideoElement} video
   * @param {{onText: (text: string) => void, onState: (state: ScannerState) => void}} listeners
   */
  constructor(video, { onText, onState }) {
    this.video = video;
    this.onText = onText;
    this.onState = onState;
    this.isRunning = false;
    /** @type {MediaStream | null} */
    this.stream = null;
    this.worker = new Worker(scriptUrl("/app/scanner_worker.js"), { type: "module" });
    this.worker.onmessage = ({ data }) => this.#onRead(data);
    this.onVisibility = () => (document.hidden ? this.#letGo() : void this.#open());
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  async start() {
    this.isRunning = true;
    await this.#open();
  }

  stop() {
    this.isRunning = false;
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.#letGo();
    this.worker.terminate();
  }

  get hasTorch() {
    const track = this.stream?.getVideoTracks()[0];
    return /** @type {any} */ (track?.getCapabilities?.() ?? {}).torch === true;
  }

  /** @param {boolean} isOn */
  async light(isOn) {
    const change = /** @type {any} */ ({ advanced: [{ torch: isOn }] });
    await this.stream?.getVideoTracks()[0]?.applyConstraints(change).catch(() => undefined);
  }

  async #open() {
    if (!this.isRunning || this.stream) return;
    if (!navigator.mediaDevices?.getUserMedia) return this.onState("none");
    this.onState("starting");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
    } catch (error) {
      const isDenied = error instanceof DOMException && error.name === "NotAllowedError";
      return this.onState(isDenied ? "denied" : "none");
    }
    if (!this.isRunning) return this.#letGo();
    this.video.srcObject = this.stream;
    await this.video.play().catch(() => undefined);
    this.onState("running");
    await this.#look();
  }

  async #look() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const side = Math.min(width, height);
    if (!this.stream) return;
    if (side === 0) {
      setTimeout(() => this.#look(), PAUSE_MILLISECONDS);
      return;
    }
    const size = Math.min(side, MAX_SIDE);
    const shape = /** @type {ImageBitmapOptions} */ ({ resizeWidth: size, resizeHeight: size });
    const left = (width - side) / 2;
    const top = (height - side) / 2;
    const image = await createImageBitmap(this.video, left, top, side, side, shape);
    this.worker.postMessage({ image }, [image]);
  }

  /** @param {{text: string | null}} read */
  #onRead({ text }) {
    if (!this.isRunning) return;
    if (text) this.onText(text);
    if (this.isRunning) setTimeout(() => this.#look(), PAUSE_MILLISECONDS);
  }

  #letGo() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }
}
