// @ts-check
/** A text as it was shown: the twin of `credentials/shown_text.py`. */

const SPACE = " \t\r\n";

/** The text without white space at its ends. @param {string} text */
export function trim(text) {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.includes(text[start])) start += 1;
  while (end > start && SPACE.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}
