// In which order the list shows threads, and what waits while somebody reads: a value that the list draws.

export class Order {
  constructor() {
    this.shown = [];
    // Threads that are new, or would move to the front, once the reader wants them.
    this.held = new Set();
    // The offset that each of those shown had last when it got its place.
    this.placed = new Map();
  }

  /** After another filter, or at the start: all that match, newest first. */
  rebuild(threads, matches) {
    this.shown = threads.filter(matches);
    this.held.clear();
    this.placed = new Map(this.shown.map((thread) => [thread, thread.last.offset]));
  }

  /**
   * After messages came or went.
   * @param {boolean} isReading then nothing moves under the reader's eyes
   */
  update(touched, matches, isReading) {
    const gone = new Set();
    for (const thread of touched) {
      // What only stands otherwise now is drawn anew where it is.
      if (thread.last && thread.last.offset === this.placed.get(thread) && matches(thread)) continue;
      if (thread.messages.length && matches(thread)) this.held.add(thread);
      else {
        this.held.delete(thread);
        this.placed.delete(thread);
        gone.add(thread);
      }
    }
    if (gone.size) this.shown = this.shown.filter((thread) => !gone.has(thread));
    if (!isReading) this.release();
  }

  /** Takes what waits to the front, the newest first. */
  release() {
    if (!this.held.size) return;
    const fresh = [...this.held].sort((a, b) => b.last.offset - a.last.offset);
    this.shown = merge(fresh, this.shown.filter((thread) => !this.held.has(thread)));
    for (const thread of fresh) this.placed.set(thread, thread.last.offset);
    this.held.clear();
  }

  /** Of what waits, how many a reader has not been shown at all or that got something new. */
  get waiting() {
    return this.held.size;
  }
}

/** Both are newest first. Mostly all that is fresh is newer than all the rest, and this ends at once. */
function merge(fresh, rest) {
  if (!rest.length || fresh[fresh.length - 1].last.offset > rest[0].last.offset) return fresh.concat(rest);
  return fresh.concat(rest).sort((a, b) => b.last.offset - a.last.offset);
}
