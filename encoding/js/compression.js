// @ts-check
/**
 * zlib, gzip and raw DEFLATE with a ceiling on what comes out, by the browser's own streams.
 *
 * `DecompressionStream` knows no preset dictionary. A stored block that holds the dictionary, put
 * before the data, has the same effect: its bytes come out first and are dropped.
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

/** @param {Uint8Array} data @param {{maxBytes: number}} limits */
export function inflateGzip(data, { maxBytes }) {
  return inflate(data, "gzip", maxBytes);
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
    throw new Malformed("compressed data is damaged", "invalid_compression");
  }
  if (size > maxBytes) {
    await reader.cancel().catch(() => undefined);
    throw new Malformed("data inflates beyond its limit", "too_large");
  }
  return concat(...parts);
}
