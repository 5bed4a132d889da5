// @ts-check
/**
 * zlib and raw DEFLATE with a ceiling on what comes out, by the browser's own streams.
 *
 * `DecompressionStream` knows no preset dictionary. A stored block that holds the dictionary, put
 * before the data, has the same effect: its bytes come out first and are dropped.
 *
 * The stream must be alone, as in Python. Engines that take bytes behind its end without a word
 * are asked twice: a stream that ends before its last byte is whole without that byte as well.
 */

import { concat } from "./bytes.js";
import { Malformed } from "./errors.js";

/**
 * @param {Uint8Array} data @param {{maxBytes: number, dictionary?: Uint8Array}} limits
 * @returns {Promise<Uint8Array>}
 */
export async function inflateRaw(data, { maxBytes, dictionary = new Uint8Array(0) }) {
  const primed = dictionary.length ? concat(storedBlock(dictionary), data) : data;
  const inflated = await inflate(primed, "deflate-raw", maxBytes + dictionary.length);
  return inflated.slice(dictionary.length);
}

/** @param {Uint8Array} data @param {{maxBytes: number}} limits */
export function inflateZlib(data, { maxBytes }) {
  return inflate(data, "deflate", maxBytes);
}

/** A non-final stored block (RFC 1951 section 3.2.4). @param {Uint8Array} data */
function storedBlock(data) {
  const size = data.length;
  return concat(Uint8Array.of(0, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255), data);
}

/**
 * @param {Uint8Array} data @param {CompressionFormat} format @param {number} maxBytes
 * @returns {Promise<Uint8Array>}
 */
async function inflate(data, format, maxBytes) {
  const parts = await readStream(data, format, maxBytes);
  if (parts === null) throw new Malformed("compressed data is damaged", "invalid_compression");
  if ((await hidesTrailingBytes()) && (await readStream(data.subarray(0, -1), format, maxBytes)) !== null) {
    throw new Malformed("bytes follow the compressed data", "invalid_compression");
  }
  return concat(...parts);
}

/**
 * What comes out, or null where the stream is damaged or cut short.
 * @param {Uint8Array} data @param {CompressionFormat} format @param {number} maxBytes
 * @returns {Promise<Uint8Array[] | null>}
 */
async function readStream(data, format, maxBytes) {
  const stream = new Blob([/** @type {BlobPart} */ (data)])
    .stream()
    .pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  const parts = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > maxBytes) break;
      parts.push(value);
    }
  } catch {
    return null;
  }
  if (size > maxBytes) {
    await reader.cancel().catch(() => undefined);
    throw new Malformed("data inflates beyond its limit", "too_large");
  }
  return parts;
}

/** An empty raw stream (one final block of fixed codes) and a byte behind it. */
const PROBE = Uint8Array.of(3, 0, 0);
/** @type {Promise<boolean> | undefined} */
let hiding;

/** Whether this engine takes bytes behind the end of a stream; found out once. */
function hidesTrailingBytes() {
  hiding ??= readStream(PROBE, "deflate-raw", 0).then((parts) => parts !== null);
  return hiding;
}
