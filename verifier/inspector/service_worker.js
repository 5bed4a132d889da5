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
  if (await caches.has(name)) return;
  const draft = await caches.open(`draft-${name}`);
  try {
    await draft.addAll(files.map((/** @type {string} */ url) => new Request(url, { cache: "no-cache" })));
    const kept = await caches.open(name);
    for (const request of await draft.keys()) {
      const found = await draft.match(request);
      if (found) await kept.put(request, found);
    }
  } finally {
    await caches.delete(`draft-${name}`);
  }
  for (const other of await caches.keys()) {
    if (other.startsWith(PREFIX) && other !== name) await caches.delete(other);
  }
}

/** @param {Request} request @param {URL} url */
async function answer(request, url) {
  const path = url.pathname === "/inspect/" ? SHELL : url.pathname;
  const kept = await caches.match(path);
  return kept ?? fetch(request);
}
