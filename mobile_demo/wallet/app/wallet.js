// @ts-check
/**
 * What a resident does, step by step, with the wallet service: take an offer, answer a request, get
 * a view. Every signature is made here, over a text that is looked at before it is signed.
 */

import { decode } from "/modules/encoding/js/base64url.js";
import { decodeUtf8 } from "/modules/encoding/js/bytes.js";
import { ApiError, call } from "./api.js";
import { findKey, makeKey, sign } from "./keys.js";
import { keepSetting, loadAll, replaceViews, setting } from "./phone_store.js";

const CARD_COPIES = 3;
const VIEW_COPIES = 5;
const VIEW_POLLS = 40;
const POLL_MILLISECONDS = 500;

/** The cards as the service knows them; as last seen when there is no signal. */
export async function loadCards() {
  try {
    const { credentials } = await call("GET", "/api/v1/credentials");
    await keepSetting("cards", credentials);
    return { cards: credentials, isOffline: false };
  } catch (error) {
    if (!(error instanceof ApiError) || !["offline", "unavailable"].includes(error.code)) throw error;
    return { cards: (await setting("cards")) ?? [], isOffline: true };
  }
}

/** Fetch the view copies and keep them for showing without signal. */
export async function syncViews() {
  const { views } = await call("GET", "/api/v1/views");
  await replaceViews(views.map((/** @type {any} */ view) => ({ ...view, id: `${view.credential_id}.${view.key}` })));
}

/** The kept copies of a view that still hold at this time. @param {string} view @param {Date} at */
export async function keptViews(view, at) {
  const copies = await loadAll("views");
  return copies.filter(
    (copy) => copy.view === view && (!copy.valid_until || new Date(copy.valid_until) > at),
  );
}

/** @param {string} text */
export function previewOffer(text) {
  return call("POST", "/api/v1/offers", { offer: text });
}

/**
 * Accept an offer: fresh keys, signed key proofs, cards.
 * @param {{id: string, batch_size: number, issuer: {id: string}}} offer @param {string | null} txCode
 * @param {{provenKeys?: string[], copies?: number, format?: string}} [how]
 */
export async function acceptOffer(offer, txCode, { provenKeys = [], copies = CARD_COPIES, format } = {}) {
  const known = await Promise.all(provenKeys.slice(0, 1).map(findKey));
  const wanted = Math.max(1, Math.min(copies, offer.batch_size)) - known.length;
  const fresh = await Promise.all(Array.from({ length: wanted }, makeKey));
  const body = {
    keys: [...known, ...fresh].map((key) => key.jwk),
    ...(txCode ? { tx_code: txCode } : {}),
    ...(format ? { format } : {}),
  };
  let { signing_inputs: inputs } = await call("POST", `/api/v1/offers/${offer.id}/accept`, body);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const signatures = await signAll(inputs, (content) => isKeyProof(content, offer.issuer.id));
    const answer = await call("POST", `/api/v1/offers/${offer.id}/proofs`, { signatures });
    if (answer.signing_inputs.length === 0) {
      await syncViews();
      return answer.credentials;
    }
    inputs = answer.signing_inputs;
  }
  throw new ApiError("invalid_nonce", 0);
}

/** @param {string} text */
export function openRequest(text) {
  return call("POST", "/api/v1/requests", { request: text });
}

/**
 * Consent to a request and send the answer. Returns where to go on and the keys that answered.
 * @param {{id: string, verifier: {id: string}}} request @param {Record<string, string>} choices
 */
export async function answerRequest(request, choices) {
  const path = `/api/v1/requests/${request.id}`;
  const { signing_inputs: inputs } = await call("POST", `${path}/consent`, { choices });
  const signatures = await signAll(inputs, (content) => isPresentation(content, request.verifier.id));
  const answer = await call("POST", `${path}/presentation`, { signatures });
  return { ...answer, keys: signatures.map((one) => one.key) };
}

/** @param {{id: string}} request */
export function declineRequest(request) {
  return call("POST", `/api/v1/requests/${request.id}/decline`);
}

/** @param {string} view */
export async function startView(view) {
  const started = await call("POST", "/api/v1/views", { view });
  return { id: started.id, request: await openRequest(started.request_uri) };
}

/**
 * After the agency's request was answered: wait for its offer and take it, bound to a key that
 * answered. @param {string} viewId @param {string[]} provenKeys
 */
export async function takeView(viewId, provenKeys) {
  for (let poll = 0; poll < VIEW_POLLS; poll += 1) {
    const { state, offer_uri: offer } = await call("GET", `/api/v1/views/${viewId}`);
    if (state === "refused") throw new ApiError("view_refused", 0);
    if (offer) return acceptOffer(await previewOffer(offer), null, { provenKeys, copies: VIEW_COPIES });
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  throw new ApiError("view_late", 0);
}

/**
 * Sign what the service asks for, but only what the resident has agreed to.
 * @param {{key: string, input: string}[]} inputs
 * @param {(content: {header: any, payload: any}) => boolean} isExpected
 */
async function signAll(inputs, isExpected) {
  return Promise.all(
    inputs.map(async ({ key, input }) => {
      if (!isExpected(readInput(input))) throw new ApiError("unexpected_signing_input", 0);
      return { key, signature: await sign(await findKey(key), input) };
    }),
  );
}

/** @param {string} input */
function readInput(input) {
  const [header, payload] = input.split(".").map((part) => JSON.parse(decodeUtf8(decode(part))));
  return { header, payload };
}

/** @param {{header: any, payload: any}} content @param {string} issuer */
function isKeyProof({ header, payload }, issuer) {
  return header.typ === "openid4vci-proof+jwt" && payload.aud === issuer;
}

/** @param {{header: any, payload: any}} content @param {string} verifier */
function isPresentation({ header, payload }, verifier) {
  return ["kb+jwt", "vp+jwt"].includes(header.typ) && payload.aud === verifier;
}
