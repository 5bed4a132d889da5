// @ts-check
/**
 * The inspector's app: scan, verdict, next. Opens straight on the camera and works without signal.
 *
 * One code at a time: while a verdict is on the screen nothing is scanned. Right after "Scan next" the
 * code that was just judged is passed over for a moment, so that lowering the phone accuses nobody;
 * held up longer, it is judged again.
 */

import { Account } from "./account.js";
import { BundleShelf } from "./bundle_shelf.js";
import { Camera } from "./camera.js";
import { Checking, NotACityCode } from "./checking.js";
import { PhoneClock } from "./clock.js";
import { byId } from "./elements.js";
import { FaceCollector } from "./face_collector.js";
import { FaceWatch } from "./face_watch.js";
import { Menu } from "./menu.js";
import { PhoneStore } from "./phone_store.js";
import { readReadiness, showReadiness } from "./readiness.js";
import { Reader } from "./reader.js";
import { workerUrl } from "./scripts.js";
import { ShiftLog } from "./shift_log.js";
import { allowSound, signal } from "./signals.js";
import { showVerdict } from "./verdict_screen.js";
import { chooseLanguage, chosenLanguage, loadWords } from "./words.js";

const REFRESH_EVERY = 60_000;
const SLOW_AFTER = 4000;
const VERY_SLOW_AFTER = 8000;
const SAME_CODE_PAUSE = 2500;
const PURPOSE = "purpose";

const clock = new PhoneClock();
const store = await PhoneStore.open();
const shelf = new BundleShelf(store, clock);
const checking = new Checking(shelf, store, clock);
const account = new Account();
const shiftLog = new ShiftLog(store, clock);
const reader = new Reader();
let words = await loadWords(chosenLanguage());

const verdictPlace = byId("verdict");
const purposes = /** @type {HTMLSelectElement} */ (byId("purpose"));
const camera = new Camera(/** @type {HTMLVideoElement} */ (byId("camera")), onCamera);
const faces = new FaceCollector();
const faceWatch = new FaceWatch(camera, reader, faces);
const menu = new Menu({ shelf, clock, account, shiftLog, refresh, setLanguage });

let isScanning = false;
let scanningSince = 0;
let lastText = "";
let nextSince = 0;

fillWords();
wire();
await shelf.load();
onMaterial();
void registerWorker();
void camera.start();
void refresh();
setInterval(() => document.hidden || void refresh(), REFRESH_EVERY);

/** Newest bundle, who is signed in, and what is waiting to be sent. */
async function refresh() {
  const result = await shelf.refresh();
  if (result !== "unreachable") {
    const person = await account.refresh();
    if (person) await shiftLog.sync(person.csrf_token).catch(() => undefined);
  }
  onMaterial();
  return result;
}

function onMaterial() {
  fillPurposes();
  showReadiness(readReadiness(shelf, clock), words);
  void menu.fill(words);
  if (camera.isWanted && !isScanning && verdictPlace.hidden && camera.stream) void scan();
}

function wire() {
  document.addEventListener("pointerdown", allowSound);
  document.addEventListener("keydown", allowSound);
  window.addEventListener("online", () => void refresh());
  window.addEventListener("offline", () => {
    shelf.isReachable = false;
    onMaterial();
  });
  purposes.addEventListener("change", () => localStorage.setItem(PURPOSE, purposes.value));
  byId("start-camera").addEventListener("click", () => void camera.start());
  byId("switch-camera").addEventListener("click", () => void camera.switchLens());
  byId("torch").addEventListener("click", () => void toggleLight());
  byId("photo").addEventListener("change", (event) => void readPhoto(event));
  byId("open-menu").addEventListener("click", () => menu.open(words));
  byId("readiness").addEventListener("click", () => menu.open(words));
  byId("open-paste").addEventListener("click", () => dialog("paste").showModal());
  byId("paste-form").addEventListener("submit", (event) => void onPaste(/** @type {SubmitEvent} */ (event)));
  for (const sheet of document.querySelectorAll("dialog")) {
    sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  }
}

/** @param {import("./camera.js").CameraState} state */
function onCamera(state) {
  const hints = { starting: "hint.starting", running: "hint.point", denied: "hint.denied", none: "hint.no_camera", stopped: "hint.point" };
  hint(hints[state]);
  byId("start-camera").hidden = state !== "denied";
  byId("torch").hidden = !camera.canLight;
  byId("switch-camera").hidden = !camera.canSwitch;
  document.body.dataset.camera = state;
  if (state === "running") void scan();
}

/** Look at frames until a code of the city is found; one decode in flight. */
async function scan() {
  if (isScanning) return;
  isScanning = true;
  scanningSince = performance.now();
  try {
    while (verdictPlace.hidden && camera.stream) {
      await camera.nextFrame();
      if (document.hidden || document.querySelector("dialog[open]")) continue;
      const frame = await camera.frame().catch(() => null);
      if (!frame) continue;
      const texts = await reader.read(frame);
      if (await takeFirst(texts)) break;
      showPatience(texts);
    }
  } finally {
    isScanning = false;
  }
}

/** Take the first code that is one of ours; others beside it disturb nothing, a face is kept. */
async function takeFirst(/** @type {string[]} */ texts) {
  for (const text of texts.filter((each) => !faces.add(each, performance.now()))) {
    if (text === lastText && performance.now() - nextSince < SAME_CODE_PAUSE) continue;
    if (await take(text)) return true;
  }
  return false;
}

/** Judge a text; false when it is no code of a city wallet. @param {string} text */
async function take(text) {
  const readiness = readReadiness(shelf, clock);
  const purpose = purposes.value;
  // A bundle that has just come is not yet in the list of purposes.
  if (!readiness.canCheck || !purpose) {
    hint("hint.not_ready");
    return false;
  }
  try {
    const { verdict, beside } = await checking.checkHere(text, purpose);
    lastText = text;
    const { showsClaims } = await present(verdict, text, purpose);
    const person = verdictPlace.querySelector(".verdict-person");
    if (beside && showsClaims && person) void faceWatch.begin(person, beside, words);
    return true;
  } catch (error) {
    if (!(error instanceof NotACityCode)) throw error;
    hint("hint.other_code");
    return false;
  }
}

/**
 * Show the phone's verdict; when it is not bad, let the counter make sure.
 * @param {import("./screens.js").Verdict} verdict @param {string} text @param {string} purpose
 */
async function present(verdict, text, purpose) {
  const person = account.person;
  const asksCounter = verdict.outcome !== "failed" && person !== null && navigator.onLine;
  const newest = asksCounter ? await checking.checkAtCounter(text, purpose, person.csrf_token) : null;
  if (asksCounter) shelf.isReachable = newest !== null;
  const final = newest ?? verdict;
  const note = newest ? "" : words.text("verdict.on_phone");
  const screen = showVerdict(verdictPlace, final, {
    words,
    now: clock.now(),
    labels: shelf.bundle?.labels ?? null,
    title: shelf.bundle?.purposes.get(purpose)?.title,
    heard: shelf.bundle?.epochSeconds,
    note,
    nextWords: words.text("verdict.next"),
    onNext: scanNext,
  });
  signal(screen.look);
  byId("scan").inert = true;
  await shiftLog.add(final, { isRecorded: newest !== null });
  void menu.fill(words);
  return screen;
}

function scanNext() {
  faceWatch.stop();
  nextSince = performance.now();
  verdictPlace.hidden = true;
  verdictPlace.replaceChildren();
  byId("scan").inert = false;
  hint("hint.point");
  byId("open-menu").focus({ preventScroll: true });
  void scan();
}

/** After a while without a code, say what helps. */
function showPatience(/** @type {string[]} */ texts) {
  if (texts.length > 0) return;
  const waited = performance.now() - scanningSince;
  if (waited > VERY_SLOW_AFTER) hint("hint.very_slow");
  else if (waited > SLOW_AFTER) hint("hint.slow");
}

async function readPhoto(/** @type {Event} */ event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const file = input.files?.[0];
  input.value = "";
  if (!file) return;
  const image = await createImageBitmap(file).catch(() => null);
  const texts = image ? await reader.read(image) : [];
  if (texts.length === 0) hint("hint.no_code_in_photo");
  else await takeFirst(texts);
}

async function onPaste(/** @type {SubmitEvent} */ event) {
  const field = /** @type {HTMLTextAreaElement} */ (byId("paste-text"));
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const texts = field.value.split("\n").map((line) => line.trim());
  field.value = "";
  if (button?.value !== "check") return;
  for (const text of texts.filter((each) => each && !faces.add(each, performance.now()))) {
    if (await take(text)) return;
  }
}

async function toggleLight() {
  const button = byId("torch");
  const isOn = button.getAttribute("aria-pressed") !== "true";
  await camera.light(isOn);
  button.setAttribute("aria-pressed", String(isOn));
}

function fillPurposes() {
  const bundle = shelf.bundle;
  if (!bundle) return;
  const chosen = purposes.value || localStorage.getItem(PURPOSE) || "taxi-inspection";
  const offered = [...bundle.purposes.values()].filter((purpose) => purpose.view);
  purposes.replaceChildren(...offered.map((purpose) => new Option(words.pick(purpose.title), purpose.id)));
  purposes.value = offered.some((purpose) => purpose.id === chosen) ? chosen : (offered[0]?.id ?? "");
}

/** @param {string} language */
async function setLanguage(language) {
  chooseLanguage(language);
  words = await loadWords(language);
  fillWords();
  onMaterial();
}

function fillWords() {
  words.fill(document);
  document.title = words.text("app.name");
  hint(camera.stream ? "hint.point" : "hint.starting");
}

/** @param {string} key */
function hint(key) {
  const place = byId("hint");
  const text = words.text(key);
  if (place.textContent !== text) place.textContent = text;
}

function dialog(/** @type {string} */ id) {
  return /** @type {HTMLDialogElement} */ (byId(id));
}

async function registerWorker() {
  const url = workerUrl("/inspect/service_worker.js");
  await navigator.serviceWorker?.register(url, { scope: "/inspect/" });
}
