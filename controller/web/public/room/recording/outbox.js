// Sealed chunks on their way to the controller: in order, each until it is heard, kept in the browser meanwhile
// (IndexedDB), so that neither an outage nor a page that is loaded again loses one.

const RETRY_MS = 1000;
const NAME = "wardlink-recordings";
const LATER = new Set([0, 401, 423, 429, 500, 502, 503]);

export class Outbox {
  #db = null; #sending = null; #closed = false;

  /** Of one room; `refused(message)`: a chunk is not kept, and none that follows it. */
  constructor(base, refused) {
    Object.assign(this, { base, refused });
  }

  /** `path`: whose answer says that it is heard; `bytes` are sealed. */
  async put(path, bytes) {
    const db = await this.#open();
    await done(db.transaction("boxes", "readwrite").objectStore("boxes").add({ base: this.base, path, bytes }));
    this.send();
  }

  /** Sends what waits, that of a page before, too; resolves when nothing waits any more. */
  send() {
    this.#sending ??= this.#send().finally(() => (this.#sending = null));
    return this.#sending;
  }

  close() {
    this.#closed = true;
  }

  async #send() {
    for (let next; !this.#closed && (next = await this.#first()); ) {
      const { status, message } = await post(next.path, next.bytes);
      if (LATER.has(status)) await new Promise((after) => setTimeout(after, RETRY_MS));
      else if (status === 200) await this.#forget(next.id);
      else {
        await this.#forget(null);
        this.refused(message);
      }
    }
  }

  async #first() {
    const boxes = (await this.#open()).transaction("boxes").objectStore("boxes").index("base");
    const cursor = await done(boxes.openCursor(IDBKeyRange.only(this.base)));
    return cursor && { id: cursor.primaryKey, ...cursor.value };
  }

  /** One that is heard, or all of this room. */
  async #forget(id) {
    const boxes = (await this.#open()).transaction("boxes", "readwrite").objectStore("boxes");
    const ids = id === null ? await done(boxes.index("base").getAllKeys(IDBKeyRange.only(this.base))) : [id];
    for (const one of ids) await done(boxes.delete(one));
  }

  async #open() {
    if (this.#db !== null) return this.#db;
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("boxes", { keyPath: "id", autoIncrement: true }).createIndex("base", "base");
    this.#db = await done(asked);
    return this.#db;
  }
}

function done(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function post(path, bytes) {
  try {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: bytes, cache: "no-store" });
    return { status: response.status, message: response.ok ? "" : (await response.json()).error.message };
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return { status: 0 }; // no answer came, or none of ours
    throw error;
  }
}
