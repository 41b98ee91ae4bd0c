// Puts the parts together: events of the program in, threads into list, map and panel; what the reader does, out.
import { api } from "./api.js";
import { Events } from "./events.js";
import { byID, setText } from "./dom.js";
import { choices, digits, language, speak, t } from "./strings.js";
import { milliseconds } from "./dates.js";
import { Stream } from "./model.js";
import { Order } from "./order.js";
import { counts, everything, matcher } from "./filter.js";
import { Places } from "./places.js";
import { FilterBar } from "./filterbar.js";
import { List } from "./list.js";
import { ProvinceMap, countByProvince, drawLegend } from "./map.js";
import { Shown } from "./shown.js";
import { listenToKeys } from "./keys.js";
import { announce, want, wants } from "./notice.js";
import { linkBanner, linkWords } from "./link.js";

const REDRAW_MAP = 300;
const CLOCK = 1_000;

// For the tests too, which ask what the page holds.
export const stream = new Stream();
const order = new Order();
const filter = everything();
filter.hours = 24;
const link = { page: "here", pageSince: Date.now() };
const house = { api, stream, link, escalations: [], silent: null, post: null, go, openAlert, isDown: () => link.state === "down" || link.page !== "here" };
let isCaughtUp = false;
// What was said of this page's own drafts before there was a panel to show it.
const early = [];
let offsetOfClock = 0;
let events, list, map, bar, shown, panel, matches, matchesMap;

/** The hub's time, as the program told it: machines at the border are wrong by hours. */
const now = () => Date.now() + offsetOfClock;
house.now = now;

async function begin() {
  const start = await api.start().catch((refusal) => refusal);
  await speak(choices.get("language", start.language ?? "km"));
  if (start instanceof Error) return failToBegin(start);
  house.places = new Places(start.provinces, start.crossings);
  know(start);
  shown = new Shown(api.shown);
  list = new List(byID("list"), { look: () => ({ places: house.places, now: now() }), settled: () => admit(), drawn: lookAt });
  map = new ProvinceMap(byID("map"), byID("map-table"), house.places, (slug) => bar.set({ province: filter.province === slug ? "" : slug }));
  bar = new FilterBar(filter, house, refilter);
  house.shown = shown;
  connectControls();
  listenToKeys({ list, go, bar, hasPanel: () => Boolean(location.hash) });
  refilter();
  events = new Events(take, () => stream.head);
  window.addEventListener("hashchange", route);
  document.addEventListener("visibilitychange", () => lookAt());
  setInterval(tick, CLOCK);
  route();
  performance.mark("ready");
  // What one opens comes behind what one sees first.
  const { Panel } = await import("./panel.js");
  panel = new Panel(byID("panel"), house, early);
  await panel.load();
  route();
  document.body.dataset.ready = "true";
}

/** Who one is and what one may: of a program that has just started some of it comes later. */
function know(start) {
  house.start = start;
  offsetOfClock = milliseconds(start.hub_time ?? "") - Date.now() || 0;
  byID("identity").textContent = start.identity ?? "";
  document.querySelector('[data-go="write"]').hidden = !(start.may.write && start.post);
}

let isLearning = false;

async function learn() {
  if (isLearning) return;
  isLearning = true;
  try {
    const start = await api.start();
    for (const { slug, readable } of start.provinces) house.places.bySlug.get(slug).readable = readable;
    know(start);
    map.readable();
    await panel?.load();
    panel?.redraw();
  } catch {
    // The next event of its kind asks again.
  }
  isLearning = false;
}

function failToBegin(refusal) {
  byID("banner").hidden = false;
  byID("banner").textContent = t(refusal.code === "no-session" ? "session.over" : "failed.away");
}

// Events

let touched = new Set();
let fresh = [];
let isDrawDue = false;

export function take(event, data) {
  switch (event) {
    case "alert": return arrive([data]);
    case "batch": return arrive(data);
    case "state": return touch(stream.stand([data]));
    case "states": return touch(stream.stand(data));
    case "gone":
      // All of it goes and comes again: that is no news.
      if (data.before > Number.MAX_SAFE_INTEGER) isCaughtUp = false;
      return touch(stream.forget(data));
    case "caught-up":
      isCaughtUp = true;
      document.body.dataset.caughtUp = data.head;
      return draw();
    case "link":
      Object.assign(link, data);
      if (data.state === "up" && !house.start.hub_time) learn();
      return tick();
    case "post":
      house.post = data;
      if (!house.start.post) learn();
      return panel?.refresh("state");
    case "escalation":
      house.escalations = [data, ...house.escalations.filter((one) => one.number !== data.number)].slice(0, 100);
      return panel?.refresh("state");
    case "silent":
      house.silent = data;
      return panel?.refresh("state");
    case "mine":
      if (panel) panel.mine(data);
      else early.push(data);
      return;
    case "here": case "away": case "no-session":
      if (link.page !== event) Object.assign(link, { page: event, pageSince: Date.now() });
      return tick();
  }
}

function arrive(messages) {
  const news = messages.filter((message) => message.offset > stream.head);
  touch(stream.take(messages));
  if (isCaughtUp) fresh.push(...news);
}

/** Many messages a second become one drawing a frame. */
function touch(threads) {
  for (const thread of threads) touched.add(thread);
  if (isDrawDue) return;
  isDrawDue = true;
  // A page in the background has no frames; it keeps up all the same, more slowly.
  if (document.hidden) setTimeout(draw, CLOCK);
  else requestAnimationFrame(draw);
}

function draw() {
  isDrawDue = false;
  const changed = touched;
  touched = new Set();
  const news = fresh;
  fresh = [];
  if (changed.size) order.update(changed, matches, isCaughtUp && list.isReading);
  show();
  if (news.length) {
    map.pulse(new Set(news.flatMap((message) => message.alert?.provinces ?? [])));
    // Of several tabs one is enough.
    if (events.isReader) announce(news, house.places);
    setText(byID("news"), t("stream.came", { n: digits(news.length) }));
  }
  panel?.changed(changed);
}

function show() {
  list.show(order.shown);
  byID("new").hidden = !order.waiting;
  setText(byID("new"), order.waiting ? `↑ ${t("stream.new", { n: digits(order.waiting) })}` : "");
  const hidden = stream.threads.size - order.shown.length - order.waiting;
  setText(byID("count"), t(hidden > 0 ? "stream.some" : "stream.all", { n: digits(order.shown.length), hidden: digits(Math.max(0, hidden)) }));
  byID("empty").hidden = order.shown.length > 0;
  setText(byID("empty"), t(!isCaughtUp ? "stream.loading" : stream.threads.size ? "stream.none" : "stream.empty"));
  drawMapSoon();
}

let mapTimer = null;

function drawMapSoon() {
  mapTimer ??= setTimeout(() => {
    mapTimer = null;
    drawMap();
  }, REDRAW_MAP);
}

function drawMap() {
  const threads = [...stream.threads.values()].filter(matchesMap);
  const crossings = new Set();
  for (const { head } of threads) {
    const crossing = head.alert?.crossing && head.alert.status === "Actual" && house.places.crossingOf(head.alert);
    if (crossing) crossings.add(crossing);
  }
  map.draw(countByProvince(threads), filter.province, crossings);
}

/** Takes in what waits: the reader asked, or is at the top again. */
function admit() {
  if (!order.waiting) return;
  order.release();
  show();
}

function refilter() {
  const facts = { now: now(), code: (slug) => house.places.bySlug.get(slug)?.code, names: (word) => house.places.codesNamed(word) };
  matches = matcher(filter, facts);
  matchesMap = matcher(counts(filter), facts);
  order.rebuild(stream.newestFirst(), matches);
  list.toTop();
  show();
}

/** What stands on the screen now is before somebody's eyes. */
function lookAt() {
  if (!isCaughtUp || document.visibilityState !== "visible" || !list.isOnScreen) return;
  const [from, to] = list.visible();
  shown.see(order.shown.slice(from, to).flatMap((thread) => [thread.head, thread.last]));
}

let lastMinute = 0;

/** Each second: ages, what has expired meanwhile, and alerts that have grown too old for the chosen time. */
function tick() {
  if (!list) return;
  const at = now();
  const { state, text } = linkWords(link, at);
  byID("link").dataset.state = state;
  setText(byID("link"), text);
  const banner = linkBanner(link, at);
  byID("banner").hidden = !banner;
  setText(byID("banner"), banner);
  panel?.tick();
  if (Math.floor(at / 60_000) === lastMinute) return;
  lastMinute = Math.floor(at / 60_000);
  if (!list.isReading && !order.waiting) refilter();
}

// What the reader does

/** Views are the address: #ID, #write, #state, #map. Nothing else of an alert is ever in it. */
function go(view) {
  if (view === "stream") history.pushState(null, "", location.pathname);
  else if (location.hash !== `#${view}`) return void (location.hash = view);
  route();
}

function openAlert(id) {
  go(id);
}

function route() {
  const view = location.hash.slice(1);
  const isNamed = ["write", "state", "map", ""].includes(view);
  document.body.dataset.view = isNamed ? view || "stream" : "alert";
  for (const tab of document.querySelectorAll(".tabs [data-go]")) {
    if (tab.dataset.go === (document.body.dataset.view === "alert" ? "stream" : document.body.dataset.view)) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  panel?.open(view);
  if (!isNamed) list.select(stream.thread(view)?.key ?? null);
  list.draw();
}

function connectControls() {
  for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => go(button.dataset.go));
  byID("new").addEventListener("click", () => {
    order.release();
    list.toTop();
    show();
  });
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", async () => {
      choices.set("language", button.dataset.language);
      await speak(button.dataset.language);
      relabel();
    });
  }
  for (const name of ["notify", "sound"]) {
    const box = byID(`want-${name}`);
    box.checked = wants(name);
    box.addEventListener("change", async () => (box.checked = await want(name, box.checked)));
  }
  byID("khmer-digits").checked = choices.get("digits", "latin") === "khmer";
  byID("khmer-digits").addEventListener("change", (event) => {
    choices.set("digits", event.target.checked ? "khmer" : "latin");
    relabel();
  });
  document.addEventListener("click", (event) => {
    const menu = document.querySelector(".settings");
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  relabel();
}

/** In another language, or with other digits. */
function relabel() {
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  bar.label();
  drawLegend(byID("legend"));
  if (!matches) return;
  map.signature = "";
  tick();
  show();
  drawMap();
  panel?.relabel();
}

begin();
