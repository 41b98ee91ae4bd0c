// What the forms ask, in which order. A field's path is its place in the draft (borderwire-alert(5)), which problems name too.

const words = (path, list, codes, more = {}) => ({ path, type: "words", list, codes, ...more });
const text = (path, most, more = {}) => ({ path, type: "text", most, ...more });
const number = (path, more = {}) => ({ path, type: "number", ...more });

const SEX = ["female", "male", "other", "unknown"];
const MODE = ["road", "river", "sea", "foot", "air"];
const DIRECTION = ["in", "out", "internal", "unknown"];
const COUNTRY = ["KH", "TH", "VN", "LA", "CN", "MM", "PH", "MY", "ID", "BD", "IN", "TW", "KR", "JP"];

const VEHICLE = [
  "car", "pickup", "van", "bus", "lorry", "motorcycle", "three-wheeler", "bicycle", "tractor", "train", "boat", "ship", "aircraft", "other",
];
const ROLE = [
  "recruiter", "broker", "transporter", "smuggler", "harbourer", "exploiter", "abuser", "kidnapper", "travelling-partner", "other",
];

const vehicle = (path) => ({
  group: "vehicle", folded: true, fields: [
    words(`${path}.vehicle.type`, "vehicle", VEHICLE),
    text(`${path}.vehicle.plate`, 16, { label: "plate", code: true }),
    text(`${path}.vehicle.colour`, 40, { label: "colour" }),
    text(`${path}.vehicle.make`, 40, { label: "make" }),
  ],
});

const people = (path) => [number(`${path}.people`), number(`${path}.minors`, { hint: "minors" })];

const grade = {
  group: "grade", fields: [
    words("severity", "severity", ["Extreme", "Severe", "Moderate", "Minor", "Unknown"], { needed: true }),
    words("urgency", "urgency", ["Immediate", "Expected", "Future", "Past", "Unknown"], { first: "Unknown" }),
    words("certainty", "certainty", ["Observed", "Likely", "Possible", "Unlikely", "Unknown"], { first: "Unknown" }),
  ],
};

const where = { group: "where", fields: [{ path: "provinces", type: "provinces", needed: true }, { path: "crossing", type: "crossing" }] };

const headlines = { group: "headline", path: "headline", fields: [text("headline.km", 160, { lang: "km" }), text("headline.en", 160, { lang: "en" })] };

const description = {
  group: "description", folded: true, path: "description", fields: [
    text("description.km", 4000, { lang: "km", lines: true }), text("description.en", 4000, { lang: "en", lines: true }),
  ],
};

const atRisk = {
  group: "at-risk", list: "atRisk", most: 50, hint: "at-risk", fields: [
    words("role", "at-risk", ["possible-victim", "victim"], { first: "possible-victim" }),
    number("count", { first: "1" }),
    words("ageBand", "age", ["unknown", "0-11", "12-15", "16-17", "18-24", "25-59", "60+"], { first: "unknown" }),
    words("sex", "sex", SEX, { first: "unknown" }),
    words("languageNeed", "tongue", ["vi", "th", "lo", "zh", "my", "en", "km"]),
  ],
};

const rules = {
  group: "rules", folded: true, fields: [
    { path: "expires", type: "life", hours: [6, 12, 24, 72, 168, 720] },
    words("handling", "handling", ["TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN"], { first: "TLP:AMBER+STRICT" }),
  ],
};

export const FORMS = {
  suspect: [
    grade, where, headlines,
    { group: "suspect", fields: [
      words("suspect.role", "role", ROLE, { needed: true }),
      text("suspect.aliases", 800, { label: "aliases", many: true, hint: "aliases" }),
      words("suspect.sex", "sex", SEX),
      number("suspect.ageRange.min", { label: "age-min" }), number("suspect.ageRange.max", { label: "age-max" }),
      words("suspect.nationality", "country", COUNTRY, { label: "nationality" }),
      text("suspect.marks", 400, { label: "marks", lines: true }),
    ] },
    { group: "documents", list: "suspect.documents", most: 5, fields: [
      words("type", "document", ["passport", "identity-card", "border-pass", "residence-permit", "driving-licence", "other"], { first: "passport" }),
      words("country", "country", COUNTRY, { first: "KH" }),
      text("number", 24, { code: true }),
    ] },
    vehicle("suspect"), description, atRisk, rules,
  ],
  movement: [
    grade, where, headlines,
    { group: "movement", fields: [
      words("movement.mode", "mode", MODE, { needed: true }), words("movement.direction", "direction", DIRECTION, { needed: true }),
      text("movement.from", 120, { label: "from" }), text("movement.towards", 120, { label: "towards" }),
      ...people("movement"),
      { path: "movement.lastSeen.time", type: "time", label: "last-seen" }, text("movement.lastSeen.place", 120, { label: "last-seen-place" }),
    ] },
    vehicle("movement"), atRisk, description, rules,
  ],
  sighting: [
    { group: "sighting", fields: [
      words("sighting.outcome", "outcome", ["seen", "checked", "stopped", "protected", "not-seen", "mistaken"], { needed: true }),
      { path: "sighting.identifiers", type: "checks", list: "identifier", codes: ["plate", "document", "vessel", "appearance", "name"] },
      { path: "sighting.time", type: "time", label: "time", now: true, needed: true },
      text("sighting.place", 120, { label: "place" }),
      words("sighting.action", "action", ["inform", "discreet", "inquiry", "specific", "locate", "protect"]),
    ] },
    where,
    { group: "more", folded: true, fields: [
      words("sighting.mode", "mode", MODE), words("sighting.direction", "direction", DIRECTION),
      text("sighting.towards", 120, { label: "towards" }), ...people("sighting"),
      { path: "sighting.share", type: "truth", label: "share" },
    ] },
    vehicle("sighting"), { ...headlines, folded: true }, description, { ...grade, folded: true }, atRisk, rules,
  ],
  cancel: [headlines, description, { group: "cancel", fields: [{ path: "resolution", type: "truth", value: "safe", label: "resolution", hint: "resolution" }] }],
};
