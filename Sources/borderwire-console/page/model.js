// The window of alerts as a value: messages in, threads out. It knows no document, no clock and no network.

const CHANGES = ["Update", "Cancel", "Ack"];

/** Ids that a message speaks of. */
export function subjects(message) {
  const alert = message.alert;
  if (!alert) return message.refers_to ?? [];
  if (CHANGES.includes(alert.msgType)) return alert.references ?? [];
  return alert.sighting ? [alert.sighting.of] : [];
}

/** By which a message is found; what was erased keeps its id. */
export const idOf = (message) => (message.id ??= message.alert?.id ?? `offset-${message.offset}`);

export const isAnswer = (message) => message.alert?.kind === "sighting" || message.alert?.msgType === "Ack";

/** An alert with all that was said of it since: updates, a cancel, acknowledgements, sightings, the operator's notices. */
export class Thread {
  constructor(key) {
    this.key = key;
    this.messages = [];
    // Ids by which it is found: of its messages and of what they speak of.
    this.ids = new Set([key]);
  }

  get last() {
    return this.messages[this.messages.length - 1];
  }

  /** What counts of it now: its author's newest version; of a sighting to an alert that isn't here, the sighting. */
  get head() {
    if (this.cachedHead) return this.cachedHead;
    const versions = this.messages.filter(
      (m) => m.alert && !isAnswer(m) && ["Alert", "Update"].includes(m.alert.msgType) && m.by_author !== false
    );
    // What was erased stays its thread's head: what is left are words about it.
    this.cachedHead = versions[versions.length - 1] ?? this.messages.find((m) => m.erased) ?? this.messages.find((m) => m.alert) ?? this.messages[0];
    return this.cachedHead;
  }

  /** How it stands: what ended its newest version, or an earlier one with which it ended. */
  get state() {
    return this.head.state ?? "active";
  }

  get acknowledgements() {
    return this.messages.filter((m) => m.alert?.msgType === "Ack" && m.verified);
  }

  get sightings() {
    return this.messages.filter((m) => m.alert?.kind === "sighting" && m.alert.msgType !== "Ack" && m !== this.head);
  }

  get disputedBy() {
    return [...new Set(this.messages.flatMap((m) => m.disputed_by ?? []))];
  }

  changed() {
    this.cachedHead = null;
    this.folded = null;
  }
}

export class Stream {
  constructor() {
    this.byID = new Map();
    this.byOffset = new Map();
    this.threadOf = new Map();
    // In the order of what was last said: the newest at the end.
    this.threads = new Map();
    this.head = 0;
    // Below this offset the window holds nothing; but what a search or an opened alert brought stays until it is let go.
    this.floor = 0;
    this.kept = new Set();
  }

  get size() {
    return this.byOffset.size;
  }

  /** Takes messages in the order of their offsets; one that is here already is passed over.
   * @param {boolean} keep whether they stay though the window no longer holds them
   * @returns {Set<Thread>} the threads that got something */
  take(messages, keep = false) {
    const touched = new Set();
    for (const message of messages) {
      if (keep) this.kept.add(message.offset);
      if (this.byOffset.has(message.offset)) continue;
      this.byOffset.set(message.offset, message);
      this.head = Math.max(this.head, message.offset);
      const thread = this.threadFor(message);
      const newest = thread.last?.offset ?? 0;
      thread.messages.push(message);
      // What a search or an opened alert brings may be older than what is here.
      if (message.offset < newest) thread.messages.sort((a, b) => a.offset - b.offset);
      thread.changed();
      touched.add(thread);
      if (message.offset > newest) this.move(thread, message.offset < this.head);
    }
    return touched;
  }

  threadFor(message) {
    const id = idOf(message);
    this.byID.set(id, message);
    const about = subjects(message);
    const known = this.threadOf.get(id) ?? about.map((one) => this.threadOf.get(one)).find(Boolean);
    const thread = known ?? new Thread(id);
    // An answer may come before what it answers: that joins it here.
    for (const one of [id, ...about]) {
      if (one === id || !this.threadOf.has(one)) {
        this.threadOf.set(one, thread);
        thread.ids.add(one);
      }
    }
    return thread;
  }

  move(thread, isOld) {
    this.threads.delete(thread.key);
    this.threads.set(thread.key, thread);
    if (isOld) this.threads = new Map([...this.threads].sort((a, b) => a[1].last.offset - b[1].last.offset));
  }

  /** Alerts that are here stand otherwise now. */
  stand(changes) {
    const touched = new Set();
    for (const change of changes) {
      const message = this.byID.get(change.id);
      if (!message) continue;
      for (const fact of ["state", "replaced_by", "disputed_by"]) message[fact] = change[fact] ?? message[fact];
      const thread = this.threadOf.get(change.id);
      thread.changed();
      touched.add(thread);
    }
    return touched;
  }

  /**
   * Lets go what the program's window no longer holds, and the content of what the hub has erased.
   * @param {{before?: number, ids?: string[]}} gone `before` an offset beyond all: everything, since what may be read has changed
   * @returns {Set<Thread>} the threads that lost something
   */
  forget({ before = 0, ids = [] }) {
    const touched = this.erase(ids);
    if (!before) return touched;
    const isAll = before > this.head + 1;
    if (isAll) this.kept.clear();
    const gone = [...this.byOffset.values()].filter((message) => message.offset < before && !this.kept.has(message.offset));
    for (const thread of this.drop(gone)) touched.add(thread);
    this.floor = isAll ? 0 : Math.max(this.floor, before);
    if (isAll) this.head = 0;
    return touched;
  }

  erase(ids) {
    const touched = new Set();
    for (const id of ids) {
      const message = this.byID.get(id);
      if (!message) continue;
      Object.assign(message, { alert: null, erased: true });
      const thread = this.threadOf.get(id);
      thread.changed();
      touched.add(thread);
    }
    return touched;
  }

  /** Nobody looks at what was brought from before the window any more. */
  release() {
    this.kept.clear();
    return this.forget({ before: this.floor });
  }

  drop(gone) {
    const touched = new Set();
    for (const message of gone) {
      const id = idOf(message);
      const thread = this.threadOf.get(id);
      this.byOffset.delete(message.offset);
      this.byID.delete(id);
      if (!thread) continue;
      thread.messages = thread.messages.filter((one) => one !== message);
      thread.changed();
      touched.add(thread);
      if (thread.messages.length) continue;
      this.threads.delete(thread.key);
      for (const one of thread.ids) if (this.threadOf.get(one) === thread) this.threadOf.delete(one);
    }
    return touched;
  }

  thread(id) {
    const thread = this.threadOf.get(id);
    return thread?.messages.length ? thread : null;
  }

  /** Newest first. */
  newestFirst() {
    return [...this.threads.values()].reverse();
  }
}
