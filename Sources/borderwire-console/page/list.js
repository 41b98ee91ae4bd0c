// The stream on the screen. Only the rows that one can see are in the document, whatever the list holds.
import { drawRow, makeRow } from "./row.js";

// Rows drawn beyond each edge, so that scrolling shows no gap.
const MARGIN = 4;

export class List {
  /**
   * @param {HTMLElement} scroller with one child, the canvas
   * @param {{open: (key: string) => void, look: () => object, settled: () => void, drawn: () => void}} acts `look` gives what rows are drawn with; `settled`
   *   is called when the reader is back at the top, `drawn` after each drawing
   */
  constructor(scroller, acts) {
    this.scroller = scroller;
    this.canvas = scroller.firstElementChild;
    this.acts = acts;
    this.rows = new Map();
    this.threads = [];
    this.selected = null;
    let due = false;
    scroller.addEventListener("scroll", () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        this.draw();
        if (scroller.scrollTop === 0) acts.settled();
      });
    });
    new ResizeObserver(() => this.draw()).observe(scroller);
    this.canvas.addEventListener("focusin", (event) => this.select(event.target.closest(".row")?.dataset.key ?? this.selected));
  }

  get height() {
    return parseFloat(getComputedStyle(this.scroller).getPropertyValue("--row"));
  }

  /** Whether the reader would lose their place if something came in above. */
  get isReading() {
    return this.scroller.scrollTop > 4 || (this.canvas.contains(document.activeElement) && this.index > 0);
  }

  get index() {
    return this.threads.findIndex((thread) => thread.key === this.selected);
  }

  show(threads) {
    this.threads = threads;
    this.draw();
  }

  /** First and one past the last of the rows that are on the screen whole. */
  visible() {
    const { scrollTop, clientHeight } = this.scroller;
    const row = this.height;
    return [Math.ceil(scrollTop / row - 0.2), Math.min(this.threads.length, Math.floor((scrollTop + clientHeight) / row + 0.2))];
  }

  draw() {
    const row = this.height;
    const { scrollTop, clientHeight } = this.scroller;
    this.canvas.style.height = `${this.threads.length * row}px`;
    const from = Math.max(0, Math.floor(scrollTop / row) - MARGIN);
    const to = Math.min(this.threads.length, Math.ceil((scrollTop + clientHeight) / row) + MARGIN);
    const wanted = new Map();
    for (let at = from; at < to; at++) wanted.set(this.threads[at].key, at);
    // The row that has the keyboard's focus stays in the document, or the next key would go nowhere.
    const focused = document.activeElement?.closest?.(".row")?.dataset.key;
    if (focused && !wanted.has(focused)) {
      const at = this.threads.findIndex((thread) => thread.key === focused);
      if (at >= 0) wanted.set(focused, at);
    }
    for (const [key, element] of this.rows) {
      if (wanted.has(key)) continue;
      element.remove();
      this.rows.delete(key);
    }
    const look = this.acts.look();
    let place = 0;
    for (const [key, at] of [...wanted].sort((a, b) => a[1] - b[1])) {
      let element = this.rows.get(key);
      if (!element) {
        element = makeRow();
        this.rows.set(key, element);
      }
      drawRow(element, this.threads[at], { ...look, isSelected: key === this.selected, position: at + 1, count: this.threads.length });
      element.style.transform = `translateY(${at * row}px)`;
      // In the document's order too, which is the keyboard's and a screen reader's.
      if (this.canvas.children[place] !== element) this.canvas.insertBefore(element, this.canvas.children[place] ?? null);
      place++;
    }
    this.acts.drawn();
  }

  /** False where another view covers it, as on a telephone. */
  get isOnScreen() {
    return this.scroller.clientHeight > 0;
  }

  select(key) {
    if (key === this.selected) return;
    this.selected = key;
    this.draw();
  }

  /** By one row down or up; the first time to the first that one can see. */
  step(by) {
    if (!this.threads.length) return;
    const index = this.index;
    const next = index < 0 ? this.visible()[0] : Math.min(this.threads.length - 1, Math.max(0, index + by));
    const row = this.height;
    const { scrollTop, clientHeight } = this.scroller;
    if (next * row < scrollTop) this.scroller.scrollTop = next * row;
    else if ((next + 1) * row > scrollTop + clientHeight) this.scroller.scrollTop = (next + 1) * row - clientHeight;
    this.selected = this.threads[next].key;
    this.draw();
    this.rows.get(this.selected)?.querySelector("a").focus({ preventScroll: true });
  }

  focusSelected() {
    this.rows.get(this.selected)?.querySelector("a").focus({ preventScroll: true });
  }

  toTop() {
    this.scroller.scrollTop = 0;
  }
}
