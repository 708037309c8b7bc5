// The page for an address that does not exist: leads from a short SHA, or from an address without `.html`, to its commit.

import { openIndex } from "./search-engine.js";
import { drawRow, make } from "./search-rows.js";
import { words } from "./search-words.js";

const COMMIT = /^(.+)\/commit\/([0-9a-f]{4,64})(?:\.html)?$/i;

/** Look for the commit that the address means, and say in `place` what was found. */
export async function findMissing(place, top) {
  const path = decodeURI(location.href.slice(top.href.length).replace(/[?#].*$/, ""));
  const [, repository, sha] = COMMIT.exec(path) ?? [];
  if (!sha) return;
  const hint = place.textContent;
  place.textContent = words.looking;
  try {
    const index = await openIndex(top);
    showCommits(place, hint, await index.findCommits(sha, repository));
  } catch (error) {
    console.warn(error);
    place.textContent = `${hint} ${words.failed}`;
  }
}

function showCommits(place, hint, rows) {
  if (rows.length === 1) location.replace(rows[0].address);
  else if (rows.length) place.replaceChildren(words.several, make("ol", "db-search__list", ...rows.map((row) => make("li", "", drawRow(row)))));
  else place.textContent = hint;
}
