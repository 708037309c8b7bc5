// The index of the site: its list of shards, the newest first, and the worker that searches them. Nothing here touches
// the page.

import { keepOffline } from "./search-offline.js";
import { Search } from "./search-shards.js";

const LISTING = "shards.json";

/** Open the index of the site whose top is at the URL `top`. */
export async function openIndex(top) {
  const index = new Index(top);
  try {
    await index.renew();
  } catch (error) {
    index.close();
    throw error;
  }
  return index;
}

/** Name the repositories that can be searched, without loading anything else of the index. */
export async function listRepositories(top) {
  const response = await fetchFile(new URL(LISTING, locateFolder(top)));
  return (await response.json()).repositories;
}

class Index {
  constructor(top) {
    this.top = top;
    this.folder = locateFolder(top);
    this.listing = null;
    this.text = "";
    this.isKept = false;
  }

  /** Read the list of shards again; say whether it is another one. */
  async renew() {
    const response = await fetchFile(this.folder + LISTING);
    const text = await response.text();
    if (text === this.text) return false;
    const listing = JSON.parse(text);
    if (listing.programs !== this.listing?.programs) await this.#start(listing);
    this.text = text;
    this.listing = listing;
    const newest = listing.shards[0];
    if (newest) this.worker.ask("prepare", this.#locate(newest)).catch(() => {});
    return true;
  }

  /** Every facet's values with the number of entries that have them; of many authors the most frequent. */
  async readFacets() {
    const response = await fetchFile(this.folder + this.listing.facets);
    const years = new Map();
    for (const { first, records } of this.listing.shards) {
      const year = first.slice(0, 4);
      years.set(year, (years.get(year) ?? 0) + records);
    }
    return { ...(await response.json()), year: [...years] };
  }

  /** Begin to search for what matches `query` and `filters`; an empty query matches everything, the newest first. */
  search(query, filters = {}, order = "") {
    return new Search(this, query, filters, order);
  }

  /** Find the commits whose SHA begins with `sha`, in one repository or in all; an error where a shard was not read. */
  async findCommits(sha, repository) {
    const search = this.search(sha, repository ? { repository } : {});
    search.sha = sha.toLowerCase();
    await search.findNamed();
    if (!search.rows.length && search.failed.length) throw new Error("not every shard could be read");
    return search.rows;
  }

  /** The shards that may hold what the filters let through, each with its address; no shard is of two years. */
  findShards({ year, repository }) {
    const number = this.listing.repositories.indexOf(repository);
    return this.listing.shards
      .filter((shard) => !year || shard.first.startsWith(`${year}-`))
      .filter((shard) => !repository || shard.repositories.includes(number))
      .map((shard) => ({ ...shard, url: this.#locate(shard) }));
  }

  /** Keep what was loaded so far, and what is from now on, for when there is no network. */
  async keep() {
    if (this.isKept) return;
    this.isKept = true;
    await keepOffline(this.top, async () => {
      const facets = this.folder + this.listing.facets;
      return [facets, ...(await this.worker.ask("listLoaded"))];
    });
  }

  /** Let go of the program and of all it has loaded. */
  close() {
    this.worker?.stop();
  }

  async #start(listing) {
    this.close();
    this.worker = new Caller();
    await this.worker.ask("open", `${this.folder}${listing.programs}/`);
  }

  #locate(shard) {
    return `${this.folder}${shard.name}/`;
  }
}

const locateFolder = (top) => new URL("assets/search/", top).href;

async function fetchFile(url) {
  // The list alone keeps its address when it changes.
  const response = await fetch(url, String(url).endsWith(LISTING) ? { cache: "no-cache" } : {});
  if (!response.ok) throw new Error(`${url} answers with ${response.status}`);
  return response;
}

/** Asks the worker, and waits for its answers. */
class Caller {
  constructor() {
    this.waiting = new Map();
    this.number = 0;
    this.worker = new Worker(new URL("search-worker.js", import.meta.url), { type: "module" });
    this.worker.addEventListener("message", ({ data }) => this.#answer(data));
    this.worker.addEventListener("error", (event) => this.stop(event.message ?? "the search program could not be loaded"));
  }

  ask(method, ...args) {
    return new Promise((resolve, reject) => {
      const id = ++this.number;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, args });
    });
  }

  stop(reason = "the search program was stopped") {
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(new Error(reason));
    this.waiting.clear();
  }

  #answer({ id, result, error }) {
    const { resolve, reject } = this.waiting.get(id) ?? {};
    this.waiting.delete(id);
    if (error === undefined) resolve?.(result);
    else reject?.(new Error(error));
  }
}
