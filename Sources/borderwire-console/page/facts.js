// What an alert says, field by field, in the reader's words: for the opened alert, for the preview and for print.
import { el } from "./dom.js";
import { digits, t, word } from "./strings.js";
import { long, milliseconds } from "./dates.js";
import { route } from "./row.js";

/** Both languages of a text, the reader's first, each marked as what it is. */
export function bothTexts(tag, text, reader) {
  const order = reader === "km" ? ["km", "en"] : ["en", "km"];
  return order.filter((lang) => text?.[lang]).map((lang) => el(tag, { lang }, text[lang]));
}

const isKhmer = (text) => /[\u1780-\u17ff]/.test(text);

/** A text of the alert, which is in either language. */
const said = (text) => (text === undefined || text === null || text === "" ? null : el("span", { lang: isKhmer(text) ? "km" : "en" }, String(text)));

/** Parts with commas between them; null where there is none. */
function joined(...parts) {
  const there = parts.filter((part) => part !== null && part !== undefined && part !== "" && part !== false);
  return there.length ? there.flatMap((part, at) => (at ? [", ", part] : [part])) : null;
}

const coded = (list, code) => (code === undefined ? null : word(list, code));
const moment = (time) => (time ? digits(long(milliseconds(time))) : null);

function people(section) {
  if (section.people === undefined) return null;
  const minors = section.minors === undefined ? t("minors-unknown") : digits(t("minors", { n: section.minors }));
  return `${t("people", { n: digits(section.people) })}, ${minors}`;
}

function vehicle(one) {
  if (!one) return null;
  const plate = one.plate && el("span.plate", { lang: isKhmer(one.plate) ? "km" : "en" }, one.plate);
  return joined(coded("vehicle", one.type), said(one.colour), said(one.make), plate);
}

const idDocument = ({ type, country, number }) =>
  el("div", {}, word("document", type), ` ${word("country", country)} `, el("span.plate", { lang: "en" }, number));

function suspect(one) {
  const { min, max } = one.ageRange ?? {};
  return [
    ["role", coded("role", one.role)],
    ["aliases", joined(...(one.aliases ?? []).map(said))],
    ["sex", coded("sex", one.sex)],
    ["age", one.ageRange ? t("years", { n: digits(min === max ? min : `${min}–${max}`) }) : t("age-unknown")],
    ["nationality", one.nationality && word("country", one.nationality)],
    ["documents", one.documents?.map(idDocument)],
    ["marks", said(one.marks)],
    ["vehicle", vehicle(one.vehicle)],
  ];
}

function movement(one) {
  return [
    ["mode", coded("mode", one.mode)],
    ["direction", coded("direction", one.direction)],
    ["from", said(one.from)],
    ["towards", said(one.towards)],
    ["vehicle", vehicle(one.vehicle)],
    ["people", people(one)],
    ["last-seen", one.lastSeen && joined(moment(one.lastSeen.time), said(one.lastSeen.place))],
  ];
}

function sighting(one, open) {
  return [
    ["outcome", coded("outcome", one.outcome)],
    ["of", one.of && el("a.id", { href: `#${one.of}`, on: { click: () => open?.(one.of) } }, one.of)],
    ["identifiers", joined(...(one.identifiers ?? []).map((code) => word("identifier", code)))],
    ["time", moment(one.time)],
    ["place", said(one.place)],
    ["mode", coded("mode", one.mode)],
    ["direction", coded("direction", one.direction)],
    ["towards", said(one.towards)],
    ["vehicle", vehicle(one.vehicle)],
    ["people", people(one)],
    ["action", coded("action", one.action)],
    ["share", one.share ? t("share-yes") : null],
  ];
}

function atRisk(list) {
  return list.map((one) =>
    el(
      "div", {},
      joined(
        t("persons", { n: digits(one.count), role: word("at-risk", one.role) }),
        one.ageBand === "unknown" ? t("age-unknown") : t("years", { n: digits(one.ageBand) }),
        word("sex", one.sex),
        one.languageNeed && t("speaks", { language: word("tongue", one.languageNeed) })
      ),
      one.reference && el("span.id", {}, ` ${one.reference}`)
    )
  );
}

/** A definition list of everything but headline, description and note. */
export function factsOf(alert, places) {
  const crossing = alert.crossing && places.crossingText(alert);
  const lines = [
    ["provinces", route(alert, places)],
    ["crossing", crossing && el("span", { lang: crossing.lang }, crossing.text)],
    ...(alert.suspect ? suspect(alert.suspect) : []),
    ...(alert.movement ? movement(alert.movement) : []),
    ...(alert.sighting ? sighting(alert.sighting) : []),
    ["at-risk", alert.atRisk?.length ? atRisk(alert.atRisk) : null],
    ["resolution", alert.resolution && word("resolution", alert.resolution)],
    ["urgency", word("urgency", alert.urgency)],
    ["certainty", word("certainty", alert.certainty)],
    ["handling", el("span", { lang: "en" }, alert.handling)],
    ["sent", moment(alert.sent)],
    ["expires", moment(alert.expires)],
  ];
  return el("dl.facts", {}, lines.filter((line) => line[1]).map(([name, value]) => [el("dt", {}, t(`field.${name}`)), el("dd", {}, value)]));
}
