// The link to the hub in words: in the page's head, and across the page while it is down.
import { t } from "./strings.js";
import { long, milliseconds, short, span } from "./dates.js";

/** @returns {{state: string, text: string}} a word, and since when or how fresh */
export function linkWords(link, now) {
  if (link.page !== "here") return { state: "away", text: t("link.away") };
  if (!link.state) return { state: "wait", text: t("link.wait") };
  if (link.state === "down") return { state: "down", text: t("link.down-short", { since: short(milliseconds(link.since), now) }) };
  return { state: "up", text: link.heartbeat ? t("link.up-short", { age: span(now - milliseconds(link.heartbeat)) }) : t("link.up") };
}

/** Empty while all is well. */
export function linkBanner(link, now) {
  if (link.page === "no-session") return t("session.over");
  if (link.page === "away") return t("banner.away", { since: short(link.pageSince) });
  if (link.state !== "down") return "";
  return t("banner.down", { since: long(milliseconds(link.since)), age: span(now - milliseconds(link.since)) });
}
