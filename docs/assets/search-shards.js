// One search, shard by shard from the newest on: results of one before those of the next older one.

import { makeRow } from "./search-results.js";
import { findSha, makeQueries, makeShaTerms, normalise } from "./search-terms.js";

// At most so many shards at once after the newest one, which often has enough.
const BATCH = 3;
// So much of the index is loaded for one step of a search; a reader who wants older results says so.
const MOST_BYTES = 150_000;
// Where rows enough are there and none has all that was typed, so many of each older shard are looked at.
const PROBE = 4;
// So many shards at once are asked whether they may have a commit: 3 KB each.
const SHA_BATCH = 8;
// More than these begin with one short SHA only in an archive of millions.
const MOST_SHAS = 50;

export class Search {
  /** `order` is of what has a shard's words: empty for the best first, or `newest`. */
  constructor(index, query, filters, order = "") {
    this.index = index;
    this.query = query.trim();
    this.filters = filters;
    this.isByDay = order === "newest";
    this.sha = findSha(this.query);
    const queries = this.sha ? [makeShaTerms(this.sha)] : this.query ? makeQueries(this.query) : [];
    this.queries = queries.map((query) => ({ ...normalise(query), typed: this.query }));
    this.isRenewed = false;
    this.#begin();
  }

  /** How many results the shards that were searched have. */
  get count() {
    return this.answers.reduce((sum, answer) => sum + answer.places.length, 0);
  }

  /** What was read: first the rows with all that was typed, where there are none the nearest. */
  get best() {
    if (!this.rows.length) return this.near;
    return [...this.rows.filter((row) => row.exact), ...this.rows.filter((row) => !row.exact)];
  }

  get hasExact() {
    return this.rows.some((row) => row.exact);
  }

  /** The day from which on all shards were searched; null where all were, or what was looked for is found. */
  get since() {
    return this.isOver ? null : this.oldest;
  }

  get isOver() {
    return !this.left.length;
  }

  /**
   * Read results until there are `wanted` rows, or as much of the index was loaded as one step may.
   *
   * `show` is called when there is something to show and the search goes on.
   */
  async fill(wanted, show) {
    let spent = 0;
    if (this.sha) await this.findNamed();
    for (;;) {
      await this.#readEach(this.answers, () => wanted - this.rows.length);
      const isEnough = this.rows.length >= wanted && this.hasExact;
      if (isEnough || this.isOver || spent >= MOST_BYTES) break;
      if (this.rows.length) show();
      const { fresh, bytes } = await this.#searchNext(MOST_BYTES - spent);
      spent += bytes;
      if (this.rows.length >= wanted) await this.#readEach(fresh, () => PROBE);
    }
    await this.#readNearest(wanted);
  }

  /** Find the commits whose SHA begins as asked: through the shards from the newest on, until there is one. */
  async findNamed() {
    for (const shards = [...this.unnamed]; shards.length; ) {
      const batch = shards.splice(0, SHA_BATCH);
      const tried = await Promise.allSettled(batch.map((shard) => this.#findNamedIn(shard)));
      if (await this.#noteBroken(batch, tried)) return this.findNamed();
      this.unnamed = shards;
      const answers = tried.map(({ value }) => value).filter((answer) => answer?.places.length);
      if (!answers.length) continue;
      this.answers = answers;
      this.left = [];
      this.unnamed = [];
      return this.#readEach(answers, () => MOST_SHAS);
    }
  }

  #begin() {
    this.left = this.index.findShards(this.filters);
    this.unnamed = [...this.left];
    this.newest = this.left[0];
    this.oldest = null;
    this.dearest = 1;
    this.answers = [];
    this.rows = [];
    this.near = [];
    this.failed = [];
  }

  async #searchNext(mostBytes) {
    // Of a shard that was not searched yet only a guess can be made of what it costs.
    const number = this.oldest ? Math.min(BATCH, Math.max(1, Math.floor(mostBytes / this.dearest))) : 1;
    const batch = this.left.splice(0, number);
    const tried = await Promise.allSettled(batch.map((shard) => this.#searchShard(shard)));
    if (await this.#noteBroken(batch, tried)) return { fresh: [], bytes: 0 };
    this.oldest = batch.at(-1).first;
    const fresh = tried.map(({ value }) => value).filter((answer) => answer);
    this.answers.push(...fresh);
    this.dearest = Math.max(this.dearest, ...fresh.map((answer) => answer.bytes));
    return { fresh, bytes: fresh.reduce((sum, answer) => sum + answer.bytes, 0) };
  }

  async #searchShard(shard) {
    const { worker } = this.index;
    const { found, bytes } = this.query
      ? await worker.ask("find", shard.url, this.queries, this.#narrow(), false)
      : await worker.ask("list", shard.url, shard.records, this.#narrow());
    return { shard, places: this.isByDay ? sortByDay(found) : mix(found), bytes, next: 0 };
  }

  async #findNamedIn(shard) {
    const { worker } = this.index;
    const { may } = await worker.ask("mayHave", shard.url, this.sha);
    if (!may) return null;
    const { found } = await worker.ask("find", shard.url, [normalise(makeShaTerms(this.sha))], this.#narrow(), false);
    const places = mix(found).slice(0, MOST_SHAS);
    const entries = await worker.ask("readEntries", shard.url, places);
    return { shard, places: places.filter((_, place) => entries[place].url.includes(`/commit/${this.sha}`)), next: 0 };
  }

  /** Note which shards could not be read; say whether all is begun again instead. */
  async #noteBroken(batch, tried) {
    const broken = batch.filter((_, place) => tried[place].status === "rejected");
    if (broken.length && (await this.#renew(tried.find(({ reason }) => reason).reason))) return true;
    this.failed.push(...broken.filter((shard) => !this.failed.includes(shard)));
    return false;
  }

  async #readEach(answers, count) {
    const begun = this.answers;
    for (const answer of answers) {
      await this.#read(answer, count());
      // The search was begun again, and what was found before is of no use.
      if (begun !== this.answers) return;
    }
  }

  async #read(answer, number) {
    const places = answer.places.slice(answer.next, answer.next + Math.max(number, 0));
    if (!places.length) return;
    try {
      const entries = await this.index.worker.ask("readEntries", answer.shard.url, places);
      answer.next += places.length;
      this.rows.push(...entries.map((entry) => makeRow(entry, this.query, this.index.top)));
    } catch (error) {
      if (await this.#renew(error)) return;
      answer.places = answer.places.slice(0, answer.next);
      this.failed.push(answer.shard);
    }
  }

  // Where no shard has the words, the newest one's nearest are better than nothing.
  async #readNearest(wanted) {
    this.near = [];
    if (this.count || !this.queries.length || !this.newest || this.failed.includes(this.newest)) return;
    const { worker, top } = this.index;
    try {
      const { found } = await worker.ask("find", this.newest.url, this.queries, this.#narrow(), true);
      const entries = await worker.ask("readEntries", this.newest.url, mix(found).slice(0, wanted));
      this.near = entries.map((entry) => makeRow(entry, this.query, top));
    } catch (error) {
      console.info(error);
      this.failed.push(this.newest);
    }
  }

  // The filters that do not say which shards to search.
  #narrow() {
    return Object.fromEntries(Object.entries(this.filters).filter(([facet]) => facet !== "year"));
  }

  // A shard that has gone was replaced since the list was read: once, everything is begun again with a new list.
  async #renew(error) {
    console.info(error);
    if (this.isRenewed) return false;
    this.isRenewed = true;
    if (!(await this.index.renew())) return false;
    this.#begin();
    return true;
  }
}

/** Put lists of places one after the other, each with its newest day first; nothing twice. */
function sortByDay(lists) {
  const sorted = lists.filter((list) => list).map((list) => [...list].sort((one, other) => other - one));
  return [...new Set(sorted.flat())];
}

/** Mix ranked lists: first all first places, then all second ones; nothing twice. */
function mix(lists) {
  const known = lists.filter((list) => list);
  const mixed = new Set();
  const longest = Math.max(0, ...known.map((list) => list.length));
  for (let place = 0; place < longest; place++) {
    for (const list of known) if (place < list.length) mixed.add(list[place]);
  }
  return [...mixed];
}
