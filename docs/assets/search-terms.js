// Cuts a query as generator/site/words.py cuts what is archived; the two must agree.

const CJK = /[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{323af}]+/gu;
const CJK_ONLY = new RegExp(`^${CJK.source}$`, "u");
const PUNCTUATION =
  /[\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u2190-\u2bff\u2e00-\u2e7f\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+/gu;
const ONLY_PUNCTUATION = new RegExp(`^${PUNCTUATION.source}$`, "u");
const OPENING_QUOTE = /^[\u2018\u201c]/u;
const CLOSING_QUOTE = /[\u201d]$/u;
const SEPARATOR = "·";
const NO_WORD = /[^\p{Alphabetic}\p{Number}]+/gu;
// Pagefind keeps `_` inside a word, and drops all other marks.
const DROPPED = /[^\p{Alphabetic}\p{Number}_]+/gu;

const SHA = /^[0-9a-f]{7,64}$/i;
const NUMBER = /^(?:pr\s?#?|mr\s?!?|#|!)(\d+)$/i;
const COMMIT_ADDRESS = /^https?:\/\/\S+\/commit\/([0-9a-f]{7,64})\b/i;
const NUMBER_ADDRESS = /^https?:\/\/\S+\/(?:pull|issues|merge_requests)\/(\d+)\b/i;
const SHA_LENGTH = 12;

/** The SHA that a query asks for, in small letters; null when it asks for something else. */
export function findSha(query) {
  const text = query.trim();
  const sha = COMMIT_ADDRESS.exec(text)?.[1] ?? (SHA.test(text) ? text : null);
  return sha && sha.toLowerCase();
}

/** The terms by which the index knows a SHA. */
export const makeShaTerms = (sha) => sha.slice(0, SHA_LENGTH);

/**
 * What to ask the index for, in the order of trust.
 *
 * An identifier is archived whole and in its parts, so `table_size` inside `block_table_size` is found by its
 * parts alone, and `v0.7.4` only as a whole.
 */
export function makeQueries(query) {
  const text = query.trim();
  const number = findNumber(text);
  if (number) return [`"pr${number}"`, `"${number}"`];
  const quote = /^"[^"]+"$/.test(text) ? '"' : "";
  const words = cut(text);
  const whole = words.map((word) => word.replace(DROPPED, ""));
  const parts = words.flatMap(splitWord);
  const queries = [whole, parts].map((terms) => terms.filter(Boolean).join(" ")).filter(Boolean);
  return [...new Set(queries)].map((terms) => quote + terms + quote);
}

/** A query as Pagefind compares it with its words: in small letters, and without the marks on letters. */
export function normalise(query) {
  const original = query.replace(/"/g, "").toLowerCase();
  return { original, term: original.normalize("NFD").replace(/\p{M}/gu, ""), isPhrase: query.startsWith('"') };
}

/** What to mark in a result: the words as they were typed, then their parts. */
export function listNeedles(query) {
  const named = findNumber(query.trim()) ?? findSha(query)?.slice(0, SHA_LENGTH);
  if (named) return { typed: [named], parts: [] };
  const typed = query.replace(/"/g, " ").split(/\s+/);
  const parts = cut(query).flatMap(splitWord).filter((part) => part.length > 1);
  return { typed: typed.filter(Boolean), parts };
}

const findNumber = (text) => NUMBER.exec(text)?.[1] ?? NUMBER_ADDRESS.exec(text)?.[1];

function cut(text) {
  const spaced = text.normalize("NFC").replace(PUNCTUATION, " ").replace(CJK, (run) => ` ${cutRun([...run])} `);
  return spaced.replace(/\//g, " ").split(/\s+/).filter(Boolean);
}

// A run of one character is found by the pairs that it begins.
const cutRun = (run) => (run.length < 2 ? run : run.slice(1).map((second, place) => run[place] + second)).join(" ");

// Pagefind archives no part of a single character.
function splitWord(word) {
  if (CJK_ONLY.test(word)) return [word];
  const parts = word
    .replace(NO_WORD, " ")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replace(/(\p{L})(\p{N})|(\p{N})(\p{L})/gu, "$1$3 $2$4")
    .toLowerCase()
    .split(" ");
  return parts.length > 1 ? parts.filter((part) => part.length > 1) : parts;
}

/** The text that archived words were cut from. */
export function readText(content) {
  let text = "";
  let before = "";
  for (const word of content.split(" ")) {
    const isCjk = CJK_ONLY.test(word);
    const shown = isCjk ? [...word][0] : word;
    text += (text && needsSpace(before, word, isCjk) ? " " : "") + shown;
    before = word;
  }
  return text;
}

function needsSpace(before, word, isCjk) {
  // Between two texts of one commit, see `_SEPARATOR` in generator/site/entries.py.
  if (before === SEPARATOR || word === SEPARATOR) return true;
  // A quote stands apart from the words around it, as the rules write English; Chinese has no spaces there.
  if (OPENING_QUOTE.test(word)) return !CJK_ONLY.test(before) && !ONLY_PUNCTUATION.test(before);
  if (CLOSING_QUOTE.test(before)) return !isCjk && /^[\p{L}\p{N}]/u.test(word);
  if (before.endsWith("/") || ONLY_PUNCTUATION.test(before) || ONLY_PUNCTUATION.test(word)) return false;
  return !(isCjk && CJK_ONLY.test(before));
}
