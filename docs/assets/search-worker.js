// Searches shards, beside the page: the WebAssembly program of Pagefind is loaded once, and each shard into it.
// What cannot be read is an error here and never "no such word": Pagefind's own loader would not tell the two apart.

import { listWords } from "./search-chunks.js";
import { findPhrase, fold } from "./search-terms.js";

const MARK = new TextEncoder().encode("pagefind_dcd");
// Of the files with words that begin as a term does: the first one has the term itself.
const MOST_CHUNKS = 4;
// With so many results for the words as they were typed, nobody looks for their parts.
const ENOUGH = 10;
// Greater than any character of a word, as Pagefind sorts.
const LAST = "\u{10ffff}";
// As in generator/site/shas.py.
const SHA_DIGITS = 4;
const GO_ON = 255;
// As in generator/site/index_files.py.
const TOGETHER = 4;

const shards = new Map();
const loaded = new Set();
let program = null;

/** Load the program from the folder at the URL `url`. */
async function open(url) {
  const code = `${url}pagefind.js`;
  loaded.add(code);
  const [module, wasm] = await Promise.all([import(code), read(`${url}wasm.unknown.pagefind`, unpack)]);
  await module.default({ module_or_path: wasm.content });
  program = module.default;
}

/** Load what any search of a shard needs; what goes wrong is told to whoever searches it. */
async function prepare(url) {
  await openShard(url).start();
}

/**
 * Find entries of a shard: for each query its places, the best first, or null where a word of it is not in the shard.
 * `nearest` takes the nearest words for those. Of a phrase of several words only the texts know where it stands.
 */
async function find(url, queries, filters, nearest) {
  const shard = openShard(url);
  const before = shard.bytes;
  const [allowed] = await Promise.all([shard.filter(filters), queries.length && shard.start()]);
  const found = [];
  for (const query of queries) {
    if (found[0]?.length >= ENOUGH) break;
    let places = (await shard.has(query, nearest)) || nearest ? shard.search(query) : null;
    if (places && allowed) places = places.filter((place) => allowed.has(place));
    found.push(places && query.isPhrase ? await shard.keepPhrase(places, query) : places);
  }
  return { found, bytes: shard.bytes - before };
}

/** Say whether a shard may have a commit whose SHA begins so; of those without, one in 44 does (1,500 of 65,536). */
async function mayHave(url, sha) {
  const shard = openShard(url);
  const before = shard.bytes;
  const may = (await shard.readShas()).has(Number.parseInt(sha.slice(0, SHA_DIGITS), 16));
  return { may, bytes: shard.bytes - before };
}

/** List the entries of a shard that the filters let through, the newest first; `records` are all it has. */
async function list(url, records, filters) {
  const shard = openShard(url);
  const before = shard.bytes;
  const allowed = await shard.filter(filters);
  const places = allowed ? [...allowed].sort((a, b) => a - b) : [...Array(records).keys()];
  return { found: [places.reverse()], bytes: shard.bytes - before };
}

/** Read entries of a shard. */
async function readEntries(url, places) {
  const shard = openShard(url);
  return Promise.all(places.map((place) => shard.readEntry(place)));
}

/** List the files that were loaded, by their URLs. */
const listLoaded = () => [...loaded];

function openShard(url) {
  if (!shards.has(url)) shards.set(url, new Shard(url));
  return shards.get(url);
}

class Shard {
  constructor(url) {
    this.url = url;
    this.bytes = 0;
    this.pointer = 0;
    this.chunks = new Map();
    this.files = new Map();
  }

  /** Load the shard's list of entries and of words. */
  start() {
    return this.#once("pagefind.pf_meta", unpack).then((meta) => {
      this.pointer ||= program.init_pagefind(meta) || this.#refuse("pagefind.pf_meta");
    });
  }

  /** Load the words that begin as those of a query, and say whether there are any for each of them. */
  async has({ term, isPhrase }, all) {
    const words = term.split(" ");
    const isThere = async (word) => {
      const numbers = this.#findChunks(word, !isPhrase && word === words.at(-1));
      await Promise.all(numbers.map((number) => this.#loadChunk(number)));
      const matches = (known) => (isPhrase ? known === word : known.startsWith(word));
      return numbers.some((number) => this.chunks.get(number).some(matches));
    };
    // The longest is the rarest: where it is missing, the others need not be loaded.
    const [longest, ...others] = [...new Set(words)].sort((a, b) => b.length - a.length);
    if (!(await isThere(longest)) && !all) return false;
    return (await Promise.all(others.map(isThere))).every(Boolean);
  }

  /** Find the places of a query whose words are loaded, the best first. */
  search({ term, original, isPhrase }) {
    // Pagefind would look for a phrase by the places of its words, of which there are none.
    const isWord = isPhrase && !term.includes(" ");
    const answer = JSON.parse(program.search(this.pointer, term, original, "{}", "", isWord, false));
    return answer.results.map((result) => Number(result.p));
  }

  /** Of places that have all words of a phrase, those that have it as it was typed. */
  async keepPhrase(places, { term, typed }) {
    if (!term.includes(" ")) return places;
    const phrase = fold(findPhrase(typed));
    const entries = await Promise.all(places.map((place) => this.readEntry(place)));
    return places.filter((_, number) => fold(`${entries[number].title}\n${entries[number].text}`).includes(phrase));
  }

  /** The places that have one of the values of every facet; null where nothing is filtered. */
  async filter(filters) {
    const sets = await Promise.all(Object.entries(filters).map(([facet, value]) => this.#findPlaces(facet, value)));
    return sets.length ? sets.reduce((all, set) => new Set([...all].filter((place) => set.has(place)))) : null;
  }

  /** The numbers that the SHAs of the shard begin with. */
  readShas() {
    return this.#once("shas.bin", (bytes) => {
      const numbers = new Set();
      let number = 0;
      for (const step of bytes) {
        number += step;
        if (step !== GO_ON) numbers.add(number);
      }
      return numbers;
    });
  }

  async readEntry(place) {
    const together = await this.#once(`entries/${Math.floor(place / TOGETHER)}.bin`, unpackJson);
    return together[place % TOGETHER];
  }

  async #findPlaces(facet, wanted) {
    const values = await this.#once(`filter/${facet}.json`, parse);
    const steps = Object.hasOwn(values, wanted) ? [values[wanted]] : facet === "author" ? findLike(values, wanted) : [];
    const places = new Set();
    for (const list of steps) {
      let place = 0;
      for (const step of list) places.add((place += step));
    }
    return places;
  }

  // Pagefind names the one file in which a word stands, or would; what begins with it may go on in the next, which
  // matters for the word that is still being typed.
  #findChunks(word, isTyped) {
    const ask = (text) => JSON.parse(program.request_indexes(this.pointer, text)).map(Number);
    const numbers = isTyped ? [...ask(word), ...ask(word + LAST)] : ask(word);
    if (!numbers.length) return [];
    const first = Math.min(...numbers);
    const count = Math.min(Math.max(...numbers) - first + 1, MOST_CHUNKS);
    return Array.from({ length: count }, (_, place) => first + place);
  }

  async #loadChunk(number) {
    const path = `index/${number}.pf_index`;
    const content = await this.#once(path, unpack);
    if (this.chunks.has(number)) return;
    this.pointer = program.load_index_chunk(this.pointer, content) || this.#refuse(path);
    this.chunks.set(number, listWords(content));
  }

  #refuse(path) {
    throw new Error(`${this.url}${path} is damaged`);
  }

  // A file is read once; one that could not be read is asked for again the next time.
  #once(path, decode) {
    if (!this.files.has(path)) {
      const reading = read(this.url + path, decode).then(({ content, bytes }) => {
        this.bytes += bytes;
        return content;
      });
      this.files.set(path, reading);
      reading.catch(() => this.files.delete(path));
    }
    return this.files.get(path);
  }
}

/** The lists of all names that hold what somebody typed. */
function findLike(values, typed) {
  const wanted = typed.toLowerCase();
  return Object.keys(values)
    .filter((value) => value.toLowerCase().includes(wanted))
    .map((value) => values[value]);
}

async function read(url, decode) {
  const bytes = await load(url);
  try {
    return { content: await decode(bytes, url), bytes: bytes.length };
  } catch (error) {
    // What was damaged on its way must not stay in the browser.
    return { content: await decode(await load(url, { cache: "reload" }), url), bytes: bytes.length };
  }
}

async function load(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url} answers with ${response.status}`);
  loaded.add(url);
  return new Uint8Array(await response.arrayBuffer());
}

const unpackJson = async (bytes, url) => parse(await unpack(bytes, url));

const parse = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

// A host may have unpacked the file on its way.
async function unpack(bytes, url) {
  const stream = isMarked(bytes) ? null : new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const content = stream ? new Uint8Array(await new Response(stream).arrayBuffer()) : bytes;
  if (!isMarked(content)) throw new Error(`${url} is damaged`);
  return content.subarray(MARK.length);
}

const isMarked = (bytes) => MARK.every((byte, place) => bytes[place] === byte);

const METHODS = { open, prepare, mayHave, find, list, readEntries, listLoaded };

self.addEventListener("message", async ({ data: { id, method, args } }) => {
  try {
    self.postMessage({ id, result: await METHODS[method](...args) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
});
