// Writing: a kind, a form, a preview as readers will see it, then the four states of what was published.
import { el } from "./dom.js";
import { digits, language, t, word } from "./strings.js";
import { DraftForm } from "./form.js";
import { FORMS } from "./fields.js";
import { bothTexts, factsOf } from "./facts.js";
import { severityChip, statusMark } from "./row.js";
import { sentence } from "./problems.js";
import { outboxList, stepper } from "./outbox.js";

const AGAIN = 600;
const NOT_AGAIN = ["id", "sender", "sent", "msgType", "references", "resolution", "note"];

/** A draft that says an alert of this post anew, or takes it back: it names every version, so that none stays in force. */
export function followUp(thread, messageType) {
  const { alert } = thread.head;
  const versions = thread.messages.filter((m) => m.post === thread.head.post && ["Alert", "Update"].includes(m.alert?.msgType) && m.alert.kind === alert.kind);
  const draft = structuredClone(alert);
  for (const key of NOT_AGAIN) delete draft[key];
  if (messageType === "Cancel") for (const key of ["suspect", "movement", "sighting", "atRisk", "description", "crossing"]) delete draft[key];
  return { ...draft, msgType: messageType, references: versions.map((m) => m.alert.id).slice(-31) };
}

/** A sighting of an alert: of the same status, so that an exercise's stays one. */
export const sightingOf = ({ id, status, severity }, province) => ({
  kind: "sighting", status, severity, provinces: [province].filter(Boolean), sighting: { of: id },
});

export class Writer {
  /** @param {{api, places, outbox, start, thread, close, changed}} house */
  constructor(house) {
    this.house = house;
    this.begin(this.blank());
    // The browser asks before it throws away what was written: nothing of it is kept anywhere.
    window.addEventListener("beforeunload", (event) => this.isTouched && event.preventDefault());
  }

  blank(kind = "movement") {
    return { kind, status: "Actual", provinces: [this.house.start.post?.province].filter(Boolean) };
  }

  begin(draft) {
    // A report that was half written when an answer was begun comes back after it.
    if (this.isTouched && !this.isFollowUp) this.kept = this.form.draft();
    this.isTouched = false;
    this.draft = draft;
    this.isFollowUp = Boolean(draft.references?.length || draft.sighting?.of);
    this.stage = "form";
    this.problemList = [];
    this.makeForm();
  }

  makeForm() {
    const { kind, msgType } = this.draft;
    this.form = new DraftForm(FORMS[msgType === "Cancel" ? "cancel" : kind], this.draft, this.house.places, () => this.edited());
  }

  view() {
    const view = { form: () => this.formView(), preview: () => this.previewView(), sent: () => this.sentView() }[this.stage]();
    this.root = el("div.writer", { data: { stage: this.stage, status: this.draft.status } }, view);
    return [this.root];
  }

  title() {
    const { kind, msgType } = this.draft;
    const name = msgType === "Cancel" ? "cancel" : msgType === "Update" ? "update" : kind === "sighting" ? "sighting" : "new";
    return el("h2", { tabIndex: -1, id: "panel-title" }, t(`write.${name}`));
  }

  /** In another language, with what was written so far. */
  relabel() {
    if (this.stage === "form") this.draft = this.form.draft();
    this.makeForm();
    this.form.problems(this.problemList);
  }

  /** Another kind keeps what both ask. */
  choose(kind) {
    const { suspect, movement, ...rest } = this.form.draft();
    this.draft = { ...rest, kind };
    this.makeForm();
    this.house.changed();
  }

  kinds() {
    if (this.isFollowUp) return null;
    return el("div.segments", { role: "group", aria: { label: t("field.kind") } }, ["movement", "suspect"].map((kind) =>
      el("button", { type: "button", data: { kind }, aria: { pressed: String(this.draft.kind === kind) }, on: { click: () => this.choose(kind) } }, word("kind", kind))));
  }

  statuses() {
    if (this.isFollowUp) return statusMark(this.draft.status);
    return el("fieldset.group.status", {}, el("legend", {}, t("field.status")), el("div.checks", {}, ["Actual", "Exercise", "Test"].map((status) =>
      el("label", {}, el("input", { type: "radio", name: "status", value: status, checked: this.draft.status === status, on: { change: () => {
        this.draft.status = this.form.rest.status = status;
        this.root.dataset.status = status;
      } } }), word("status", status)))));
  }

  formView() {
    this.summary = el("div.problems", { role: "alert", tabIndex: -1 });
    this.showProblems(this.problemList, false);
    return [
      el("div.toolbar", {}, el("button.quiet", { type: "button", id: "close-panel", on: { click: this.house.close } }, "‹ ", t("close"))),
      this.title(), this.kinds(), this.statuses(),
      this.draft.msgType === "Cancel" ? el("p.hint", {}, t("write.cancel-hint")) : null,
      el("p.hint", {}, t("write.victims")),
      el("form", { noValidate: true, on: { submit: (event) => {
        event.preventDefault();
        this.check();
      } } }, this.summary, this.form.element, el("div.submit", {}, el("button.primary", { id: "check" }, t("write.check")))),
      this.isFollowUp ? null : el("section", {}, el("h3", {}, t("outbox.title")), outboxList(this.house.outbox, this.house.thread)),
    ];
  }

  showProblems(list, isFocus) {
    this.problemList = list;
    const strays = this.form.problems(list);
    const lines = strays.map((one) => el("p", {}, el("code", { lang: "en" }, one.field), " ", sentence(one, this.house.places)));
    if (list.length) lines.unshift(el("p", {}, t("write.problems", { n: digits(list.length) })));
    this.summary?.replaceChildren(...lines);
    if (isFocus && list.length) this.form.focusProblem();
  }

  /** While there are problems each change is checked again, so that a mended field says so soon. */
  edited() {
    this.isTouched = true;
    if (!this.problemList.length) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      try {
        const answer = await this.house.api.check(this.form.draft());
        if (this.stage === "form") this.showProblems(answer.problems, false);
      } catch {
        // The next check says it.
      }
    }, AGAIN);
  }

  async check() {
    try {
      const draft = this.form.draft();
      const answer = await this.house.api.check(draft);
      if (answer.problems.length) return this.showProblems(answer.problems, true);
      Object.assign(this, { draft, answer, stage: "preview", problemList: [] });
      this.makeForm();
      this.house.changed(true);
    } catch (refusal) {
      this.fail(refusal);
    }
  }

  fail(refusal) {
    if (refusal.problems?.length) return this.showProblems(refusal.problems, true);
    const text = refusal.code === "away" ? t("failed.away") : t("failed", { reason: refusal.message });
    (this.stage === "form" ? this.summary : this.note).replaceChildren(el("p", {}, text));
  }

  previewView() {
    const { alert } = this.answer.preview;
    const rules = new Set(this.answer.notices.map((one) => one.rule));
    const back = () => {
      this.stage = "form";
      this.house.changed(true);
    };
    const words = alert.status === "Actual" ? t("write.publish") : t("write.publish-drill", { status: word("status", alert.status) });
    const publish = el("button.primary", { type: "button", id: "publish", on: { click: () => this.publish(publish) } }, words);
    this.note = el("div.problems", { role: "alert" });
    return [
      el("h2", { tabIndex: -1, id: "panel-title" }, t("write.preview")),
      rules.size ? el("ul.notices", {}, [...rules].map((rule) => el("li", {}, t(`warning.${rule}`)))) : null,
      el("article.alert.preview", { data: { severity: alert.severity, status: alert.status } },
        statusMark(alert.status) && el("div.drill-banner", {}, statusMark(alert.status), el("span", {}, t(`drill.${alert.status}`))),
        el("div.what", {}, severityChip(alert.severity), el("span.kind", {}, word("kind", alert.kind))),
        el("div.headlines", {}, bothTexts("h3", alert.headline, language())),
        bothTexts("p", alert.description, language()), factsOf(alert, this.house.places)),
      this.note,
      el("div.submit", {}, el("button", { type: "button", id: "edit", on: { click: back } }, t("write.edit")), publish),
    ];
  }

  async publish(button) {
    button.disabled = true;
    try {
      // The id that the check made is published: pressed twice, or answered twice, it stays one alert.
      const draft = { ...this.draft, id: this.answer.preview.alert.id };
      const { id, sequence } = await this.house.api.publish(draft);
      this.sent = id;
      this.isTouched = false;
      this.house.outbox.add({ id, sequence, kind: draft.kind, headline: draft.headline });
      this.stage = "sent";
      this.house.changed(true);
    } catch (refusal) {
      button.disabled = false;
      if (refusal.problems?.length) {
        this.problemList = refusal.problems;
        this.stage = "form";
        this.house.changed(true);
      } else this.fail(refusal);
    }
  }

  sentView() {
    const item = this.house.outbox.items.get(this.sent);
    const isWaiting = item.state === "queued" && this.house.isDown();
    return [
      el("h2", { tabIndex: -1, id: "panel-title" }, t("write.sent")),
      el("div", { aria: { live: "polite" } }, stepper(item), isWaiting ? el("p.hint", {}, t("write.waits")) : null),
      el("div.submit", {}, el("button", { type: "button", on: { click: () => this.house.openAlert(this.sent) } }, t("write.open")),
        el("button.primary", { type: "button", id: "another", on: { click: () => {
          this.begin(this.kept ?? this.blank(this.draft.kind === "suspect" ? "suspect" : "movement"));
          this.kept = null;
          this.house.changed(true);
        } } }, t("write.another"))),
      el("section", {}, el("h3", {}, t("outbox.title")), outboxList(this.house.outbox, this.house.thread)),
    ];
  }
}
