// @ts-check
/**
 * The wallet service, asked with a proof of this phone's key in every request (DPoP, RFC 9449).
 *
 * Tokens live five minutes and only in memory. What goes wrong comes out as `ApiError` with a stable
 * code, from which screens choose their words.
 */

import { encode } from "/modules/encoding/js/base64url.js";
import { encodeUtf8, sha256 } from "/modules/encoding/js/bytes.js";
import { learnTime, nowSeconds } from "./clock.js";
import { findKey, makeKey, randomText, signJws } from "./keys.js";
import { keepSetting, setting } from "./phone_store.js";

const TIMEOUT_MILLISECONDS = 20000;
const STALE_TOKEN = new Set(["invalid_token", "invalid_dpop_proof"]);

/** @type {{city: string, api: string} | null} */
let configuration = null;
/** @type {string | null} */
let token = null;

/** An answer that is not a success. `offline` when nobody answered. */
export class ApiError extends Error {
  /** @param {string} code @param {number} status @param {string} [detail] */
  constructor(code, status, detail = "") {
    super(detail || code);
    this.code = code;
    this.status = status;
  }
}

/** The city's name and where its wallet service is. */
export async function loadConfiguration() {
  const response = await fetch("/wallet.json");
  configuration = await response.json();
  return configuration;
}

/** Whether this phone has a wallet already. */
export async function isRegistered() {
  return Boolean(await setting("device"));
}

/** Make this phone's key and a resident for it. @param {string | null} displayName */
export async function register(displayName) {
  const key = await makeKey();
  const body = displayName ? { display_name: displayName } : {};
  const session = await send("POST", "/api/v1/residents", body, key, null);
  token = session.access_token;
  await keepSetting("device", { thumbprint: key.thumbprint, id: session.device_id });
}

/** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
export async function call(method, path, body) {
  const device = await setting("device");
  const key = await findKey(device.thumbprint);
  const hadToken = token !== null;
  token ??= (await send("POST", "/api/v1/sessions", {}, key, null)).access_token;
  try {
    return await send(method, path, body, key, token);
  } catch (error) {
    const isStale = error instanceof ApiError && STALE_TOKEN.has(error.code);
    if (!hadToken || !isStale) throw error;
    token = null;
    return call(method, path, body);
  }
}

/**
 * @param {string} method @param {string} path @param {object | undefined} body
 * @param {import("./keys.js").Key} key @param {string | null} accessToken
 */
async function send(method, path, body, key, accessToken) {
  const base = (configuration ?? (await loadConfiguration()))?.api ?? location.origin;
  /** @type {Record<string, string>} */
  const headers = { DPoP: await proof(method, `${base}${path}`, key, accessToken) };
  if (accessToken) headers.Authorization = `DPoP ${accessToken}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`${base}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
  } catch {
    throw new ApiError("offline", 0);
  }
  await learnTime(response);
  return read(response);
}

/** @param {Response} response */
async function read(response) {
  if (response.status === 204) return {};
  let value;
  try {
    value = await response.json();
  } catch {
    throw new ApiError("offline", response.status);
  }
  if (!response.ok) throw new ApiError(String(value.code ?? "server_error"), response.status, value.detail);
  return value;
}

/**
 * @param {string} method @param {string} url @param {import("./keys.js").Key} key
 * @param {string | null} accessToken
 */
async function proof(method, url, key, accessToken) {
  /** @type {Record<string, unknown>} */
  const claims = { jti: randomText(16), htm: method, htu: url, iat: nowSeconds() };
  if (accessToken) claims.ath = encode(await sha256(encodeUtf8(accessToken)));
  return signJws(key, { alg: "ES256", typ: "dpop+jwt", jwk: key.jwk }, claims);
}
