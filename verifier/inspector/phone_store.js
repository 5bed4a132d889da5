// @ts-check
/**
 * What this phone keeps: the bundle, the codes that were used, and the log of the shift.
 *
 * Nothing here names a resident. A code is remembered by a digest, a check by its outcome.
 */

const NAME = "inspector";
const VERSION = 1;

/**
 * @typedef {{id: string, checked_at: number, purpose: string, outcome: string, reasons: string[],
 *   epoch: number | null, sent: boolean}} LogEntry
 */

export class PhoneStore {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  static async open() {
    const opening = indexedDB.open(NAME, VERSION);
    opening.addEventListener("upgradeneeded", () => {
      opening.result.createObjectStore("kept");
      opening.result.createObjectStore("used");
      opening.result.createObjectStore("log", { keyPath: "id" });
    });
    await navigator.storage?.persist?.().catch(() => false);
    return new PhoneStore(await settled(opening));
  }

  /** @param {string} key */
  async load(key) {
    return settled(this.#store("kept", "readonly").get(key));
  }

  /** @param {string} key @param {unknown} value */
  async keep(key, value) {
    await settled(this.#store("kept", "readwrite").put(value, key));
  }

  /** @param {string} key */
  async isUsed(key) {
    return (await settled(this.#store("used", "readonly").get(key))) !== undefined;
  }

  /**
   * True for the first who uses this code, also between two windows.
   * @param {string} key @param {number} now @param {number} until
   */
  async use(key, now, until) {
    const store = this.#store("used", "readwrite");
    await forgetBefore(store, now);
    try {
      await settled(store.add(until, key));
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "ConstraintError") return false;
      throw error;
    }
  }

  /** @param {LogEntry} entry */
  async log(entry) {
    await settled(this.#store("log", "readwrite").put(entry));
  }

  /** All entries, newest first. @returns {Promise<LogEntry[]>} */
  async entries() {
    const entries = /** @type {LogEntry[]} */ (
      await settled(this.#store("log", "readonly").getAll())
    );
    return entries.sort((one, other) => other.checked_at - one.checked_at);
  }

  /** @param {string} id */
  async drop(id) {
    await settled(this.#store("log", "readwrite").delete(id));
  }

  /** @param {string} name @param {IDBTransactionMode} mode */
  #store(name, mode) {
    return this.database.transaction(name, mode).objectStore(name);
  }
}

/** @param {IDBObjectStore} store @param {number} now */
function forgetBefore(store, now) {
  return new Promise((resolve, reject) => {
    const walk = store.openCursor();
    walk.addEventListener("error", () => reject(walk.error));
    walk.addEventListener("success", () => {
      const cursor = walk.result;
      if (!cursor) {
        resolve(undefined);
        return;
      }
      if (cursor.value <= now) cursor.delete();
      cursor.continue();
    });
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", (event) => {
      event.preventDefault();
      reject(request.error);
    });
  });
}
