// Tells the program which alerts are before a person's eyes: of a visible page, a row that stood on the screen whole, or an opened
// alert. Each offset is told once; what could not be told is told again.
const PAUSE = 1_000;
// Offsets that are remembered as told, at most; of more the older ones are forgotten, and told once more if they are seen again.
const MOST = 20_000;

export class Shown {
  /** @param {(offsets: number[]) => Promise<void>} send */
  constructor(send) {
    this.send = send;
    this.told = new Set();
    this.due = new Set();
    this.timer = null;
  }

  see(messages) {
    if (document.visibilityState !== "visible") return;
    for (const { offset } of messages) if (offset && !this.told.has(offset)) this.due.add(offset);
    if (this.due.size && !this.timer) this.timer = setTimeout(() => this.tell(), PAUSE);
  }

  async tell() {
    const offsets = [...this.due];
    this.due.clear();
    for (const offset of offsets) this.told.add(offset);
    if (this.told.size > MOST) this.told = new Set([...this.told].slice(-MOST / 2));
    try {
      await this.send(offsets);
    } catch {
      for (const offset of offsets) {
        this.told.delete(offset);
        this.due.add(offset);
      }
    }
    this.timer = this.due.size ? setTimeout(() => this.tell(), PAUSE) : null;
  }
}
