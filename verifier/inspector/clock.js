// @ts-check
/**
 * The time on this phone, put right by the city's clock when it was last heard.
 *
 * A code is fresh for a minute, so a phone that is wrong by more would refuse honest people.
 */

const TOLERATED = 5;
const KEY = "clock-offset";

export class PhoneClock {
  constructor() {
    this.offset = Number(localStorage.getItem(KEY)) || 0;
  }

  /** Unix seconds now. */
  now() {
    return Math.floor(Date.now() / 1000) + this.offset;
  }

  /** Compare with the Date of an answer that just came. @param {string | null} date */
  learn(date) {
    const theirs = date ? Date.parse(date) / 1000 : Number.NaN;
    if (!Number.isFinite(theirs)) return;
    const difference = Math.round(theirs - Date.now() / 1000);
    this.offset = Math.abs(difference) > TOLERATED ? difference : 0;
    localStorage.setItem(KEY, String(this.offset));
  }
}
