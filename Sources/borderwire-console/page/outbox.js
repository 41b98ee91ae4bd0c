// What this page's post, or the analyst's outbox, has on its way: the four states of what was written here, live.
import { el } from "./dom.js";
import { digits, has, inLanguage, t, word } from "./strings.js";
import { milliseconds, short } from "./dates.js";

const STEPS = ["queued", "stored", "seen", "acknowledged"];

export class Outbox {
  constructor() {
    this.items = new Map();
  }

  /** What was just handed over, or what waited when the page was opened. */
  add(item) {
    this.items.set(item.id, { state: "queued", ...this.items.get(item.id), ...item });
  }

  /** An event `mine`. States never go back: events of two kinds may cross. */
  take(event) {
    const item = this.items.get(event.id) ?? { id: event.id, state: "queued" };
    const back = STEPS.indexOf(event.state) < STEPS.indexOf(item.state) && event.state !== "rejected";
    const facts = Object.fromEntries(Object.entries(event).filter(([key, value]) => value !== null && value !== undefined && !(back && key === "state")));
    this.items.set(event.id, { ...item, ...facts });
  }

  newestFirst() {
    return [...this.items.values()].reverse();
  }
}

function stepText(step, item) {
  if (step === "stored") return item.offset ? t("step.stored-at", { offset: digits(item.offset) }) : t("step.stored");
  if (step === "seen") return item.duty ? t("step.seen-by", { k: digits(item.seen ?? 0), n: digits(item.duty) }) : t("step.seen");
  return t(`step.${step}`);
}

/** What was refused, why in the reader's language as far as there are words for it, and in the hub's own. */
function refusal(item) {
  const why = has(`rejected.${item.code}`) ? ` ${t(`rejected.${item.code}`)}.` : "";
  return el("p.problem", { role: "alert" }, t("step.rejected"), why, " ", el("span", { lang: "en" }, item.reason ?? ""));
}

/** The four states as a line of steps. */
export function stepper(item) {
  if (item.state === "rejected") return refusal(item);
  const reached = STEPS.indexOf(item.state);
  return el("ol.steps", {}, STEPS.map((step, at) =>
    el("li", { data: { done: String(at <= reached) }, aria: { current: at === reached ? "step" : null } }, stepText(step, item))));
}

/** @param {(id: string) => void} open */
export function outboxList(outbox, thread) {
  const items = outbox.newestFirst();
  if (!items.length) return el("p.muted", {}, t("outbox.empty"));
  return el("ul.outbox", {}, items.map((item) => {
    const known = thread(item.id)?.messages.find((m) => m.alert?.id === item.id)?.alert;
    const words = inLanguage(item.headline ?? known?.headline);
    const kind = known?.msgType === "Ack" || item.kind === "ack" ? t("ack.word") : word("kind", item.kind ?? known?.kind ?? "unknown");
    return el("li", {}, el("a", { href: `#${item.id}` }, kind, words && [" · ", el("span", { lang: words.lang }, words.text)]),
      item.queued ? el("span.muted", {}, " ", short(milliseconds(item.queued))) : null, stepper(item));
  }));
}
