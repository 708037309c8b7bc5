// The search page: the same index with facets, and the whole question in the page's address.

import { openIndex } from "./search-engine.js";
import { drawRow, make } from "./search-rows.js";
import { words } from "./search-words.js";

const STEP = 20;
const FACETS = ["repository", "kind", "importance", "year", "author"];
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
    this.selects = Object.fromEntries(FACETS.map((facet) => [facet, make("select", "")]));
    const labels = FACETS.map((facet) => make("label", "", words.facets[facet], this.selects[facet]));
    this.status = Object.assign(make("p", "db-search__status", words.searching), { role: "status" });
    this.list = make("ol", "db-search__list");
    this.more = Object.assign(make("button", "md-button", words.more), { type: "button", hidden: true });
    this.place.replaceChildren(this.query, make("div", "db-search__facets", ...labels), this.status, this.list, this.more);
    this.query.addEventListener("input", () => this.wait());
    this.place.addEventListener("change", () => this.wait());
    this.more.addEventListener("click", () => this.showMore());
  }

  fill(facets) {
    for (const facet of FACETS) {
      const options = sortValues(facet, facets[facet] ?? {}).map(([value, count]) => {
        return new Option(`${words[facet]?.[value] ?? value} (${count})`, value);
      });
      this.selects[facet].replaceChildren(new Option(words.all, ""), ...options);
      this.selects[facet].value = this.asked.get(facet) ?? "";
      // An address may ask for a value that no longer exists; then nothing is selected.
      if (this.selects[facet].selectedIndex < 0) this.selects[facet].value = "";
    }
  }

  wait() {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(turn), PAUSE);
  }

  async search(turn) {
    if (!this.index) return;
    const query = this.query.value.trim();
    const filters = Object.fromEntries(FACETS.map((facet) => [facet, this.selects[facet].value]).filter(([, value]) => value));
    this.remember(query, filters);
    if (!query && !Object.keys(filters).length) {
      this.found = null;
      return this.show(words.hint, []);
    }
    const found = await this.index.search(query, filters);
    const rows = await found.read(0, STEP);
    if (turn !== this.turn) return;
    this.found = found;
    const exact = rows.filter((row) => row.exact);
    const status = !found.count ? words.none : exact.length ? words.found(found.count) : words.close;
    this.show(status, [...exact, ...rows.filter((row) => !row.exact)]);
  }

  show(status, rows) {
    this.status.textContent = status;
    this.list.replaceChildren(...rows.map((row) => make("li", "", drawRow(row))));
    this.more.hidden = !this.found || this.found.count <= rows.length;
  }

  async showMore() {
    const start = this.list.children.length;
    const rows = await this.found.read(start, start + STEP);
    this.list.append(...rows.map((row) => make("li", "", drawRow(row))));
    this.more.hidden = this.found.count <= start + rows.length;
  }

  remember(query, filters) {
    const asked = new URLSearchParams({ ...(query && { q: query }), ...filters });
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
  }
}

function sortValues(facet, values) {
  const entries = Object.entries(values);
  if (facet === "importance") return entries.sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  if (facet === "year") return entries.sort(([a], [b]) => b.localeCompare(a));
  return entries.sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}
