// @ts-check
/** A request that one screen opened and the next one shows. It lives as long as the page. */

/** @typedef {{request: any, viewId?: string, purpose?: string}} UnderWay */

/** @type {UnderWay | null} */
let kept = null;

/** @param {UnderWay | null} underWay */
export function keepRequest(underWay) {
  kept = underWay;
}

export function takeRequest() {
  return kept;
}
