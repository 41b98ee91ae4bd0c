// Provinces and crossings by whatever people call them.
import { language } from "./strings.js";
import { foldName } from "./fold.js";

export class Places {
  constructor(provinces, crossings) {
    this.provinces = provinces;
    this.crossings = crossings;
    this.byCode = new Map(provinces.map((one) => [one.code, one]));
    this.bySlug = new Map(provinces.map((one) => [one.slug, one]));
    for (const one of provinces) one.folded = [...one.names, one.slug, one.code].map(foldName);
    for (const one of crossings) {
      one.folded = [one.name, one.khmer, ...one.counterpart.split(",")].filter(Boolean).map(foldName);
    }
  }

  /** {text, lang}: a province without a Khmer name keeps its English one. */
  name(province) {
    if (!province) return { text: "?", lang: "en" };
    return language() === "km" && province.khmer ? { text: province.khmer, lang: "km" } : { text: province.english, lang: "en" };
  }

  nameOfCode(code) {
    const province = this.byCode.get(code);
    return province ? this.name(province) : { text: code, lang: "en" };
  }

  crossingName(crossing) {
    return language() === "km" && crossing.khmer ? { text: crossing.khmer, lang: "km" } : { text: crossing.name, lang: "en" };
  }

  /** The crossing that an alert's text names, of its provinces; undefined for another place. */
  crossingOf({ crossing, provinces }) {
    const wanted = foldName(crossing);
    const slugs = provinces.map((code) => this.byCode.get(code)?.slug);
    return this.crossings.find((one) => one.folded.includes(wanted) && (slugs.includes(one.province) || slugs.includes(one.opposite)));
  }

  /** One that is known gets its name in the reader's language. */
  crossingText(alert) {
    const known = this.crossingOf(alert);
    return known ? this.crossingName(known) : { text: alert.crossing, lang: /[\u1780-\u17ff]/.test(alert.crossing) ? "km" : "en" };
  }

  find(name) {
    const wanted = foldName(name);
    return wanted ? this.provinces.find((one) => one.folded.includes(wanted)) : undefined;
  }

  /** Provinces with a name that begins with, then that holds, what was typed; Cambodia's first, as the program lists them. */
  suggest(typed, list = this.provinces) {
    const wanted = foldName(typed);
    if (!wanted) return list;
    const begins = list.filter((one) => one.folded.some((name) => name.startsWith(wanted)));
    const holds = list.filter((one) => !begins.includes(one) && one.folded.some((name) => name.includes(wanted)));
    return [...begins, ...holds];
  }

  crossingsOf(slugs) {
    return this.crossings.filter((one) => slugs.includes(one.province) || slugs.includes(one.opposite));
  }

  /** Codes of the provinces that a folded word of a search names. */
  codesNamed(word) {
    const wanted = word.replaceAll(" ", "");
    return new Set(this.provinces.filter((one) => one.folded.includes(wanted)).map((one) => one.code));
  }
}
