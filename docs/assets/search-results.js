// Turns an entry of the index into a row of plain text. Nothing here touches the page.

import { listNeedles } from "./search-terms.js";

const COMMIT = /^\/(.+)\/commit\/([0-9a-f]{40,64})\.html$/;
const NUMBER = / PR#(\d+)$/;
const DAY = /^\/(.+)\/\d{4}\/\d{2}\/\d{2}\.html$/;
const ACROSS = "days";
const EXCERPT = 180;
const BEFORE = 50;

/** Make a row of an entry that `query` found; `top` is the site's. */
export function makeRow(entry, query, top) {
  const { url, title, text, day, kind = [], importance: [importance] = [], breaking: [breaking] = [] } = entry;
  const [, scope, sha] = COMMIT.exec(url) ?? DAY.exec(url) ?? [];
  const { typed, parts } = listNeedles(query);
  const whole = `${title}\n${text}\n${day}`.toLowerCase();
  const needles = makePattern([...typed, ...parts]);
  return {
    address: new URL(url.slice(1), top).href,
    repository: scope === ACROSS ? undefined : scope,
    sha,
    day,
    kinds: kind,
    importance,
    isBreaking: breaking === "yes",
    // The last that an entry says of its commit, see generator/site/entries.py.
    number: sha && Number(NUMBER.exec(text)?.[1]),
    title: markText(title, needles),
    // A day's text is its repository's name, then its digest.
    excerpt: sha || text !== scope ? markText(cutExcerpt(text, makePattern(typed), needles), needles) : [],
    // Pagefind takes the nearest word where it has not got the one that was typed.
    exact: typed.every((word) => whole.includes(word.toLowerCase())),
  };
}

function makePattern(needles) {
  const escaped = needles.sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return escaped.length ? new RegExp(`(${escaped.join("|")})`, "iu") : null;
}

/** Cut a text into pieces `{text, marked}`. */
function markText(text, pattern) {
  if (!pattern) return [{ text, marked: false }];
  return text
    .split(pattern)
    .map((piece, place) => ({ text: piece, marked: place % 2 === 1 }))
    .filter((piece) => piece.text);
}

function cutExcerpt(text, ...patterns) {
  const places = patterns.map((pattern) => (pattern ? text.search(pattern) : -1));
  const place = places.find((place) => place >= 0) ?? 0;
  const start = place > BEFORE ? Math.max(text.lastIndexOf(" ", place - BEFORE) + 1, place - 2 * BEFORE) : 0;
  const end = start + EXCERPT;
  return (start ? "…" : "") + text.slice(start, end) + (end < text.length ? "…" : "");
}
