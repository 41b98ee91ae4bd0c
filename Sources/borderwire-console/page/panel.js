// The side where something is opened: an alert, writing, the state. Its parts are fetched once the stream is there.
import { el, setText } from "./dom.js";
import { learnWords, t } from "./strings.js";
import { Outbox } from "./outbox.js";

/** A style sheet, once. */
function style(href) {
  if (document.querySelector(`link[href="${href}"]`)) return null;
  return new Promise((done) => document.head.append(el("link", { rel: "stylesheet", href, on: { load: done, error: done } })));
}

export class Panel {
  /** @param {object[]} early events `mine` that came before */
  constructor(element, house, early) {
    Object.assign(this, { element, house, view: null, answer: undefined, thread: null });
    this.outbox = house.outbox = new Outbox();
    for (const event of early) this.outbox.take(event);
    // What is pressed is not drawn anew under the finger: the click would be lost.
    element.addEventListener("pointerdown", () => (this.isPressed = true));
    window.addEventListener("pointerup", () => setTimeout(() => this.released()));
    window.addEventListener("pointercancel", () => this.released());
    house.thread = (id) => house.stream.thread(id);
    house.close = () => house.go("stream");
    house.changed = (isNew) => this.redraw(isNew);
  }

  async load() {
    const { start } = this.house;
    await Promise.all([style("/page/panel.css"), learnWords("-panel")]);
    const [alert, state, write] = await Promise.all([import("./alert.js"), import("./state.js"), start.post && start.may.write ? import("./write.js") : null]);
    this.parts = { ...alert, ...state, ...write };
    if (write) this.writer ??= new write.Writer(this.house);
    if (start.may.write || start.may.ack) {
      const { waiting } = await this.house.api.outbox().catch(() => ({ waiting: [] }));
      for (const item of waiting) this.outbox.add(item);
    }
  }

  /** @param {string} view "" for nothing: then the state is shown where there is room */
  open(view) {
    this.view = ["map", ""].includes(view) ? "state" : view;
    this.answer = undefined;
    if (this.view === "write" && !this.writer) this.view = "state";
    if (this.isAlert) this.fetchAlert();
    this.redraw(view !== "" && view !== "map");
  }

  get isAlert() {
    return !["write", "state"].includes(this.view);
  }

  async fetchAlert() {
    const id = this.view;
    let answer = null;
    try {
      answer = await this.house.api.alert(id);
      // An alert from before the window: it joins what is here as long as it is open.
      this.house.stream.take(answer.alerts.toSorted((a, b) => a.offset - b.offset), true);
    } catch (refusal) {
      answer = { failed: refusal.code, seen: null, related: null, proof: null };
    }
    if (this.view !== id) return;
    this.answer = answer;
    this.redraw();
  }

  released() {
    this.isPressed = false;
    if (this.isDue) this.redraw();
  }

  redraw(isNew = false) {
    if (!this.parts) return;
    this.isDue = this.isPressed && !isNew;
    if (this.isDue) return;
    const kept = this.keep();
    this.element.replaceChildren(...this.draw().flat().filter(Boolean));
    this.element.dataset.view = this.isAlert ? "alert" : this.view;
    if (isNew) {
      this.element.scrollTop = 0;
      this.element.querySelector("#panel-title")?.focus({ preventScroll: true });
    } else this.restore(kept);
  }

  draw() {
    const { house, parts } = this;
    const common = { ...house, now: house.now() };
    if (this.view === "write") return this.writer.view();
    if (this.view === "state") return parts.stateView(common);
    const thread = house.stream.thread(this.view);
    this.thread = thread;
    if (!thread) return parts.missingView(this.answer, house.close);
    house.shown.see(thread.messages);
    return parts.alertView(thread, this.answer, {
      places: house.places, may: house.start.may, ownPost: house.start.post?.name, now: house.now(),
      acts: {
        close: house.close,
        copy: (event) => this.copy(event.currentTarget),
        acknowledge: (message, note) => this.acknowledge(message, note),
        sight: ({ alert }) => this.write(parts.sightingOf(alert, house.start.post?.province)),
        update: (one) => this.write(parts.followUp(one, "Update")),
        cancel: (one) => this.write(parts.followUp(one, "Cancel")),
      },
    });
  }

  /** The link holds the id and nothing else. */
  async copy(button) {
    const address = `${location.origin}/#${this.view}`;
    try {
      await navigator.clipboard.writeText(address);
      button.textContent = t("copied");
    } catch {
      prompt(t("copy-link"), address);
    }
  }

  write(draft) {
    this.writer.begin(draft);
    this.house.go("write");
  }

  async acknowledge(message, note) {
    try {
      const { id, sequence } = await this.house.api.acknowledge(message.alert.id, message.alert.kind, note);
      this.outbox.add({ id, sequence, kind: "ack" });
      return t("ack.queued");
    } catch (refusal) {
      return refusal.code === "away" ? t("failed.away") : t("failed", { reason: refusal.problems[0]?.message ?? refusal.message });
    }
  }

  relabel() {
    this.writer?.relabel();
    this.redraw();
  }

  mine(event) {
    this.outbox.take(event);
    if (this.writer?.stage === "sent" || this.view === "state") this.refresh(this.view);
  }

  /** Draws anew if that is what is open. A form is never drawn over. */
  refresh(view) {
    if (this.view !== view || (view === "write" && this.writer?.stage !== "sent")) return;
    this.redraw();
  }

  /** After messages came: the opened thread, and who has seen it. */
  changed(threads) {
    if (this.isAlert && threads.has(this.house.stream.thread(this.view))) {
      this.redraw();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.fetchAlert(), 1_000);
    } else if (this.view === "state" && threads.size) this.isStale = true;
  }

  tick() {
    if (this.view === "state" && document.visibilityState === "visible" && !this.element.contains(document.activeElement)) this.redraw();
  }

  /** What the reader was doing in what is drawn anew: a note half written, a place in the page, an opened part. */
  keep() {
    const note = this.element.querySelector("#ack-note");
    return {
      top: this.element.scrollTop, note: note?.value, isOpen: note && !note.form.hidden, status: note?.form.lastElementChild.textContent,
      focus: this.element.contains(document.activeElement) ? document.activeElement.id : null,
      open: [...this.element.querySelectorAll("details")].map((one) => one.open),
    };
  }

  restore({ top, note, isOpen, status, focus, open }) {
    const field = this.element.querySelector("#ack-note");
    if (field && note !== undefined) {
      field.value = note;
      field.form.hidden = !isOpen;
      setText(field.form.lastElementChild, status ?? "");
      this.element.querySelector("#ack").setAttribute("aria-expanded", String(Boolean(isOpen)));
    }
    const details = [...this.element.querySelectorAll("details")];
    if (details.length === open.length) details.forEach((one, at) => (one.open = open[at]));
    this.element.scrollTop = top;
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  }
}
