// Cuts a query as generator/site/words.py cuts what is archived; the two must agree.

const CJK = /[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{323af}]+/gu;
const CJK_ONLY = new RegExp(`^${CJK.source}$`, "u");
const PUNCTUATION =
  /[\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u2190-\u2bff\u2e00-\u2e7f\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+/gu;
const NO_WORD = /[^\p{Alphabetic}\p{Number}]+/gu;
// A whole word keeps its `_`, and no other mark.
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
  const quote = findPhrase(text) ? '"' : "";
  const words = cut(text);
  const whole = words.map((word) => word.replace(DROPPED, "").toLowerCase());
  const parts = words.flatMap(splitWord);
  const queries = [whole, parts].map((terms) => terms.filter(Boolean).join(" ")).filter(Boolean);
  return [...new Set(queries)].map((terms) => quote + terms + quote);
}

/** A query as Pagefind compares it with its words: in small letters, and without the marks on letters. */
export function normalise(query) {
  const original = query.replace(/"/g, "").toLowerCase();
  return { original, term: plain(original), isPhrase: query.startsWith('"') };
}

/** What stands between quotes where that is all of a query; null where it is not. */
export const findPhrase = (query) => /^"([^"]+)"$/.exec(query.trim())?.[1] ?? null;

/** A text as a phrase is compared with it: small letters without marks, and without spaces, of which Chinese has none. */
export const fold = (text) => plain(text.toLowerCase()).replace(/\s+/g, "");

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "");

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

// No part of a single character is archived, see generator/site/terms.py.
function splitWord(word) {
  if (CJK_ONLY.test(word)) return [word];
  const parts = word
    .replace(NO_WORD, " ")
    .replace(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, " ")
    .replace(/(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/gu, " ")
    .toLowerCase()
    .split(" ");
  return parts.length > 1 ? parts.filter((part) => part.length > 1) : parts;
}
