// The search page: the same index with facets, and the whole question in the page's address.

import { openIndex } from "./search-engine.js";
import { drawRow, make } from "./search-rows.js";
import { describe, words } from "./search-words.js";

const STEP = 20;
const CHOSEN = ["repository", "kind", "importance", "breaking", "year"];
// There are too many authors to list; any part of a name will do.
const TYPED = "author";
const FACETS = [...CHOSEN, TYPED];
const ORDER = "order";
const IMPORTANCE = ["high", "medium", "low"];
const PAUSE = 200;
const QUERY = "q";

/** Draw the search page into `place`, and answer what its address asks. */
export async function startPage(place, top) {
  const page = new SearchPage(place);
  page.draw();
  try {
    page.index = await openIndex(top);
    page.fill(await page.index.readFacets());
    await page.answer();
    await page.index.keep();
  } catch (error) {
    page.fail(error);
  }
}

class SearchPage {
  constructor(place) {
    this.place = place;
    this.asked = new URLSearchParams(location.search);
    // What was asked in full stays in the history when something else is asked.
    this.isSettled = false;
    this.searched = null;
    this.turn = 0;
    this.timer = 0;
  }

  draw() {
    this.query = Object.assign(make("input", "db-search__query"), {
      type: "search",
      value: this.asked.get(QUERY) ?? "",
      placeholder: words.hint,
      ariaLabel: words.query,
    });
    this.status = Object.assign(make("p", "db-search__status", words.searching), { role: "status" });
    this.list = Object.assign(make("ol", "db-search__list"), { ariaLabel: words.results });
    this.more = Object.assign(make("button", "md-button", words.more), { type: "button", hidden: true });
    const named = { role: "search", ariaLabel: words.query };
    const question = Object.assign(make("div", "", this.query, this.drawFacets()), named);
    this.place.replaceChildren(question, this.status, this.list, this.more);
    this.listen(question);
    if (!this.asked.size) this.query.focus({ preventScroll: true });
  }

  drawFacets() {
    this.fields = Object.fromEntries([...CHOSEN, ORDER].map((facet) => [facet, make("select", "")]));
    this.fields[ORDER].replaceChildren(...Object.entries(words.order).map(([value, word]) => new Option(word, value)));
    this.fields[TYPED] = make("input", "");
    this.fields[TYPED].setAttribute("list", "__authors");
    this.names = Object.assign(make("datalist", ""), { id: "__authors" });
    const labels = [...FACETS, ORDER].map((facet) => make("label", "", words.facets[facet], this.fields[facet]));
    this.reset = Object.assign(make("input", ""), { type: "button", value: words.reset, hidden: true });
    return make("div", "db-search__facets", ...labels, this.names, this.reset);
  }

  listen(question) {
    this.query.addEventListener("input", () => this.wait());
    question.addEventListener("change", () => this.settle());
    question.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && event.target !== this.reset) this.settle();
    });
    this.reset.addEventListener("click", () => {
      for (const facet of FACETS) this.fields[facet].value = "";
      this.query.focus();
      this.settle();
    });
    this.more.addEventListener("click", () => this.showMore(this.turn));
    this.place.addEventListener("keydown", (event) => this.move(event));
    addEventListener("popstate", () => {
      this.asked = new URLSearchParams(location.search);
      this.read();
      this.answer();
    });
  }

  fill(facets) {
    for (const facet of CHOSEN) {
      const options = sortValues(facet, facets[facet] ?? []).map(([value, count]) => {
        return new Option(`${words[facet]?.[value] ?? value} (${count})`, value);
      });
      this.fields[facet].replaceChildren(new Option(words.all, ""), ...options);
    }
    this.names.replaceChildren(...(facets[TYPED] ?? []).map(([value, count]) => new Option(`${value} (${count})`, value)));
    // Somebody may have typed something else before the index was there.
    this.read(this.turn > 0 ? this.query.value : undefined);
  }

  /** Take what the page's address asks. */
  read(query = this.asked.get(QUERY) ?? "") {
    this.query.value = query;
    for (const facet of [...FACETS, ORDER]) {
      const field = this.fields[facet];
      field.value = this.asked.get(facet) ?? "";
      // An address may ask for a value that no longer exists; then nothing is selected.
      if (field.selectedIndex < 0) field.value = "";
    }
  }

  /** Answer what the page's address asks, which is no new question. */
  answer() {
    clearTimeout(this.timer);
    this.isSettled = false;
    const answering = this.search(++this.turn);
    this.isSettled = this.asked.size > 0;
    return answering;
  }

  wait() {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(turn), PAUSE);
  }

  /** Search at once, for something that is asked in full. */
  settle() {
    clearTimeout(this.timer);
    if (String(this.ask()) !== this.searched) this.search(++this.turn);
    this.isSettled = true;
  }

  /** What is asked now, as the page's address has it. */
  ask() {
    const names = [QUERY, ...FACETS, ORDER];
    const values = names.map((name) => [name, (name === QUERY ? this.query : this.fields[name]).value.trim()]);
    return new URLSearchParams(values.filter(([, value]) => value));
  }

  async search(turn) {
    if (!this.index) return;
    const asked = this.ask();
    this.remember(asked);
    const { [QUERY]: query = "", [ORDER]: order, ...filters } = Object.fromEntries(asked);
    const isNarrowed = Object.keys(filters).length > 0;
    this.reset.hidden = !isNarrowed;
    this.found = query || isNarrowed ? this.index.search(query, filters, order) : null;
    if (this.found) await this.showMore(turn);
    else this.show(words.hint);
  }

  async showMore(turn) {
    const { found } = this;
    this.more.disabled = true;
    this.list.ariaBusy = "true";
    this.status.textContent = words.searching;
    try {
      await found.fill(found.rows.length + STEP, () => turn === this.turn && this.showRows());
      if (turn === this.turn) this.show(describe(found));
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  show(status) {
    const { found } = this;
    this.status.textContent = status;
    this.showRows();
    this.list.ariaBusy = "false";
    this.more.disabled = false;
    this.more.hidden = !found || (found.count <= found.rows.length && !found.since);
    this.more.textContent = found && found.count > found.rows.length ? words.more : words.older;
  }

  showRows() {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.href : null;
    this.list.replaceChildren(...(this.found?.best ?? []).map((row) => make("li", "", drawRow(row))));
    this.listHits().find((hit) => hit.href === focused)?.focus();
  }

  /** Go through the results with the arrow keys, and from any of them back to the question. */
  move(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    const stops = [this.query, ...this.listHits(), ...(this.more.hidden ? [] : [this.more])];
    const place = stops.indexOf(event.target);
    const next = { ArrowDown: stops[place + 1], ArrowUp: stops[place - 1], Escape: this.query }[event.key];
    // In the question itself, Escape is the browser's.
    if (place < 0 || !next || next === event.target) return;
    event.preventDefault();
    next.focus();
  }

  listHits() {
    return [...this.list.querySelectorAll("a")];
  }

  remember(asked) {
    this.searched = String(asked);
    const shown = new URLSearchParams(location.search);
    if ([...asked].sort().join("\n") === [...shown].sort().join("\n")) return;
    history[this.isSettled ? "pushState" : "replaceState"](null, "", asked.size ? `?${asked}` : location.pathname);
    this.isSettled = false;
  }

  fail(error) {
    console.warn(error);
    // The same question may be asked again.
    this.searched = null;
    this.show(words.failed);
  }
}

function sortValues(facet, values) {
  const entries = [...values];
  if (facet === "importance") return entries.sort(([a], [b]) => IMPORTANCE.indexOf(a) - IMPORTANCE.indexOf(b));
  if (facet === "year") return entries.sort(([a], [b]) => b.localeCompare(a));
  return entries.sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}
