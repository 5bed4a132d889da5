// @ts-check
/**
 * What this phone keeps, in IndexedDB: its keys, the view copies for showing without signal, the
 * cards as last seen, and settings. Private keys are non-extractable (S-180): this code can use
 * them, nothing can read them.
 */

const NAME = "citywallet";
const VERSION = 1;
const STORES = /** @type {const} */ ({ settings: "name", keys: "thumbprint", views: "id" });

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @param {keyof typeof STORES} store @param {string} key @returns {Promise<any>} */
export function load(store, key) {
  return run(store, "readonly", (table) => table.get(key));
}

/** @param {keyof typeof STORES} store @returns {Promise<any[]>} */
export function loadAll(store) {
  return run(store, "readonly", (table) => table.getAll());
}

/** @param {keyof typeof STORES} store @param {object} value */
export function save(store, value) {
  return run(store, "readwrite", (table) => table.put(value));
}

/** @param {keyof typeof STORES} store @param {string} key */
export function remove(store, key) {
  return run(store, "readwrite", (table) => table.delete(key));
}

/** A setting's value, or undefined. @param {string} name */
export async function setting(name) {
  return (await load("settings", name))?.value;
}

/** @param {string} name @param {unknown} value */
export function keepSetting(name, value) {
  return save("settings", { name, value });
}

/** Exactly these views are kept from now on, in one step. @param {object[]} views */
export async function replaceViews(views) {
  const database = await open();
  const transaction = database.transaction("views", "readwrite");
  const table = transaction.objectStore("views");
  table.clear();
  for (const view of views) table.put(view);
  return finished(transaction);
}

/** Forget this wallet on this phone: keys, views, everything. */
export async function forgetEverything() {
  const database = await open();
  const transaction = database.transaction(Object.keys(STORES), "readwrite");
  for (const store of Object.keys(STORES)) transaction.objectStore(store).clear();
  return finished(transaction);
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const [store, key] of Object.entries(STORES)) {
        request.result.createObjectStore(store, { keyPath: key });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * @param {keyof typeof STORES} store @param {IDBTransactionMode} mode
 * @param {(table: IDBObjectStore) => IDBRequest} action
 */
async function run(store, mode, action) {
  const database = await open();
  const transaction = database.transaction(store, mode);
  const request = action(transaction.objectStore(store));
  await finished(transaction);
  return request.result;
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
