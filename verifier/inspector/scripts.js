// @ts-check
/**
 * The one Trusted Types policy of these pages: it lets exactly our own two workers through.
 */

const WORKERS = Object.freeze(["/inspect/reader_worker.js", "/inspect/service_worker.js"]);

const policy = globalThis.trustedTypes?.createPolicy("city-workers", {
  createScriptURL: (url) => {
    if (!WORKERS.includes(url)) throw new TypeError("this is no worker of ours");
    return url;
  },
});

/** A worker's URL as the browser wants it. @param {string} url @returns {string} */
export function workerUrl(url) {
  return /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(url) ?? url));
}
