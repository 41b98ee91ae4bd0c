// The filters above the stream, and the search: at once among what the page holds, and the hub's own search for what it doesn't.
import { byID, el, setAria } from "./dom.js";
import { digits, t, word } from "./strings.js";

const PAUSE = 250;
const LISTS = {
  kind: ["suspect", "movement", "sighting"],
  severity: ["Extreme", "Severe", "Moderate", "Minor"],
  status: ["Actual", "Exercise", "Test"],
  state: ["active", "updated", "cancelled", "withdrawn", "expired"],
};
const HOURS = [1, 6, 24, 168, 0];

export class FilterBar {
  /** @param {() => void} changed after each change of the filter */
  constructor(filter, house, changed) {
    Object.assign(this, { filter, house, changed, timer: null, asked: 0 });
    for (const name of ["province", ...Object.keys(LISTS)]) {
      byID(`by-${name}`).addEventListener("change", (event) => this.set({ [name]: event.target.value }));
    }
    byID("words").addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(), PAUSE);
    });
    byID("filters").addEventListener("submit", (event) => event.preventDefault());
    byID("clear").addEventListener("click", () => this.clear());
    for (const hours of HOURS) {
      byID("hours").append(el("button", { type: "button", data: { hours }, on: { click: () => this.set({ hours }) } }));
    }
  }

  /** In the reader's language. */
  label() {
    const { places } = this.house;
    const fill = (name, options) => {
      byID(`by-${name}`).replaceChildren(...options.map(([value, text, lang]) => el("option", { value, lang }, text)));
      byID(`by-${name}`).value = this.filter[name];
    };
    const shown = places.provinces.filter((one) => one.readable || one.tile);
    fill("province", [["", t("filter.all-provinces")], ...shown.map((one) => [one.slug, places.name(one).text, places.name(one).lang])]);
    for (const [name, codes] of Object.entries(LISTS)) {
      const least = (code) => (name === "severity" && code !== "Extreme" ? t("filter.at-least", { severity: word(name, code) }) : word(name, code));
      fill(name, [["", t(`filter.all-${name}`)], ...codes.map((code) => [code, least(code)])]);
    }
    for (const button of byID("hours").children) button.textContent = digits(t(`hours.${button.dataset.hours}`));
    this.mark();
  }

  mark() {
    for (const button of byID("hours").children) setAria(button, { pressed: String(Number(button.dataset.hours) === this.filter.hours) });
    for (const name of ["province", ...Object.keys(LISTS)]) {
      byID(`by-${name}`).value = this.filter[name];
      byID(`by-${name}`).classList.toggle("on", Boolean(this.filter[name]));
    }
    byID("clear").hidden = !["province", "words", ...Object.keys(LISTS)].some((name) => this.filter[name]);
  }

  set(change) {
    Object.assign(this.filter, change);
    this.mark();
    this.changed();
  }

  clear() {
    byID("words").value = "";
    this.asked++;
    this.note("");
    this.house.stream.release();
    this.set({ province: "", kind: "", severity: "", status: "", state: "", words: "", found: new Set() });
  }

  focusWords() {
    if (document.body.dataset.view !== "stream" && matchMedia("(max-width: 1099px)").matches) this.house.go("stream");
    byID("words").focus();
    byID("words").select();
  }

  clearWords() {
    byID("words").value = "";
    byID("words").blur();
    this.search();
  }

  note(text) {
    byID("search-note").hidden = !text;
    byID("search-note").textContent = text;
  }

  async search() {
    const words = byID("words").value.trim();
    const asked = ++this.asked;
    if (!words) this.house.stream.release();
    this.set({ words, found: new Set() });
    this.note("");
    if (!words) return;
    try {
      const { alerts, more } = await this.house.api.search(words);
      // What was asked meanwhile counts.
      if (asked !== this.asked) return;
      this.house.stream.take(alerts.toSorted((a, b) => a.offset - b.offset), true);
      this.filter.found = new Set(alerts.map((one) => one.alert?.id).filter(Boolean));
      this.note(more ? t("search.more", { n: digits(alerts.length) }) : "");
      this.changed();
    } catch (refusal) {
      if (asked === this.asked && refusal.code !== "no-words") this.note(t("search.here-only"));
    }
  }
}
