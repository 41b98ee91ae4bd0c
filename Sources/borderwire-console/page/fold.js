// Texts as searches compare them, by the same rules as the hub's (Sources/Alerts/Search/TextFolding.swift): case, accents and
// unseen characters don't count, coeng DA is coeng TA, and a Khmer syllable's marks are put in one order, since people type the
// same syllable in several. A test compares both.

const COENG = 0x17d2;
const UNSEEN = /[\u0027\u00ad\u02bc\u0300-\u036f\u17b4\u17b5\u200b-\u200f\u2018\u2019\u202a-\u202e\u2060-\u206f\ufeff\uff07]/u;
const LETTERS = { đ: "d", ð: "d", ø: "o", ł: "l", ħ: "h", ı: "i", æ: "ae", œ: "oe", ß: "ss" };
const isAbove = (code) => (code >= 0x17b7 && code <= 0x17ba) || code === 0x17be;

/** Of what a syllable has beside its letter: subscripts with coeng RO last, shifters, vowels, signs. */
function rank(code, under) {
  if (code === COENG) return under === 0 ? 5 : under === 0x179a ? 1 : 0;
  if (code === 0x17c9 || code === 0x17ca) return 2;
  return code >= 0x17b6 && code <= 0x17c5 ? 3 : 4;
}

function syllable(marks) {
  const sort = (list) => list.map((mark, at) => [mark, at]).sort((a, b) => a[0].rank - b[0].rank || a[1] - b[1]).map((pair) => pair[0]);
  let sorted = sort(marks);
  if (sorted.some((mark) => isAbove(mark.code))) {
    // Under a vowel above the letter both shifters look like vowel U, and are typed as that.
    sorted = sort(sorted.map((mark) => ([0x17bb, 0x17c9, 0x17ca].includes(mark.code) ? { code: 0x17ca, rank: 2 } : mark)));
  }
  let text = "";
  for (let at = 0; at < sorted.length; at++) {
    const mark = sorted[at];
    const next = sorted[at + 1]?.code;
    if (mark.code === 0x17c1 && (next === 0x17b6 || next === 0x17b8)) {
      text += next === 0x17b6 ? "\u17c4" : "\u17be";
      at++;
    } else {
      text += String.fromCharCode(mark.code) + (mark.under ? String.fromCharCode(mark.under) : "");
    }
  }
  return text;
}

/** Words parted by single spaces; Khmer runs on without any. */
export function fold(text) {
  let out = "";
  let marks = [];
  let gap = false;
  let afterKhmer = false;
  let afterCoeng = false;
  const finish = () => {
    if (afterCoeng) marks.push({ code: COENG, rank: 5 });
    afterCoeng = false;
    if (marks.length) out += syllable(marks);
    marks = [];
  };
  const begin = (khmer) => {
    finish();
    if (gap && !khmer && !afterKhmer && out) out += " ";
    gap = false;
    afterKhmer = khmer;
  };
  for (const letter of text) {
    const code = letter.codePointAt(0);
    if (UNSEEN.test(letter)) continue;
    if ((code >= 0x1780 && code <= 0x17b3) || code === 0x17dc) {
      if (afterCoeng) {
        marks.push({ code: COENG, rank: rank(COENG, code), under: code === 0x178a ? 0x178f : code });
        afterCoeng = false;
      } else {
        begin(true);
        out += letter;
      }
    } else if ((code >= 0x17b6 && code <= 0x17d3) || code === 0x17dd) {
      if (afterCoeng) marks.push({ code: COENG, rank: 5 });
      afterCoeng = code === COENG;
      if (!afterCoeng) marks.push({ code, rank: rank(code) });
    } else {
      const plain = letter.normalize("NFKD").replace(/[\u0300-\u036f]/gu, "").toLowerCase();
      for (const part of plain) {
        const base = LETTERS[part] ?? digit(part) ?? part;
        if (/[\p{L}\p{M}\p{N}]/u.test(base)) {
          begin(false);
          out += base;
        } else gap = true;
      }
    }
  }
  finish();
  return out;
}

function digit(letter) {
  const code = letter.codePointAt(0);
  for (const zero of [0x17e0, 0x0e50, 0x0ed0]) if (code >= zero && code <= zero + 9) return String(code - zero);
  return null;
}

/** As names of provinces compare: spaces don't count either. */
export const foldName = (name) => fold(name).replaceAll(" ", "");

const SUBSCRIPT_OR_MARK = /^[\u17b6-\u17d3\u17dd]/u;

/** Whether a folded word begins where a word or a syllable does and ends where a syllable does. A number is found anywhere. */
export function occurs(needle, text, compact) {
  if (/\d/.test(needle) && needle.replace(/[^a-z0-9]/g, "").length >= 4 && compact.includes(needle.replaceAll(" ", ""))) return true;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const before = text[at - 1] ?? " ";
    const inWord = /[a-z0-9]/.test(needle[0]) && /[a-z0-9]/.test(before);
    if (!inWord && before !== "\u17d2" && !SUBSCRIPT_OR_MARK.test(text.slice(at + needle.length, at + needle.length + 1))) return true;
  }
  return false;
}
