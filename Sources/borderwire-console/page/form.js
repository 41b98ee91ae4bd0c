// A form made of the list of its fields: fills it from a draft, reads a draft out of it, and puts each problem at its field.
import { el, setAria } from "./dom.js";
import { digits, language, t, word } from "./strings.js";
import { fromField, milliseconds, toField } from "./dates.js";
import { combo } from "./combo.js";
import { sentence } from "./problems.js";

const HOUR = 3_600_000;
const idOf = (path) => `f-${path.replace(/[^\w]/g, "-")}`;

const MAKERS = {
  words: "makeWords", provinces: "makeProvinces", crossing: "makeCrossing", checks: "makeChecks", life: "makeLife", truth: "makeTruth",
};

function get(draft, path) {
  return path.split(/[.[\]]+/).filter(Boolean).reduce((value, key) => value?.[key], draft);
}

function set(draft, path, value) {
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const last = keys.pop();
  let place = draft;
  keys.forEach((key, at) => (place = place[key] ??= /^\d+$/.test(keys[at + 1] ?? last) ? [] : {}));
  place[last] = value;
}

export class DraftForm {
  /**
   * @param {object[]} groups of fields.js
   * @param {object} draft what is filled in at the start; what no field asks is kept as it is
   * @param {Places} places
   * @param {() => void} changed after each change by the writer
   */
  constructor(groups, draft, places, changed) {
    this.places = places;
    this.rest = structuredClone(draft);
    this.readers = new Map();
    this.groups = new Map();
    this.lists = [];
    this.chosen = [];
    this.element = el("div.fields", {}, groups.map((group) => this.makeGroup(group, draft)));
    this.element.addEventListener("input", changed);
    this.element.addEventListener("change", changed);
    this.changed = changed;
  }

  makeGroup(group, draft) {
    const title = t(`group.${group.group}`);
    const hint = group.hint && el("p.hint", {}, t(`hint.${group.hint}`));
    const isEmpty = group.list ? !(get(draft, group.list) ?? []).length : group.fields.every((field) => get(draft, field.path) === undefined);
    const inner = group.list ? this.makeList(group, draft) : group.fields.map((field) => this.makeField(field, field.path, draft));
    const note = el("div.problem", { id: `${idOf(group.path ?? group.list ?? group.group)}-problem`, hidden: true });
    const box = group.folded
      ? el("details.group", { open: !isEmpty }, el("summary", {}, title), hint, note, inner)
      : el("fieldset.group", {}, el("legend", {}, title), hint, note, inner);
    // A problem of the whole is told above its fields, and the first of them gets the focus.
    if (group.path ?? group.list) this.groups.set(group.path ?? group.list, { box, note, input: box.querySelector("input, select, textarea") });
    return box;
  }

  /** Entries that are added and taken away: documents, persons at risk. */
  makeList(group, draft) {
    const holder = el("div.entries");
    const list = { group, holder, entries: [] };
    this.lists.push(list);
    const add = (entry) => {
      const path = `${group.list}[${list.next = (list.next ?? -1) + 1}]`;
      const whole = {};
      set(whole, path, entry);
      const box = el("div.entry", {}, group.fields.map((field) => this.makeField(field, `${path}.${field.path}`, whole)),
        el("button.quiet.remove", { type: "button", on: { click: () => {
          list.entries = list.entries.filter((one) => one.box !== box);
          box.remove();
          more.focus();
          this.changed();
        } } }, t("remove")));
      list.entries.push({ box, path, reference: entry.reference });
      holder.append(box);
    };
    const more = el("button.quiet", { type: "button", data: { add: group.list }, on: { click: () => {
      if (list.entries.length < group.most) add({});
      list.entries.at(-1)?.box.querySelector("select, input").focus();
    } } }, t(`add.${group.group}`));
    for (const entry of get(draft, group.list) ?? []) add(entry);
    return [holder, more];
  }

  makeField(field, path, draft) {
    const id = idOf(path);
    const value = get(draft, path);
    const make = MAKERS[field.type] ?? "makeInput";
    const name = field.label ?? field.list ?? field.path.split(".").at(-1);
    const label = field.lang && field.path.includes(".") ? t(`language.${field.lang}`) : digits(t(`field.${name}`));
    const { control, input } = this[make](field, id, value, path);
    const note = el("div.problem", { id: `${id}-problem`, hidden: true });
    const isNeeded = field.needed ? el("span.needed", {}, ` ${t("needed")}`) : null;
    const hint = field.hint && field.type !== "truth" ? el("p.hint", { id: `${id}-hint` }, t(`hint.${field.hint}`)) : null;
    if (hint) setAria(input, { describedby: `${id}-hint` });
    const isGroup = field.type === "checks";
    const box = el(isGroup ? "fieldset.field" : "div.field", { data: { path } },
      isGroup ? el("legend", {}, label) : el("label", { htmlFor: id }, label, isNeeded), hint, control, note);
    this.groups.set(path, { box, note, input });
    return box;
  }

  makeInput(field, id, value, path) {
    const isTime = field.type === "time";
    const shown = isTime ? toField(value ? milliseconds(value) : field.now ? Date.now() : NaN) : field.many ? (value ?? []).join("\n") : value ?? field.first ?? "";
    const input = el(field.lines || field.many ? "textarea" : "input", {
      id, value: String(shown), lang: field.lang, maxLength: field.most, rows: field.lines ? 3 : field.many ? 2 : undefined,
      type: field.lines || field.many ? undefined : isTime ? "datetime-local" : "text",
      inputMode: field.type === "number" ? "numeric" : undefined,
      autocomplete: "off", spellcheck: false,
    });
    // The program says what is too long, with the count; a browser would cut off in silence.
    input.removeAttribute("maxlength");
    if (field.code) Object.assign(input, { autocapitalize: "characters" });
    this.readers.set(path, () => {
      const typed = input.value.trim();
      if (!typed) return undefined;
      if (isTime) return fromField(typed);
      if (field.many) return typed.split(/\n|,/).map((one) => one.trim()).filter(Boolean);
      // What is no number goes as it is: the problem is told at the field.
      if (field.type === "number") return /^[0-9០-៩]+$/.test(typed) ? Number(typed.replace(/[០-៩]/g, (d) => d.charCodeAt(0) - 0x17e0)) : typed;
      return typed;
    });
    return { control: input, input };
  }

  makeWords(field, id, value, path) {
    const codes = value && !field.codes.includes(value) ? [...field.codes, value] : field.codes;
    const input = el("select", { id }, field.first ? [] : el("option", { value: "" }, t("choose")),
      codes.map((code) => el("option", { value: code }, field.list === "handling" ? code : word(field.list, code))));
    input.value = value ?? field.first ?? "";
    this.readers.set(path, () => input.value || undefined);
    return { control: input, input };
  }

  makeProvinces(field, id, value, path) {
    this.chosen = (value ?? []).map((name) => this.places.byCode.get(name) ?? this.places.bySlug.get(name) ?? this.places.find(name)).filter(Boolean);
    const chips = el("ol.chips");
    const draw = () => chips.replaceChildren(...this.chosen.map((one, at) => {
      const name = this.places.name(one);
      return el("li", { lang: name.lang }, name.text, at ? null : el("small", { lang: language() }, ` ${t("origin")}`),
        el("button.quiet", { type: "button", aria: { label: t("remove-named", { name: name.text }) }, on: { click: () => {
          this.chosen = this.chosen.filter((other) => other !== one);
          draw();
          this.changed();
        } } }, "×"));
    }));
    const { element, input } = combo(id, (typed) => this.places.suggest(typed).filter((one) => !this.chosen.includes(one)).map((one) => {
      const name = this.places.name(one);
      return { value: one, text: name.text, lang: name.lang, hint: name.lang === "km" ? one.english : one.khmer ?? one.code };
    }), (choice) => {
      this.chosen.push(choice.value);
      input.value = "";
      draw();
      this.changed();
    });
    draw();
    this.readers.set(path, () => {
      const names = this.chosen.map((one) => one.code);
      // A name that is none is sent too, so that the writer is told which ones are near.
      if (input.value.trim()) names.push(input.value.trim());
      return names.length ? names : undefined;
    });
    return { control: el("div", {}, chips, element), input };
  }

  makeCrossing(field, id, value, path) {
    const { element, input } = combo(id, (typed) =>
      this.places.suggest(typed, this.places.crossingsOf(this.chosen.map((one) => one.slug))).map((one) => {
        const name = this.places.crossingName(one);
        return { value: one, text: name.text, lang: name.lang, hint: one.counterpart || one.name };
      }), (choice) => {
      input.value = choice.text;
      this.changed();
    }, true);
    input.value = value ?? "";
    this.readers.set(path, () => input.value.trim() || undefined);
    return { control: element, input };
  }

  makeChecks(field, id, value, path) {
    const boxes = field.codes.map((code) => el("input", { type: "checkbox", value: code, checked: (value ?? []).includes(code) }));
    boxes[0].id = id;
    this.readers.set(path, () => {
      const codes = boxes.filter((one) => one.checked).map((one) => one.value);
      return codes.length ? codes : undefined;
    });
    return { control: el("div.checks", {}, boxes.map((one) => el("label", {}, one, word(field.list, one.value)))), input: boxes[0] };
  }

  makeLife(field, id, value, path) {
    const lives = field.hours.map((hours) => el("option", { value: String(hours) }, digits(t(`life.${hours}`))));
    const input = el("select", { id }, value ? el("option", { value: "" }, t("life.same")) : null, lives);
    input.value = value ? "" : "24";
    this.readers.set(path, () => (input.value ? fromField(toField(Date.now() + Number(input.value) * HOUR)) : value));
    return { control: input, input };
  }

  makeTruth(field, id, value, path) {
    const input = el("input", { id, type: "checkbox", checked: Boolean(value) });
    this.readers.set(path, () => (input.checked ? field.value ?? true : undefined));
    return { control: el("label.check", {}, input, t(`hint.${field.hint ?? field.label}`)), input };
  }

  /** The draft as it stands: only what was filled in. */
  draft() {
    const draft = structuredClone(this.rest);
    for (const list of this.lists) set(draft, list.group.list, undefined);
    // Entries are numbered as they stand; taken away ones leave no gap.
    this.numbers = new Map();
    for (const list of this.lists) {
      list.entries.forEach((entry, at) => {
        this.numbers.set(entry.path, `${list.group.list}[${at}]`);
        if (entry.reference) set(draft, `${list.group.list}[${at}].reference`, entry.reference);
      });
    }
    for (const [path, read] of this.readers) {
      const place = this.placeOf(path);
      if (place) set(draft, place, read());
    }
    const { kind, msgType } = draft;
    // Its own section is there though nothing is in it yet: then the program names each field that is missing.
    return msgType === "Cancel" ? prune(draft) : { [kind]: {}, ...prune(draft) };
  }

  /** Where in the draft a field stands; null where its entry was taken away. */
  placeOf(path) {
    const entry = /^(.*\[\d+\])\.(.*)$/.exec(path);
    if (!entry || !this.lists.some((list) => entry[1].startsWith(`${list.group.list}[`))) return path;
    const place = this.numbers?.get(entry[1]);
    return place ? `${place}.${entry[2]}` : null;
  }

  /** Shows problems at their fields, and takes away earlier ones.
   * @returns {object[]} those that belong to no field here */
  problems(list) {
    for (const { note, input } of this.groups.values()) {
      note.hidden = true;
      note.replaceChildren();
      if (input) setAria(input, { invalid: null, describedby: document.getElementById(`${input.id}-hint`) ? `${input.id}-hint` : null });
    }
    const strays = [];
    for (const problem of list) {
      const found = this.fieldAt(problem.field);
      if (!found) {
        strays.push(problem);
        continue;
      }
      found.note.hidden = false;
      found.note.append(el("p", {}, sentence(problem, this.places)));
      if (found.input) setAria(found.input, { invalid: "true", describedby: found.note.id });
      if (found.box.closest("details")) found.box.closest("details").open = true;
    }
    return strays;
  }

  /** The field of a path, or the nearest one above it: `provinces[1]` is told at `provinces`. */
  fieldAt(path) {
    const places = new Map([...this.groups].map(([own, found]) => [this.placeOf(own) ?? own, found]));
    for (let place = path; place; place = place.replace(/(\.[^.[\]]*|\[\d+\])$/, "")) {
      if (places.has(place)) return places.get(place);
      if (!/[.[]/.test(place)) break;
    }
    // An object of which nothing was given is missing as a whole: told at its first field.
    const inside = [...places.keys()].find((own) => own.startsWith(`${path}.`));
    return inside ? places.get(inside) : undefined;
  }

  focusProblem() {
    for (const { note, input, box } of this.groups.values()) {
      if (note.hidden) continue;
      (input ?? box).scrollIntoView({ block: "center" });
      input?.focus();
      return;
    }
  }
}

/** Without what is undefined, and objects and lists with nothing in them. */
function prune(value) {
  if (Array.isArray(value)) return value.map(prune).filter((one) => one !== undefined);
  if (!value || typeof value !== "object") return value;
  const kept = Object.entries(value).map(([key, one]) => [key, prune(one)]).filter(([, one]) => one !== undefined && !(Array.isArray(one) && !one.length));
  return kept.length ? Object.fromEntries(kept) : undefined;
}
