// The page for an address that does not exist: says what was looked for, and leads from an address as a code host has it
// to the page of the same commit, day, pull request or repository.

import { readWish } from "./missing-address.js";
import { listRepositories, openIndex } from "./search-engine.js";
import { drawRow, make } from "./search-rows.js";
import { words } from "./search-words.js";

const COMMIT = /\/commit\/[0-9a-f]{40,64}\.html$/;
const STEP = 20;

/** Look for what the address means, and say in `place` what was found. */
export async function findMissing(place, top) {
  const path = readAddress(top);
  if (path) await look(place, top, path);
  // When all is said that will be, for whoever measures it.
  performance.mark("daybook:looked");
}

async function look(place, top, path) {
  const hint = place.textContent;
  place.textContent = words.looking;
  try {
    const wish = readWish(path, await listRepositories(top));
    const found = wish ? await find(wish, top) : {};
    // An address that is in the index and not on the site must not lead to itself.
    if (found.address && found.address !== readPlace()) return location.replace(found.address);
    place.textContent = found.says ?? hint;
    if (wish) place.after(...drawWish(path, wish, top), ...drawRows(found.rows ?? []));
  } catch (error) {
    console.warn(error);
    place.textContent = `${hint} ${words.failed}`;
  }
}

const readPlace = () => location.href.replace(/[?#].*$/, "");

function readAddress(top) {
  const path = readPlace().slice(top.href.length);
  try {
    return decodeURI(path);
  } catch (error) {
    // Anybody may write an address that encodes no text; it means no page, whatever it looks like.
    return "";
  }
}

/** Find the `address` of the page that is meant, or `rows` of several; what it `says` where neither is there. */
async function find(wish, top) {
  if (wish.sha) return findCommit(wish, top);
  if (wish.day) return findDay(wish, top);
  if (wish.number) return findNumber(wish, top);
  return wish.isAll ? { address: locateRepository(wish.repository, top) } : {};
}

async function findCommit({ sha, repository }, top) {
  const index = await openIndex(top);
  const rows = await index.findCommits(sha, repository);
  index.close();
  // The commit of a fork, or of a repository by another name, is shown before it is gone to.
  return repository && rows.length === 1 ? rows[0] : { rows };
}

async function findDay({ day, repository = "days" }, top) {
  const address = new URL(`${encodePath(repository)}/${day.join("/")}.html`, top).href;
  const response = await fetch(address, { method: "HEAD" });
  return response.ok ? { address } : { says: words.noDay };
}

async function findNumber({ number, query, repository }, top) {
  const index = await openIndex(top);
  const search = index.search(query, { repository });
  await search.fill(STEP, () => {});
  index.close();
  const rows = search.rows.filter((row) => row.number === number);
  if (rows.length === 1) return rows[0];
  return { address: locateSearch({ query, repository }, top) };
}

function drawWish(path, wish, top) {
  const search = make("a", "", words.suggest(wish.query));
  search.href = locateSearch(wish, top);
  const links = [make("li", "", search)];
  if (wish.repository) {
    const link = make("a", "", words.suggestRepository(wish.repository));
    link.href = locateRepository(wish.repository, top);
    links.push(make("li", "", link));
  }
  return [make("p", "db-missing", words.asked, make("bdi", "", path)), make("ul", "", ...links)];
}

function drawRows(rows) {
  const commits = rows.filter(({ address }) => COMMIT.test(address)).map((row) => make("li", "", drawRow(row)));
  return commits.length ? [make("p", "", words.several), make("ol", "db-search__list", ...commits)] : [];
}

function locateSearch({ query, repository }, top) {
  return new URL(`search.html?${new URLSearchParams({ q: query, ...(repository && { repository }) })}`, top).href;
}

const locateRepository = (repository, top) => new URL(`${encodePath(repository)}/index.html`, top).href;

const encodePath = (path) => path.split("/").map(encodeURIComponent).join("/");
