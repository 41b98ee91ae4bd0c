// The map: a tile for each province, where it lies among its neighbours; and the same as a table.
import { el, setAria, setText } from "./dom.js";
import { digits, t, word } from "./strings.js";
import { severityRank } from "./filter.js";

const PULSE = 2_500;

export class ProvinceMap {
  /** @param {(slug: string) => void} choose a tile was clicked */
  constructor(container, table, places, choose) {
    this.places = places;
    this.table = table;
    this.tiles = new Map();
    this.pulses = new Map();
    this.container = container;
    const placed = places.provinces.filter((one) => one.tile);
    this.columns = Math.max(...placed.map((one) => one.tile[0])) + 1;
    this.rowCount = Math.max(...placed.map((one) => one.tile[1])) + 1;
    container.style.setProperty("--columns", this.columns);
    for (const province of placed.sort((a, b) => a.tile[1] - b.tile[1] || a.tile[0] - b.tile[0])) {
      const tile = el(
        "button.tile",
        { type: "button", tabIndex: -1, data: { slug: province.slug, country: province.country }, on: { click: () => choose(province.slug) } },
        el("span.name"), el("span.count"), el("span.grade"), el("span.drill")
      );
      tile.style.gridColumn = province.tile[0] + 1;
      tile.style.gridRow = province.tile[1] + 1;
      this.tiles.set(province.slug, tile);
      container.append(tile);
    }
    container.firstElementChild.tabIndex = 0;
    container.addEventListener("keydown", (event) => this.key(event));
    this.marks = this.makeMarks();
    this.readable();
  }

  /** Marks the provinces that the reader's grant leaves out. */
  readable() {
    for (const [slug, tile] of this.tiles) tile.classList.toggle("unread", !this.places.bySlug.get(slug).readable);
  }

  /** A mark on the edge between the two sides of a crossing; on its own tile where it has no other side. */
  makeMarks() {
    const used = new Map();
    return this.places.crossings.flatMap((crossing) => {
      const here = this.places.bySlug.get(crossing.province)?.tile;
      const there = this.places.bySlug.get(crossing.opposite)?.tile;
      if (!here) return [];
      const pair = `${crossing.province} ${crossing.opposite}`;
      const nth = used.get(pair) ?? 0;
      used.set(pair, nth + 1);
      // The second and third on one edge stand beside the first.
      const aside = [0, 0.24, -0.24, 0.4][nth] ?? 0;
      const [dx, dy] = there ? [there[0] - here[0], there[1] - here[1]] : [0, 0];
      const x = there ? here[0] + 0.5 + dx / 2 + (dx ? 0 : aside) : here[0] + 0.12 + 0.2 * nth;
      const y = there ? here[1] + 0.5 + dy / 2 + (dx ? aside : 0) : here[1] + 0.96;
      const mark = el("span.crossing", { data: { kind: crossing.kind, status: crossing.status }, aria: { hidden: "true" } });
      mark.style.left = `${(100 * x) / this.columns}%`;
      mark.style.top = `${(100 * y) / this.rowCount}%`;
      this.container.append(mark);
      return [[crossing, mark]];
    });
  }

  /** Arrow keys go to the next tile in that direction; the map is one stop of the tabulator. */
  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const slug = event.target.dataset?.slug;
    if (!step || !slug) return;
    event.preventDefault();
    const [x, y] = this.places.bySlug.get(slug).tile;
    let best = null;
    for (const [other, tile] of this.tiles) {
      const [ox, oy] = this.places.bySlug.get(other).tile;
      const along = (ox - x) * step[0] + (oy - y) * step[1];
      const across = Math.abs((ox - x) * step[1]) + Math.abs((oy - y) * step[0]);
      if (along <= 0) continue;
      const cost = along + 3 * across;
      if (!best || cost < best.cost) best = { cost, tile };
    }
    if (!best) return;
    event.target.tabIndex = -1;
    best.tile.tabIndex = 0;
    best.tile.focus();
  }

  /** Something has just come for these provinces. */
  pulse(codes) {
    for (const code of codes) {
      const tile = this.tiles.get(this.places.byCode.get(code)?.slug);
      if (!tile) continue;
      tile.classList.add("pulse");
      clearTimeout(this.pulses.get(tile));
      this.pulses.set(tile, setTimeout(() => tile.classList.remove("pulse"), PULSE));
    }
  }

  /** @param {Map<string, {count: number, drills: number, severity: string}>} counts by code. chosen: the filter's slug */
  draw(counts, chosen, crossings) {
    const lines = [];
    for (const [slug, tile] of this.tiles) {
      const province = this.places.bySlug.get(slug);
      const { count, drills, severity } = counts.get(province.code) ?? { count: 0, drills: 0, severity: "" };
      const name = this.places.name(province);
      const [label, number, grade, drill] = tile.children;
      setText(label, breakable(name.text));
      label.lang = name.lang;
      setText(number, count ? digits(count) : "");
      setText(grade, count ? word("grade", severity) : "");
      setText(drill, drills ? t("map.drills", { n: digits(drills) }) : "");
      tile.dataset.severity = count ? severity : "";
      const said = [name.text, t("map.alerts", { n: digits(count) }), count && word("severity", severity), drills && t("map.drills-long", { n: digits(drills) })];
      setAria(tile, { label: said.filter(Boolean).join(", "), pressed: String(slug === chosen) });
      tile.title = province.readable ? "" : t("map.unread");
      lines.push({ province, name, count, drills, severity });
    }
    for (const [crossing, mark] of this.marks) {
      mark.title = `${this.places.crossingName(crossing).text} (${word("crossing", crossing.kind)}, ${word("open", crossing.status)})`;
      mark.classList.toggle("hot", crossings.has(crossing));
    }
    this.drawTable(lines);
  }

  crossingNames({ slug }) {
    const names = this.places.crossingsOf([slug]).map((one) => this.places.crossingName(one));
    return names.flatMap(({ text, lang }, at) => [at ? ", " : "", el("span", { lang }, text)]);
  }

  drawTable(lines) {
    const signature = JSON.stringify(lines.map((line) => [line.name.text, line.count, line.drills, line.severity]));
    if (signature === this.signature) return;
    this.signature = signature;
    const body = lines
      .sort((a, b) => b.count - a.count || severityRank(b.severity) - severityRank(a.severity))
      .map(({ province, name, count, drills, severity }) =>
        el(
          "tr", {},
          el("th", { scope: "row", lang: name.lang }, name.text),
          el("td", {}, digits(count)),
          el("td", {}, count ? word("severity", severity) : "–"),
          el("td", {}, digits(drills)),
          el("td", {}, this.crossingNames(province))
        )
      );
    this.table.tBodies[0].replaceChildren(...body);
  }
}

/** Where a long name may be broken: browsers would break it within a syllable. */
const breakable = (name) => name.replace(/(?<=\S)(?=មានជ័យ|bang$|kiri$|chey$|sak$|buri$|thani$)/u, "\u200b");

/** Counts threads by province. An exercise or a test counts beside, never among the real ones. */
export function countByProvince(threads) {
  const counts = new Map();
  for (const thread of threads) {
    const alert = thread.head.alert;
    // Of an answer whose alert isn't here there is nothing to count.
    if (!alert || !["Alert", "Update"].includes(alert.msgType)) continue;
    for (const code of alert.provinces) {
      let one = counts.get(code);
      if (!one) counts.set(code, (one = { count: 0, drills: 0, severity: "" }));
      if (alert.status !== "Actual") one.drills++;
      else {
        one.count++;
        if (!one.severity || severityRank(alert.severity) > severityRank(one.severity)) one.severity = alert.severity;
      }
    }
  }
  return counts;
}

/** What colours, patterns and marks mean. */
export function drawLegend(list) {
  list.replaceChildren(
    ...["Extreme", "Severe", "Moderate", "Minor", "Unknown"].map((severity) =>
      el("li", { data: { severity } }, el("span.swatch", { aria: { hidden: "true" } }), word("severity", severity))),
    el("li", {}, el("span.not-real", { aria: { hidden: "true" } }, "+1"), t("map.legend-drill")),
    el("li", {}, el("span.crossing", { aria: { hidden: "true" } }), t("map.legend-crossing"))
  );
}
