// @ts-check
/**
 * Which code is on the screen: the proof, and where the resident wants it, the parts of the face in
 * turn with it. Pure. Two and a half changes a second: slow enough for a poor camera and for eyes
 * (WCAG 2.3.1), and a whole round in little more than a second.
 */

export const TURN_MILLISECONDS = 400;

/**
 * The number of the frame to show: 0 is the proof, from 1 on the parts of the face.
 * @param {{at: number, since: number, parts: number, isTurning: boolean}} moment
 */
export function chooseFrame({ at, since, parts, isTurning }) {
  if (!isTurning || parts === 0) return 0;
  return Math.floor(Math.max(0, at - since) / TURN_MILLISECONDS) % (parts + 1);
}
