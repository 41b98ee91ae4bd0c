// The stream of events, one for all tabs of this browser: it opens only a few connections to one program. The tab that holds a lock
// reads it and tells the others; when that tab closes another takes over.
import { api } from "./api.js";

const EVENTS = ["alert", "batch", "state", "states", "gone", "caught-up", "link", "escalation", "silent", "post", "mine"];
const RETRY = 2_000;

export class Events {
  /**
   * @param {(event: string, data: any) => void} take gets also "away" while the program doesn't answer, "here" when it does again, and
   *   "no-session" when it doesn't know this browser any more
   * @param {() => number} last the highest offset that this tab holds
   */
  constructor(take, last) {
    Object.assign(this, { take, last, source: null, isReader: false });
    this.channel = new BroadcastChannel("events");
    this.channel.addEventListener("message", ({ data: [event, data] }) => this.hear(event, data));
    // What another tab tells meanwhile, and what this one reads itself, may be the same: offsets say so.
    this.open();
    navigator.locks.request("events", () => {
      this.isReader = true;
      // Whoever listened to the tab that has gone may lack its last words.
      this.channel.postMessage(["catch-up", null]);
      if (!this.source) this.open();
      return new Promise(() => {});
    });
    // A tab that was asleep may have missed what it was told.
    document.addEventListener("resume", () => this.catchUp());
    window.addEventListener("pageshow", (event) => event.persisted && this.catchUp());
  }

  hear(event, data) {
    if (event === "catch-up") this.catchUp();
    else this.take(event, data);
  }

  catchUp() {
    if (!this.source) this.open();
  }

  tell(event, data) {
    this.take(event, data);
    if (this.isReader) this.channel.postMessage([event, data]);
    else if (event === "caught-up") this.close();
  }

  /**
   * The browser itself connects again and names the last offset that it had; what the program then sends goes on exactly there.
   * A session that is over ends it for good.
   */
  open() {
    const after = this.last();
    const source = (this.source = new EventSource(after > 0 ? `/api/events?after=${after}` : "/api/events"));
    source.addEventListener("open", () => this.tell("here"));
    for (const name of EVENTS) source.addEventListener(name, (event) => this.tell(name, JSON.parse(event.data)));
    source.addEventListener("error", async () => {
      this.tell("away");
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      this.close();
      // An answer that was no stream: the session's end, or a program that is just starting.
      try {
        await api.start();
      } catch (refusal) {
        if (refusal.code === "no-session") return this.tell("no-session");
      }
      setTimeout(() => this.catchUp(), RETRY);
    });
  }

  close() {
    this.source?.close();
    this.source = null;
  }
}
