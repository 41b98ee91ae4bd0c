// Dates as people in Cambodia write them, always in Cambodia's time, wherever the machine thinks that it is.
import { digits, t } from "./strings.js";

const OFFSET = 7 * 3_600_000;
const DAY = 86_400_000;

const parts = (time) => new Date(time + OFFSET);
const two = (number) => String(number).padStart(2, "0");
const dayOf = (time) => Math.floor((time + OFFSET) / DAY);

export const milliseconds = (rfc3339) => Date.parse(rfc3339);

export function clock(time) {
  const at = parts(time);
  return digits(`${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`);
}

function day(time) {
  const at = parts(time);
  return t("date.day", { day: digits(at.getUTCDate()), month: t(`month.${at.getUTCMonth() + 1}`) });
}

/** For lists: the hour today, "yesterday 20:14", then the day. */
export function short(time, now = Date.now()) {
  const days = dayOf(now) - dayOf(time);
  if (days === 0) return clock(time);
  if (days === 1) return t("date.yesterday", { clock: clock(time) });
  return `${day(time)} ${clock(time)}`;
}

/** Whole: ថ្ងៃអាទិត្យ ទី២៩ ខែវិច្ឆិកា ឆ្នាំ២០២៦ ម៉ោង ២០:១៤ */
export function long(time) {
  const at = parts(time);
  return t("date.long", {
    weekday: t(`weekday.${at.getUTCDay()}`),
    day: digits(at.getUTCDate()),
    month: t(`month.${at.getUTCMonth() + 1}`),
    year: digits(at.getUTCFullYear()),
    clock: clock(time),
  });
}

/** How long: "4 s", "12 min", "3 h 5 min", "2 d". Never negative: clocks differ a little. */
export function span(length) {
  const seconds = Math.max(0, Math.round(length / 1000));
  if (seconds < 60) return t("span.s", { n: digits(seconds) });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("span.min", { n: digits(minutes) });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t("span.h", { n: digits(hours), m: digits(two(minutes % 60)) });
  return t("span.d", { n: digits(Math.floor(hours / 24)) });
}

/** As <time>: machine-readable beside the words. */
export function timeElement(time, words) {
  const element = document.createElement("time");
  element.dateTime = new Date(time).toISOString();
  element.textContent = words;
  return element;
}

/** "2026-11-24T06:30" of a form's field, as Cambodia's time, to RFC 3339; empty stays empty. */
export const fromField = (value) => (value ? `${value.length === 16 ? `${value}:00` : value}+07:00` : "");

/** The other way. */
export function toField(time) {
  return Number.isFinite(time) ? parts(time).toISOString().slice(0, 16) : "";
}
