// @ts-check
/** Sound and vibration of a verdict: one rising pair for good, low and twice for bad. */

/** @type {Record<string, {tones: [number, number, number][], pattern: number[]}>} */
const SIGNALS = {
  good: { tones: [[660, 0, 0.11], [990, 0.12, 0.16]], pattern: [90] },
  warn: { tones: [[520, 0, 0.14], [520, 0.2, 0.14]], pattern: [120, 80, 120] },
  bad: { tones: [[196, 0, 0.28], [165, 0.34, 0.42]], pattern: [320, 120, 320] },
};

/** @type {AudioContext | null} */
let audio = null;

/** Browsers allow sound only after the person touched the page once. */
export function allowSound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

/** @param {string} look */
export function signal(look) {
  const { tones, pattern } = SIGNALS[look] ?? SIGNALS.warn;
  // Browsers refuse, and complain, until the person has touched the page once.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
  if (!audio || audio.state !== "running") return;
  for (const [pitch, begin, length] of tones) {
    const tone = new OscillatorNode(audio, { frequency: pitch, type: "triangle" });
    const loudness = new GainNode(audio, { gain: 0.0001 });
    const start = audio.currentTime + begin;
    loudness.gain.exponentialRampToValueAtTime(0.5, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + length);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + length + 0.02);
  }
}
