// @ts-check
/** What a leaf of an epoch's trust tree says: the twin of `credentials/trust_leaf.py`. */

import { buildCbor, parseCbor } from "../../encoding/js/cbor.js";
import { hex, sha256 } from "../../encoding/js/bytes.js";
import { Malformed } from "../../encoding/js/errors.js";

const MAX_CONTENT_BYTES = 4096;
const MAX_KEYS = 32;
const MAX_TIME = 253402300799;
const FORMAT = 1;

/**
 * @typedef {{identifier: string, type: string, notBefore: number, notAfter: number | null,
 *   credentialKeys: Uint8Array[], statusKeys: Uint8Array[], accreditation: Uint8Array}} TrustStatement
 */

/**
 * The leaf as the log has it.
 * @param {TrustStatement} said @returns {Promise<import("../../ledger/js/staple.js").TrustLeaf>}
 */
export async function buildTrustLeafOf(said) {
  const { identifier, type, notBefore, notAfter, credentialKeys, statusKeys, accreditation } = said;
  const content = [
    FORMAT, identifier, type, notBefore, notAfter, credentialKeys, statusKeys, accreditation,
  ]; // prettier-ignore
  return { key: buildCbor([identifier, type]), digest: await sha256(buildCbor(content)) };
}

/**
 * What a statement says, made whole with what the credential says of itself.
 * @param {Uint8Array} data
 * @param {{identifier: string, type: string, signedWith: Uint8Array}} credential
 * @returns {TrustStatement}
 */
export function parseStatement(data, { identifier, type, signedWith }) {
  const parts = parse(data);
  if (parts.length !== 5) throw fault("a statement has five parts");
  const [begin, end, credentialKeys, statusKeys, accreditation] = parts;
  return {
    identifier,
    type,
    notBefore: time(begin),
    notAfter: end === null ? null : time(end),
    credentialKeys: keys(credentialKeys, signedWith),
    statusKeys: keys(statusKeys, null),
    accreditation: hash(accreditation),
  };
}

/** @param {unknown} value @param {Uint8Array | null} signedWith */
function keys(value, signedWith) {
  if (!Array.isArray(value) || value.length > MAX_KEYS) {
    throw fault("keys are a list of thumbprints");
  }
  const found = value.map((each) => hash(each === null ? signedWith : each));
  if (found.some((each, at) => at > 0 && hex(found[at - 1]) >= hex(each))) {
    throw fault("keys are in order, each once");
  }
  return found;
}

/** @param {unknown} value */
function time(value) {
  if (typeof value !== "number" || value < 0 || value > MAX_TIME) {
    throw fault("a time is a NumericDate");
  }
  return value;
}

/** @param {unknown} value */
function hash(value) {
  if (!(value instanceof Uint8Array) || value.length !== 32) {
    throw fault("a thumbprint or digest has 32 bytes");
  }
  return value;
}

/** @param {Uint8Array} data */
function parse(data) {
  let value;
  try {
    value = parseCbor(data, { maxBytes: MAX_CONTENT_BYTES, maxDepth: 3 });
  } catch (error) {
    if (error instanceof Malformed) throw fault("the trust leaf cannot be read");
    throw error;
  }
  if (!Array.isArray(value)) throw fault("a trust leaf is an array");
  return value;
}

/** @param {string} message */
function fault(message) {
  return new Malformed(message, "malformed_trust_leaf");
}
