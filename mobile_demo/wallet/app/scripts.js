// @ts-check
/** The one Trusted Types policy of these pages: it lets exactly our own two workers through. */

const OURS = Object.freeze(["/app/scanner_worker.js", "/service-worker.js"]);

const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("citywallet", {
  createScriptURL: (/** @type {string} */ url) => {
    if (!OURS.includes(url)) throw new TypeError("this is no worker of ours");
    return url;
  },
});

/** A worker's address as the browser wants it. @param {string} url @returns {any} */
export function scriptUrl(url) {
  return policy ? policy.createScriptURL(url) : url;
}
