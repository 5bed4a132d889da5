// @ts-check
/** What the ledger's proofs may be: unreadable, or readable and wrong. */

export { Malformed } from "../../encoding/js/errors.js";

/** A proof or note that does not hold; `detail` is a stable code. */
export class AnchorError extends Error {
  /** @param {string} message @param {string} detail */
  constructor(message, detail) {
    super(message);
    this.name = "AnchorError";
    this.detail = detail;
  }
}
