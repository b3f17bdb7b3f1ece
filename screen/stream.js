// The controller's events, for ever: reconnects by itself and asks for what it missed (Last-Event-ID).

const QUIET_MS = 6_000;
const RETRY_MS = 1_000;

/** Splits a server-sent event stream into {id, kind, data}, whatever the chunks it comes in. */
export class EventParser {
  constructor() {
    this.rest = "";
  }

  push(text) {
    const parts = (this.rest + text).split("\n\n");
    this.rest = parts.pop();
    return parts.map(parseEvent).filter((event) => event.data !== null);
  }
}

function parseEvent(block) {
  const event = { id: null, kind: "message", data: null };
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) event.id = line.slice(4);
    else if (line.startsWith("event: ")) event.kind = line.slice(7);
    else if (line.startsWith("data: ")) event.data = JSON.parse(line.slice(6));
  }
  return event;
}

export class Stream {
  /**
   * `onEvent(kind, data, at)` gets each event; `onRefused()` is called when the session has ended. `at`: when
   * it came, or for a connection's first event when the answer began: a long snapshot is slow to come in.
   */
  constructor(address, onEvent, onRefused) {
    Object.assign(this, { address, onEvent, onRefused, lastId: null, aliveAt: 0, status: 0, abort: null });
  }

  async run() {
    for (;;) {
      const refused = await this.connectOnce();
      if (refused) return this.onRefused();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Ends the connection that there is: nothing more is told by it. */
  stop() {
    this.abort?.abort();
  }

  /** Until it ends; `status` is that of the answer then, 0: none came. Whether the session has ended. */
  async connectOnce() {
    const abort = (this.abort = new AbortController());
    let response;
    this.aliveAt = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - this.aliveAt > QUIET_MS) abort.abort();
    }, 500);
    try {
      const headers = this.lastId ? { "Last-Event-ID": this.lastId } : {};
      response = await fetch(this.address, { headers, signal: abort.signal, cache: "no-store" });
      if (response.ok) await this.read(response.body.pipeThrough(new TextDecoderStream()));
    } catch (error) {
      if (!isLoss(error)) throw error;
    } finally {
      clearInterval(watch);
      abort.abort();
    }
    this.status = response?.status ?? 0;
    return this.status === 401;
  }

  async read(stream) {
    const parser = new EventParser();
    const reader = stream.getReader();
    let began = performance.now();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.aliveAt = performance.now();
      for (const event of parser.push(value)) {
        this.accept(event, began ?? this.aliveAt);
        began = null;
      }
    }
  }

  accept({ id, kind, data }, at) {
    this.onEvent(kind, data, at);
    if (id) this.lastId = id;
  }
}

/** A lost or silent connection, as fetch reports it; anything else is a fault of this page. */
function isLoss(error) {
  return error.name === "AbortError" || (error instanceof TypeError && /fetch|network|body|stream/i.test(error.message));
}
