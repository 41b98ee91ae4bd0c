// Which threads a reader wants to see. A value: no document, no network.
import { milliseconds } from "./dates.js";
import { fold, occurs } from "./fold.js";

const SEVERITIES = ["Unknown", "Minor", "Moderate", "Severe", "Extreme"];
const HOUR = 3_600_000;

export const severityRank = (severity) => Math.max(0, SEVERITIES.indexOf(severity));

/** Empty: all of it. `hours` 0: whenever. `found`: ids that the hub's search named. */
export const everything = () => ({
  province: "", kind: "", severity: "", status: "", state: "", hours: 0, words: "", found: new Set(),
});

const times = new WeakMap();

/** When the hub got it, in milliseconds. Read once: a list of thousands is filtered several times a second. */
export function receivedAt(message) {
  if (!times.has(message)) times.set(message, milliseconds(message.received));
  return times.get(message);
}

export const lastTime = (thread) => receivedAt(thread.last);

/** Whether an alert's time is over, by the hub's clock. */
export const isOver = (message, now) => milliseconds(message.alert?.expires ?? "") <= now;

/** How a thread stands; time ends one also before the program says so. */
export function standing(thread, now) {
  const { state, head } = thread;
  if (head.alert?.msgType === "Cancel") return "cancelled";
  return state === "active" && isOver(thread.head, now) ? "expired" : state;
}

function texts(thread) {
  if (thread.folded) return thread.folded;
  const strings = [];
  const gather = (value) => {
    if (typeof value === "string") strings.push(value);
    else if (value && typeof value === "object") for (const inner of Object.values(value)) gather(inner);
  };
  for (const { alert } of thread.messages) {
    if (!alert) continue;
    const { sender, headline, description, note, crossing, suspect, movement, sighting } = alert;
    gather([sender, headline, description, note, crossing, suspect, movement, sighting]);
    for (const person of alert.atRisk ?? []) gather(person.reference);
  }
  const text = strings.map(fold).join("\n");
  thread.folded = { text, compact: text.replaceAll(" ", ""), ids: thread.messages.map((m) => m.alert?.id ?? "") };
  return thread.folded;
}

/** What the map counts: alerts that are in force, unless the reader asks for another state. */
export const counts = (filter) => ({ ...filter, province: "", state: filter.state || "active" });

/** A filter made ready: a function of a thread. `names` gives the codes of the provinces that a folded word names. */
export function matcher(filter, { now, code, names }) {
  const words = filter.words.split(/\s+/).map(fold).filter(Boolean);
  const named = words.map(names);
  const least = filter.severity ? severityRank(filter.severity) : 0;
  const since = filter.hours ? now - filter.hours * HOUR : 0;
  const speaks = (thread) =>
    thread.messages.some((m) => m.alert && filter.found.has(m.alert.id)) ||
    words.every((word, at) => {
      if (named[at].size && (thread.head.alert?.provinces ?? []).some((one) => named[at].has(one))) return true;
      const { text, compact, ids } = texts(thread);
      return occurs(word, text, compact) || (word.length >= 8 && ids.some((id) => id.replaceAll("-", "").startsWith(word.replaceAll(" ", ""))));
    });
  return (thread) => {
    const alert = thread.head.alert;
    if (since && lastTime(thread) < since) return false;
    if (filter.province && !alert?.provinces?.includes(code(filter.province))) return false;
    if (filter.kind && alert?.kind !== filter.kind && !(filter.kind === "sighting" && thread.sightings.length)) return false;
    if (least && severityRank(alert?.severity) < least) return false;
    if (filter.status && alert?.status !== filter.status) return false;
    if (filter.state && standing(thread, now) !== filter.state) return false;
    return !words.length || speaks(thread);
  };
}
