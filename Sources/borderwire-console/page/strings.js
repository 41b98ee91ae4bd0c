// The page's own words, in the reader's language. No word of the page stands elsewhere. Each language has two files: what one sees first,
// and what the panel says, which comes with it.

const KHMER_ZERO = 0x17e0;
const parts = [""];
let words = {};

/** What the reader has chosen. Choices only: nothing of an alert is ever kept by the browser. */
export const choices = {
  get(name, otherwise) {
    try {
      return localStorage.getItem(name) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // A browser that keeps nothing still shows everything.
    }
  },
};

export const language = () => document.documentElement.lang;

const file = async (code, part) => (await fetch(`/page/strings/${code}${part}.json`)).json();

/** Further words, in whatever language is spoken. */
export async function learnWords(part) {
  if (parts.includes(part)) return;
  parts.push(part);
  Object.assign(words, await file(language(), part));
}

export async function speak(code) {
  words = Object.assign({}, ...(await Promise.all(parts.map((part) => file(code, part)))));
  document.documentElement.lang = code;
  document.title = words["app.title"];
  translate(document);
}

/** A sentence by its key, with {name} filled in. A missing one shows its key, and a test finds it. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const has = (key) => key in words;

/** The reader's word for a word of a code list: word("severity", "Severe"). What has none is shown as it is. */
export const word = (list, code) => words[`${list}.${code}`] ?? code;

/** A number or a date in the digits that the reader chose. Never for what an alert says: a plate stays as it was written. */
export function digits(text) {
  const plain = String(text);
  if (language() !== "km" || choices.get("digits", "latin") !== "khmer") return plain;
  return plain.replace(/[0-9]/g, (digit) => String.fromCharCode(KHMER_ZERO + Number(digit)));
}

/** Fills in what the document itself says: data-t is the text, data-t-label the aria-label, data-t-hint the placeholder. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
    element.title = t(element.dataset.tLabel);
  }
  for (const element of root.querySelectorAll("[data-t-hint]")) element.placeholder = t(element.dataset.tHint);
}

/** A text of an alert in the reader's language where it has one, else in the other: {text, lang}, or null. */
export function inLanguage(text) {
  if (!text) return null;
  const other = language() === "km" ? "en" : "km";
  const lang = text[language()] ? language() : other;
  return text[lang] ? { text: text[lang], lang } : null;
}
