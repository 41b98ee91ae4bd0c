// One line of the stream: a thread at a glance.
import { el, setText } from "./dom.js";
import { inLanguage, t, word, digits } from "./strings.js";
import { short, long, timeElement } from "./dates.js";
import { lastTime, standing } from "./filter.js";
import { idOf } from "./model.js";

/** The mark of an exercise or a test, in both languages whatever the reader's is; null of what is meant. */
export function statusMark(status) {
  return status === "Actual" || !status ? null : el("strong.not-real", { data: { status } }, `${t(`both.${status}`)}`);
}

export const severityChip = (severity) =>
  el("span.severity", { data: { severity } }, el("span.swatch", { aria: { hidden: "true" } }), word("severity", severity));

/** What a message is, in a few words: of a thread's newest, when that is no new alert. */
export function whatItIs(message) {
  const { alert } = message;
  if (message.notice !== undefined) return t(message.notice ? `notice.${message.notice}` : "notice.false", { name: message.post });
  if (!alert) return t(message.erased ? "erased" : "unreadable");
  if (message.verified === false) return t("not-verified", { name: message.post });
  if (message.by_author === false) return t("by-other", { name: message.post });
  if (alert.msgType === "Ack") return t("acked-by", { name: message.post });
  if (alert.msgType === "Cancel") return t(alert.resolution === "safe" ? "cancelled-safe" : "cancelled-by", { name: message.post });
  if (alert.kind === "sighting") return t("sighted-by", { name: message.post, outcome: word("outcome", alert.sighting?.outcome) });
  if (alert.msgType === "Update") return t("updated-by", { name: message.post });
  return t("raised-by", { name: message.post });
}

export function headline(message) {
  const { alert } = message;
  return inLanguage(alert?.headline) ?? inLanguage(alert?.note) ?? { text: whatItIs(message), lang: document.documentElement.lang };
}

/** The names of provinces with what stands between them: the origin first. */
export function route(alert, places) {
  return alert.provinces.flatMap((code, at) => {
    const name = places.nameOfCode(code);
    const span = el("span", { lang: name.lang }, name.text);
    return at ? [el("span.to", { aria: { hidden: "true" } }, " › "), span] : [span];
  });
}

function badges(thread, now) {
  const state = standing(thread, now);
  const list = [];
  if (state === "active" && thread.head.alert?.urgency === "Immediate") list.push(el("span.badge.now", {}, word("urgency", "Immediate")));
  const acks = thread.acknowledgements;
  if (state !== "active") list.push(el("span.badge.over", {}, word("state", state)));
  if (thread.disputedBy.length) list.push(el("span.badge.disputed", {}, t("disputed")));
  if (thread.sightings.length) list.push(el("span.badge.sighted", {}, t("sightings", { n: digits(thread.sightings.length) })));
  if (acks.length) list.push(el("span.badge.acked", {}, t("acked")));
  if (thread.messages.some((m) => m.verified === false)) list.push(el("span.badge.bad", {}, t("unsigned")));
  return list;
}

export function makeRow() {
  return el("article.row", {}, el("div.band", { aria: { hidden: "true" } }), el("div.what"), el("a.open"), el("div.where"));
}

/** Draws a thread into a row. */
export function drawRow(row, thread, { places, now, isSelected, position, count }) {
  const { head } = thread;
  const alert = head.alert;
  const [, what, link, where] = row.children;
  const severity = alert?.severity ?? "Unknown";
  const state = standing(thread, now);
  Object.assign(row.dataset, { severity, state, status: alert?.status ?? "Actual", key: thread.key });
  row.classList.toggle("selected", isSelected);
  row.setAttribute("aria-posinset", position);
  row.setAttribute("aria-setsize", count);
  const time = lastTime(thread);
  const when = timeElement(time, short(time, now));
  when.title = long(time);
  what.replaceChildren(
    ...[
      statusMark(alert?.status),
      severityChip(severity),
      el("span.kind", {}, word("kind", alert?.kind ?? "unknown")),
      when,
    ].filter(Boolean)
  );
  const words = headline(head);
  setText(link, words.text);
  link.lang = words.lang;
  link.href = `#${idOf(head)}`;
  if (isSelected) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
  const place = alert?.crossing && places.crossingText(alert);
  const isAlone = thread.last === head && ["Alert", undefined].includes(alert?.msgType);
  const news = !isAlone && el("span.news", {}, whatItIs(thread.last));
  where.replaceChildren(
    el("span.route", {}, alert ? route(alert, places) : thread.last.topic, place && [" · ", el("span", { lang: place.lang }, place.text)], news && [" · ", news]),
    ...badges(thread, now)
  );
}
