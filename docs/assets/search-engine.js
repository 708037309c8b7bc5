// Asks the index, and turns what it answers into plain text. Nothing here touches the page.

import { findSha, listNeedles, makeQueries, makeShaTerms, readText } from "./search-terms.js";

const COMMIT = /^\/(.+)\/commit\/([0-9a-f]{40,64})\.html$/;
const DAY = /^\/(.+)\/\d{4}\/\d{2}\/\d{2}\.html$/;
const EXCERPT = 180;
const BEFORE = 50;
// More than these begin with one short SHA only in an archive of millions.
const MOST_SHAS = 50;

/** Open the index of the site whose top is at the URL `top`. */
export async function openIndex(top) {
  const pagefind = await import(new URL("assets/search/pagefind.js", top).href);
  // On a Chinese page Pagefind would cut the query by a dictionary, and search-terms.js has cut it already.
  // It reads the page's language once, before init() first waits.
  const page = document.documentElement;
  const language = page.lang;
  page.lang = "en";
  const started = pagefind.init();
  page.lang = language;
  await started;
  return new Index(pagefind, top);
}

class Index {
  constructor(pagefind, top) {
    this.pagefind = pagefind;
    this.top = top;
  }

  /** Every value of every facet, with the number of entries that have it. */
  readFacets() {
    return this.pagefind.filters();
  }

  /** Find what matches `query` and `filters`; an empty query matches everything. */
  async search(query, filters = {}) {
    const sha = findSha(query);
    if (sha) {
      const shas = await this.#searchSha(sha, filters);
      if (shas.count) return shas;
    }
    const queries = query.trim() ? makeQueries(query) : [null];
    const answers = await Promise.all(queries.map((terms) => this.pagefind.search(terms, { filters })));
    return new Found(mix(answers.map((answer) => answer.results)), query, this.top);
  }

  /** Find the commits whose SHA begins with `sha`, in one repository or in all. */
  async findCommits(sha, repository) {
    const found = await this.#searchSha(sha.toLowerCase(), repository ? { repository } : {});
    return found.read(0, MOST_SHAS);
  }

  async #searchSha(sha, filters) {
    const { results } = await this.pagefind.search(makeShaTerms(sha), { filters });
    const all = new Found(results.slice(0, MOST_SHAS), sha, this.top);
    const rows = await all.read(0, MOST_SHAS);
    return new Found(results.filter((_, place) => rows[place].sha?.startsWith(sha)), sha, this.top);
  }
}

class Found {
  constructor(results, query, top) {
    this.results = results;
    this.query = query;
    this.top = top;
  }

  get count() {
    return this.results.length;
  }

  /** Read some of the results, each as a row of plain text. */
  async read(start, end) {
    const answers = await Promise.all(this.results.slice(start, end).map((result) => result.data()));
    return answers.map((answer) => makeRow(answer, this.query, this.top));
  }
}

/** Mix ranked lists: first all first places, then all second ones; nothing twice. */
function mix(lists) {
  const mixed = new Map();
  const longest = Math.max(...lists.map((list) => list.length));
  for (let place = 0; place < longest; place++) {
    for (const list of lists) {
      const result = list[place];
      if (result && !mixed.has(result.id)) mixed.set(result.id, result);
    }
  }
  return [...mixed.values()];
}

function makeRow(answer, query, top) {
  const address = answer.raw_url ?? answer.url;
  const [, repository, sha] = COMMIT.exec(address) ?? DAY.exec(address) ?? [];
  const title = readText(answer.meta.title);
  const text = readText(answer.content);
  const { typed, parts } = listNeedles(query);
  const whole = `${title}\n${text}\n${answer.meta.day}`.toLowerCase();
  const needles = makePattern([...typed, ...parts]);
  return {
    address: new URL(address.slice(1), top).href,
    repository,
    sha,
    day: answer.meta.day,
    kinds: answer.filters.kind ?? [],
    importance: answer.filters.importance?.[0],
    title: markText(title, needles),
    excerpt: sha ? markText(cutExcerpt(text, makePattern(typed), needles), needles) : [],
    // Pagefind takes the nearest word where it has not got the one that was typed.
    exact: Boolean(sha?.startsWith(query)) || typed.every((word) => whole.includes(word.toLowerCase())),
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
