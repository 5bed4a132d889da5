// @ts-check
/**
 * What a scanned or pasted text wants: an offer, a request, or nothing that this wallet acts on.
 *
 * Nothing is ever opened by itself (S-130). The resident sees whose link it is, host in full, and
 * decides; only then does the wallet service fetch anything (VCI-W-01).
 */

const OFFER_SCHEMES = new Set(["openid-credential-offer:", "haip-vci:"]);
const REQUEST_SCHEMES = new Set(["openid4vp:", "haip-vp:", "haip:"]);
const MAX_TEXT = 16384;

/** @typedef {{kind: "offer" | "request", text: string, host: string} | {kind: "other", text: string}} Link */

/** @param {string} scanned @returns {Link} */
export function readLink(scanned) {
  const text = scanned.trim();
  const url = text.length <= MAX_TEXT ? parse(text) : null;
  if (!url) return { kind: "other", text };
  const isWallet = url.origin === location.origin;
  const names = new Set([...url.searchParams.keys()]);
  const isOffer = OFFER_SCHEMES.has(url.protocol) || (isWallet && url.pathname === "/offer");
  if (isOffer && (names.has("credential_offer") || names.has("credential_offer_uri"))) {
    const host = offerHost(url.searchParams);
    return host ? { kind: "offer", text, host } : { kind: "other", text };
  }
  const isRequest = REQUEST_SCHEMES.has(url.protocol) || (isWallet && url.pathname === "/authorize");
  if (isRequest && names.has("client_id")) {
    const host = hostOf(url.searchParams.get("request_uri") ?? url.searchParams.get("response_uri"));
    return host ? { kind: "request", text, host } : { kind: "other", text };
  }
  return { kind: "other", text };
}

/** @param {URLSearchParams} parameters */
function offerHost(parameters) {
  const reference = parameters.get("credential_offer_uri");
  if (reference) return hostOf(reference);
  try {
    return hostOf(JSON.parse(parameters.get("credential_offer") ?? "").credential_issuer);
  } catch {
    return null;
  }
}

/** The host as the browser writes it: punycode, so that look-alikes show. @param {unknown} address */
function hostOf(address) {
  const url = typeof address === "string" ? parse(address) : null;
  if (!url || !["https:", "http:"].includes(url.protocol) || url.username || url.password) return null;
  return url.host;
}

/** @param {string} text */
function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
