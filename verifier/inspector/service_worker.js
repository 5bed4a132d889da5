// @ts-check
/// <reference lib="webworker" />
/**
 * Keeps the app on the phone: all files of one version, or none.
 *
 * `files.json` names the files and the version that they make together. A new version is fetched
 * whole into a new cache before it is used, so a phone never runs half of two. Answers of the API are never
 * kept here: the bundle has a shelf of its own, and a verdict is of the moment.
 */

const self_ = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const PREFIX = "inspector-";
const LIST = "/inspect/files.json";
const MARK = "/inspect/whole";
const SHELL = "/inspect/index.html";
const LOCAL = ["/inspect/", "/modules/"];

self_.addEventListener("install", (event) => {
  event.waitUntil(install().then(() => self_.skipWaiting()));
});

self_.addEventListener("activate", (event) => {
  event.waitUntil(self_.clients.claim());
});

self_.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self_.location.origin) return;
  if (!LOCAL.some((start) => url.pathname.startsWith(start))) return;
  event.respondWith(answer(event.request, url));
  if (event.request.mode === "navigate") event.waitUntil(install().catch(() => undefined));
});

/** Fetch a version that is not kept yet, whole; then forget the others. */
async function install() {
  const { version, files } = await (await fetch(LIST, { cache: "no-store" })).json();
  const name = PREFIX + version;
  if (await isWhole(name)) return;
  await caches.delete(name);
  const cache = await caches.open(name);
  await cache.addAll(files.map((/** @type {string} */ url) => new Request(url, { cache: "no-cache" })));
  await cache.put(MARK, new Response(version));
  for (const other of await versions()) {
    if (other !== name) await caches.delete(other);
  }
}

/** The mark is put last, so a version that was interrupted never counts. @param {string} name */
async function isWhole(name) {
  return (await caches.has(name)) && (await (await caches.open(name)).match(MARK)) !== undefined;
}

async function versions() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

/** @param {Request} request @param {URL} url */
async function answer(request, url) {
  const path = url.pathname === "/inspect/" ? SHELL : url.pathname;
  for (const name of await versions()) {
    if (!(await isWhole(name))) continue;
    const kept = await (await caches.open(name)).match(path);
    if (kept) return kept;
  }
  return fetch(request);
}
