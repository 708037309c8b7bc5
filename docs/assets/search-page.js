// The search page: the same index with facets, and the whole question in the page's address.

import { openIndex } from "./search-engine.js";
import { drawRow, make } from "./search-rows.js";
import { describe, words } from "./search-words.js";

const STEP = 20;
const CHOSEN = ["repository", "kind", "importance", "year"];
// There are too many authors to list; any part of a name will do.
const TYPED = "author";
const FACETS = [...CHOSEN, TYPED];
const ORDER = ["high", "medium", "low"];
const PAUSE = 200;

/** Draw the search page into `place`, and answer what its address asks. */
export async function startPage(place, top) {
  const page = new SearchPage(place);
  page.draw();
  try {
    page.index = await openIndex(top);
    page.fill(await page.index.readFacets());
    await page.search(page.turn);
  } catch (error) {
    console.warn(error);
    page.status.textContent = words.failed;
  }
}

class SearchPage {
  constructor(place) {
    this.place = place;
    this.asked = new URLSearchParams(location.search);
    this.turn = 0;
    this.timer = 0;
  }

  draw() {
    this.query = Object.assign(make("input", "db-search__query"), {
      type: "search",
      value: this.asked.get("q") ?? "",
      placeholder: words.hint,
      ariaLabel: words.query,
    });
    this.fields = Object.fromEntries(CHOSEN.map((facet) => [facet, make("select", "")]));
    this.fields[TYPED] = make("input", "");
    this.fields[TYPED].setAttribute("list", "__authors");
    this.names = Object.assign(make("datalist", ""), { id: "__authors" });
    const labels = FACETS.map((facet) => make("label", "", words.facets[facet], this.fields[facet]));
    this.status = Object.assign(make("p", "db-search__status", words.searching), { role: "status" });
    this.list = make("ol", "db-search__list");
    this.more = Object.assign(make("button", "md-button", words.more), { type: "button", hidden: true });
    this.more.addEventListener("click", () => this.showMore(this.turn));
    this.place.replaceChildren(this.query, make("div", "db-search__facets", ...labels, this.names), this.status, this.list, this.more);
    this.query.addEventListener("input", () => this.wait());
    this.place.addEventListener("change", () => this.wait());
  }

  fill(facets) {
    for (const facet of CHOSEN) {
      const options = sortValues(facet, facets[facet] ?? []).map(([value, count]) => {
        return new Option(`${words[facet]?.[value] ?? value} (${count})`, value);
      });
      this.fields[facet].replaceChildren(new Option(words.all, ""), ...options);
      this.fields[facet].value = this.asked.get(facet) ?? "";
      // An address may ask for a value that no longer exists; then nothing is selected.
      if (this.fields[facet].selectedIndex < 0) this.fields[facet].value = "";
    }
    this.names.replaceChildren(...(facets[TYPED] ?? []).map(([value, count]) => new Option(`${value} (${count})`, value)));
    this.fields[TYPED].value = this.asked.get(TYPED) ?? "";
  }

  wait() {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(turn), PAUSE);
  }

  async search(turn) {
    if (!this.index) return;
    const query = this.query.value.trim();
    const filters = Object.fromEntries(FACETS.map((facet) => [facet, this.fields[facet].value.trim()]).filter(([, value]) => value));
    this.remember(query, filters);
    this.found = query || Object.keys(filters).length ? this.index.search(query, filters) : null;
    if (this.found) await this.showMore(turn);
    else this.show(words.hint);
  }

  async showMore(turn) {
    const { found } = this;
    this.more.disabled = true;
    this.status.textContent = words.searching;
    try {
      await found.fill(found.rows.length + STEP, () => turn === this.turn && this.list.replaceChildren(...drawRows(found)));
      if (turn === this.turn) this.show(describe(found));
    } catch (error) {
      console.warn(error);
      if (turn === this.turn) this.show(words.failed);
    }
  }

  show(status) {
    const { found } = this;
    this.status.textContent = status;
    this.list.replaceChildren(...(found ? drawRows(found) : []));
    this.more.disabled = false;
    this.more.hidden = !found || (found.count <= found.rows.length && !found.since);
    this.more.textContent = found && found.count > found.rows.length ? words.more : words.older;
  }

  remember(query, filters) {
    const asked = new URLSearchParams({ ...(query && { q: query }), ...filters });
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
  }
}

const drawRows = (found) => found.best.map((row) => make("li", "", drawRow(row)));

function sortValues(facet, values) {
  const entries = [...values];
  if (facet === "importance") return entries.sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  if (facet === "year") return entries.sort(([a], [b]) => b.localeCompare(a));
  return entries.sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}
