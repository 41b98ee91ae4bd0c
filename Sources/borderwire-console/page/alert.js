// The opened alert: everything of it, its thread as a time line, who has seen it, what may be linked, and the proof.
import { el } from "./dom.js";
import { digits, language, t, word } from "./strings.js";
import { long, milliseconds, short, timeElement } from "./dates.js";
import { bothTexts, factsOf } from "./facts.js";
import { severityChip, statusMark, whatItIs } from "./row.js";
import { receivedAt, standing } from "./filter.js";
import { isAnswer } from "./model.js";

/** Above and below what is no real alert, and around it: nobody can take it for one. */
function banner(status) {
  const mark = statusMark(status);
  return mark && el("div.drill-banner", {}, mark, el("span", {}, t(`drill.${status}`)));
}

function stateNote(thread, now) {
  const state = standing(thread, now);
  const notes = [];
  if (state !== "active") notes.push(el("p.over-note", { data: { state } }, t(`over.${state}`)));
  const disputed = thread.disputedBy;
  if (disputed.length) notes.push(el("p.over-note", { data: { state: "disputed" } }, t("disputed-by", { names: disputed.join(", ") })));
  return notes;
}

/** One message of the time line. */
function event(message, places) {
  const { alert } = message;
  const time = receivedAt(message);
  const facts = alert?.kind === "sighting" && alert.msgType !== "Ack" ? el("details", {}, el("summary", {}, t("details")), factsOf(alert, places)) : null;
  const isWrong = message.verified === false || message.by_author === false;
  return el(
    "li", { data: { type: alert?.kind === "sighting" && alert.msgType === "Alert" ? "Sighting" : alert?.msgType ?? "Notice" } },
    el("div.event", {}, el(isWrong ? "strong.bad" : "strong", {}, whatItIs(message)), " ", timeElement(time, short(time))),
    bothTexts("p", alert?.note, language()),
    isAnswer(message) || alert?.msgType === "Cancel" ? [bothTexts("p", alert?.headline, language()), bothTexts("p", alert?.description, language())] : null,
    facts
  );
}

function seenBlock(seen) {
  if (seen === undefined) return el("p.muted", {}, t("asking"));
  if (seen === null) return el("p.muted", {}, t("seen.unknown"));
  const names = (key, list) => (list?.length ? el("div", {}, t(key), " ", el("span", { lang: "en" }, list.join(", "))) : null);
  return [
    el("p", {}, seen.on_duty ? t("seen.counted", { k: digits(seen.seen_by), n: digits(seen.on_duty) }) : t("seen.nobody")),
    el("progress", { max: Math.max(1, seen.on_duty), value: seen.seen_by, aria: { label: t("field.seen") } }),
    (seen.acknowledged_by ?? []).map((one) => el("div.acked-line", {}, t("acked-at", { name: one.identity, time: short(milliseconds(one.time)) }))),
    names("seen.names", seen.seen), names("seen.unseen", seen.unseen), names("seen.off-duty", seen.seen_off_duty),
    (seen.corrections ?? []).filter((one) => one.unseen.length).map((one) => names(`seen.correction.${one.change}`, one.unseen)),
  ];
}

function relatedBlock(related, places) {
  if (!related || (!related.matches.length && !related.hidden)) return null;
  return el(
    "section", {}, el("h3", {}, t("related.title")), el("p.muted", {}, t("related.hint")),
    el("ul.links", {}, related.matches.map((one) =>
      el("li", {}, el("a", { href: `#${one.alert}` }, word("kind", one.kind), " · ", places.name(places.bySlug.get(one.province)).text, " · ", short(one.received)),
        " ", t("related.same", { what: one.identifiers.map((name) => word("identifier", name)).join(", ") })))),
    related.hidden ? el("p.muted", {}, t("related.hidden")) : null
  );
}

function proofBlock(proof, message) {
  const checked = proof?.checked ?? (message.verified ? "valid" : "invalid");
  const facts = { name: proof?.signed_by ?? message.post, key: proof?.key ?? message.key ?? "" };
  const lines = [t(`proof.${checked}`, facts)];
  if (proof) {
    const { offset, checkpoint } = proof;
    lines.push(t("proof.offset", { offset: digits(offset) }));
    lines.push(checkpoint ? t("proof.checkpoint", { offset: digits(checkpoint.offset), time: short(milliseconds(checkpoint.time)) }) : t("proof.no-checkpoint"));
  }
  return el("section.proof", { data: { checked } }, el("h3", {}, t("proof.title")), el("ul", {}, lines.map((line) => el("li", {}, line))), el("p.id", {}, message.alert?.id ?? ""));
}

/**
 * @param {Thread} thread
 * @param {object} answer of /api/alert, or null while it is not there; then what the stream brought is shown
 * @param {{places, may, ownPost, now, acts}} look `acts`: close, copy, acknowledge(note), sight, update, cancel
 */
export function alertView(thread, answer, { places, may, ownPost, now, acts }) {
  const { head } = thread;
  const alert = head.alert;
  const heading = (words, lang) => el("h2", { lang, tabIndex: -1, id: "panel-title" }, words);
  if (!alert) return [toolbar(acts), heading(whatItIs(head), language()), timeline(thread, places)];
  const first = bothTexts("h2", alert.headline, language());
  if (first.length) Object.assign(first[0], { tabIndex: -1, id: "panel-title" });
  const mine = ownPost && head.post === ownPost && may.write;
  const isOpen = ["active", "expired"].includes(standing(thread, now));
  return [
    toolbar(acts),
    el(
      "article.alert", { data: { severity: alert.severity, status: alert.status, state: standing(thread, now) } },
      banner(alert.status),
      el("div.what", {}, severityChip(alert.severity), el("span.kind", {}, word("kind", alert.kind)),
        alert.urgency === "Immediate" ? el("span.badge.now", {}, word("urgency", "Immediate")) : null),
      first.length ? el("div.headlines", {}, first) : heading(whatItIs(head), language()),
      el("p.by", {}, t("by", { name: head.post, time: long(receivedAt(head)) })),
      stateNote(thread, now),
      may.ack || may.sight || mine
        ? el("div.actions", {},
            may.ack && ackControl(thread, acts),
            may.sight && el("button", { type: "button", on: { click: () => acts.sight(head) } }, t("action.sight")),
            mine && isOpen && [
              el("button", { type: "button", on: { click: () => acts.update(thread) } }, t("action.update")),
              el("button.danger", { type: "button", on: { click: () => acts.cancel(thread) } }, t("action.cancel")),
            ])
        : null,
      bothTexts("p.description", alert.description, language()),
      factsOf(alert, places),
      el("section", {}, el("h3", {}, t("seen.title")), seenBlock(answer?.seen)),
      el("section", {}, el("h3", {}, t("thread.title")), timeline(thread, places)),
      relatedBlock(answer?.related, places),
      proofBlock(answer?.proof, head),
      banner(alert.status)
    ),
  ];
}

const timeline = (thread, places) => el("ol.timeline", {}, thread.messages.map((message) => event(message, places)));

function toolbar(acts) {
  return el("div.toolbar", {},
    el("button.quiet", { type: "button", id: "close-panel", on: { click: acts.close } }, "‹ ", t("close")),
    el("span.space"),
    el("button.quiet", { type: "button", id: "copy-link", on: { click: acts.copy } }, t("copy-link")),
    el("button.quiet", { type: "button", on: { click: () => print() } }, t("print")));
}

/** A button; then a note, which may stay empty, before it is sent. */
function ackControl(thread, acts) {
  const note = el("input", { id: "ack-note", maxLength: 400, autocomplete: "off", spellcheck: false, placeholder: t("ack.note"), aria: { label: t("ack.note") } });
  const status = el("span", { aria: { live: "polite" } });
  const form = el("form.ack", { hidden: true, on: { submit: async (event) => {
    event.preventDefault();
    status.textContent = await acts.acknowledge(thread.head, note.value.trim());
  } } }, note, el("button.primary", {}, t("ack.send")), status);
  const button = el("button.primary", { type: "button", id: "ack", aria: { expanded: "false" }, on: { click: () => {
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) note.focus();
  } } }, t("action.ack"));
  return [button, form];
}

/** Of an id that is not here: asked for, or unknown to this reader. */
export function missingView(answer, close) {
  return [
    el("div.toolbar", {}, el("button.quiet", { type: "button", id: "close-panel", on: { click: close } }, "‹ ", t("close"))),
    el("h2", { tabIndex: -1, id: "panel-title" }, t(answer === undefined ? "asking" : answer?.failed === "away" ? "failed.away" : "alert.unknown")),
  ];
}
