// @ts-check
/** What the browser's rooms raise: bytes or text that are not what they claim to be. */

/** The input cannot be read. `detail` is a stable code; the message never repeats the input. */
export class Malformed extends Error {
  /**
   * @param {string} message one lowercase sentence
   * @param {string} [detail] a stable code such as `duplicate_member`
   */
  constructor(message, detail = "malformed") {
    super(message);
    this.name = "Malformed";
    this.detail = detail;
  }
}
