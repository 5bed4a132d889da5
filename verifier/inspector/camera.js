// @ts-check
/**
 * The camera: starts, chooses the lens that can focus, gives square frames, lets go when hidden.
 *
 * Tracks are stopped whenever the page is hidden and asked for anew afterwards, because some phones
 * hand back a black picture otherwise.
 */

const MAX_SIDE = 1080;
const KEY = "camera";

/** @typedef {"starting" | "running" | "denied" | "none" | "stopped"} CameraState */

export class Camera {
  /** @param {HTMLVideoElement} video @param {(state: CameraState) => void} onState */
  constructor(video, onState) {
    this.video = video;
    this.onState = onState;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {MediaDeviceInfo[]} */
    this.lenses = [];
    this.isWanted = false;
    document.addEventListener("visibilitychange", () => this.#onVisibility());
  }

  async start() {
    this.isWanted = true;
    if (this.stream) return;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.onState("none");
      return;
    }
    this.onState("starting");
    try {
      this.stream = await this.#open(localStorage.getItem(KEY));
    } catch (error) {
      this.onState(error instanceof DOMException && error.name === "NotAllowedError" ? "denied" : "none");
      return;
    }
    if (!this.isWanted) {
      this.#letGo();
      return;
    }
    this.video.srcObject = this.stream;
    await this.video.play().catch(() => undefined);
    this.lenses = (await navigator.mediaDevices.enumerateDevices()).filter(
      (device) => device.kind === "videoinput" && device.deviceId,
    );
    await this.#sharpen();
    this.onState("running");
  }

  stop() {
    this.isWanted = false;
    this.#letGo();
    this.onState("stopped");
  }

  get canSwitch() {
    return this.lenses.length > 1;
  }

  get canLight() {
    const capabilities = /** @type {{torch?: boolean}} */ (this.#track?.getCapabilities?.() ?? {});
    return capabilities.torch === true;
  }

  /** @param {boolean} isOn */
  async light(isOn) {
    const change = /** @type {MediaTrackConstraints} */ ({ advanced: [{ torch: isOn }] });
    await this.#track?.applyConstraints(change).catch(() => undefined);
  }

  async switchLens() {
    const now = this.#track?.getSettings().deviceId;
    const index = this.lenses.findIndex((lens) => lens.deviceId === now);
    const next = this.lenses[(index + 1) % this.lenses.length];
    if (!next) return;
    localStorage.setItem(KEY, next.deviceId);
    this.#letGo();
    await this.start();
  }

  /** The middle square of the picture now, or null while there is none. */
  async frame() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const side = Math.min(width, height);
    if (!this.stream || side === 0) return null;
    const resized = Math.min(side, MAX_SIDE);
    return createImageBitmap(this.video, (width - side) / 2, (height - side) / 2, side, side, {
      resizeWidth: resized,
      resizeHeight: resized,
    });
  }

  /** Resolves when the picture has changed. */
  nextFrame() {
    return new Promise((resolve) => {
      if ("requestVideoFrameCallback" in this.video && this.stream) {
        this.video.requestVideoFrameCallback(() => resolve(undefined));
        setTimeout(resolve, 500);
      } else {
        setTimeout(resolve, 80);
      }
    });
  }

  get #track() {
    return this.stream?.getVideoTracks()[0];
  }

  /** @param {string | null} deviceId */
  async #open(deviceId) {
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    if (deviceId) {
      try {
        return await navigator.mediaDevices.getUserMedia({
          video: { ...size, deviceId: { exact: deviceId } },
        });
      } catch (error) {
        if (error instanceof DOMException && error.name === "NotAllowedError") throw error;
        localStorage.removeItem(KEY);
      }
    }
    return navigator.mediaDevices.getUserMedia({ video: { ...size, facingMode: "environment" } });
  }

  async #sharpen() {
    const capabilities = /** @type {{focusMode?: string[]}} */ (
      this.#track?.getCapabilities?.() ?? {}
    );
    if (!capabilities.focusMode?.includes("continuous")) return;
    const change = /** @type {MediaTrackConstraints} */ ({ advanced: [{ focusMode: "continuous" }] });
    await this.#track?.applyConstraints(change).catch(() => undefined);
  }

  #letGo() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  #onVisibility() {
    if (document.hidden) this.#letGo();
    else if (this.isWanted) void this.start();
  }
}
