// What is wrong with a draft, in the reader's language. The program says it in English, with rules that are part of the schema's
// check (Sources/Alerts/Reading); this table tells which rule a sentence is. A test reads the rules' sentences from those sources.
import { digits, has, t } from "./strings.js";

const RULES = [
  ["missing", /^missing$/],
  ["unknown-field", /^unknown field/],
  ["given-twice", /given twice$/],
  ["too-many", /^(?<found>\d+) entries, at most (?<limit>\d+)/],
  ["too-long", /^(?<found>\d+) characters, at most (?<limit>\d+)/],
  ["digits", /^(?<found>\d+) digits, at most (?<limit>\d+)/],
  ["too-large", /^(?<found>\d+) bytes, at most (?<limit>\d+)/],
  ["out-of-range", /^not from (?<least>\d+) to (?<limit>\d+)/],
  ["not-a-number", /^not a whole number/],
  ["not-a-time", /^not a time such as/],
  ["not-recognised", /^empty; say by what/],
  ["origin", /^empty, at least the origin/],
  ["empty", /^empty$/],
  ["control", /control character/],
  ["direction-mark", /turns the writing direction/],
  ["number", /looks like a telephone or document number/],
  ["address", /^an @ in it/],
  ["victim-word", /a word for a victim in it|a victim is not a suspect/],
  ["name", /^perhaps a name beside a word for a victim/],
  ["not-a-name", /^not letters, spaces/],
  ["no-language", /^neither km nor en/],
  ["no-khmer", /^no Khmer letter/],
  ["no-latin", /^no Latin letter/],
  ["expires-early", /^not later than sent/],
  ["expires-late", /^more than a year after/],
  ["expires-past", /^already past/],
  ["later-than-sent", /^later than sent/],
  ["sent-ahead", /^more than a day after this post/],
  ["handling-minor", /someone in it may be under 18/],
  ["unknown-province", /^no province is called so; the nearest are (?<names>.*)/],
  ["unknown-crossing", /^none of the alert's provinces has one called so; the nearest are (?<names>.*); another/],
  ["less-than-min", /^less than min/],
  ["more-than-people", /^more than people/],
  ["plate", /^not a plate's|^not letters, digits, spaces/],
  ["document", /^not a document's number|^not \d+ to \d+ capital letters/],
  ["country", /^not a country's code/],
  ["reference", /^not one that borderwire-post has made/],
  ["name-alone", /^a name alone/],
  ["not-a-word", /^not one of/],
  ["references", /^empty, but msgType|beside the alert that it answers/],
  ["not-granted", /grant|may not publish/],
];

/** @param {{field: string, rule?: string, message: string, found?, limit?}} problem */
export function sentence(problem, places) {
  const { field, message, ...facts } = problem;
  const [rule, pattern] = RULES.find(([code, form]) => code === problem.rule || form.test(message ?? "")) ?? [];
  if (!rule || !has(`problem.${rule}`)) return message ?? problem.rule;
  const values = { ...facts, ...pattern.exec(message ?? "")?.groups };
  for (const key of ["found", "limit", "least"]) if (values[key] !== undefined) values[key] = digits(values[key]);
  if (values.names && places) {
    values.names = values.names.split(", ").map((name) => {
      const province = places.find(name);
      const crossing = places.crossings.find((one) => one.name === name);
      return rule === "unknown-crossing" && crossing ? places.crossingName(crossing).text : province ? places.name(province).text : name;
    }).join(", ");
  }
  return t(`problem.${rule}`, values);
}
