// The search box in the header: results while one types, moved through with the arrow keys.

import { openIndex } from "./search-engine.js";
import { drawRow, make } from "./search-rows.js";
import { describe, words } from "./search-words.js";

const SHOWN = 10;
const PAUSE = 120;

/** Bring the search box in `place` to life. */
export function startBox(place, top) {
  const box = new Box(place, top);
  box.input.addEventListener("input", () => box.wait());
  box.input.addEventListener("keydown", (event) => box.move(event));
  box.wait();
}

class Box {
  constructor(place, top) {
    this.top = top;
    this.input = place.querySelector("input");
    this.status = Object.assign(make("div", "md-search-result__meta"), { role: "status" });
    this.list = Object.assign(make("ol", "md-search-result__list"), { id: "__results", role: "listbox" });
    this.draw(place);
    this.index = null;
    this.turn = 0;
    this.timer = 0;
  }

  draw(place) {
    const wrap = make("div", "md-search__scrollwrap", make("div", "md-search-result", this.status, this.list));
    place.append(make("div", "md-search__output", wrap));
    this.input.setAttribute("aria-controls", this.list.id);
  }

  wait() {
    const turn = ++this.turn;
    this.list.ariaBusy = "true";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(turn), PAUSE);
  }

  async search(turn) {
    const query = this.input.value.trim();
    try {
      this.index ??= openIndex(this.top);
      const index = await this.index;
      if (turn !== this.turn) return;
      if (!query) return this.show(turn, words.hint, []);
      await this.fill(turn, index.search(query), SHOWN);
    } catch (error) {
      this.fail(turn, error);
    }
  }

  async fill(turn, search, wanted) {
    this.list.ariaBusy = "true";
    this.status.textContent = words.searching;
    await search.fill(wanted, () => this.show(turn, words.searching, search.best.map(drawRow), true));
    const links = search.best.map(drawRow);
    if (search.count > links.length) links.push(this.drawEvery(search.count));
    if (search.since) links.push(this.drawOlder(turn, search));
    this.show(turn, describe(search), links);
    search.index.keep().catch(console.info);
  }

  fail(turn, error) {
    console.warn(error);
    this.index?.then((index) => index.close()).catch(() => {});
    this.index = null;
    this.show(turn, words.failed, []);
  }

  show(turn, status, links, goesOn = false) {
    // A slow answer to an earlier query must not take the place of a later one.
    if (turn !== this.turn) return;
    links.forEach((link, place) => {
      link.id = `__result_${place}`;
      link.role = "option";
    });
    this.status.textContent = status;
    this.list.ariaBusy = String(goesOn);
    const chosen = this.list.querySelector("[aria-selected=true]")?.href;
    this.list.replaceChildren(...links.map((link) => Object.assign(make("li", "md-search-result__item", link), { role: "presentation" })));
    this.input.setAttribute("aria-expanded", String(links.length > 0));
    // What was chosen while more was looked for stays so.
    this.select(links.find((link) => link.href === chosen));
  }

  drawEvery(count) {
    const link = make("a", "db-hit db-hit--every", words.every(count));
    link.href = this.locatePage();
    return link;
  }

  drawOlder(turn, search) {
    const link = make("a", "db-hit db-hit--every db-hit--older", words.older);
    link.href = this.locatePage();
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.fill(turn, search, search.rows.length + SHOWN).catch((error) => this.fail(turn, error));
    });
    return link;
  }

  locatePage() {
    return new URL(`search.html?${new URLSearchParams({ q: this.input.value.trim() })}`, this.top).href;
  }

  move(event) {
    const links = [...this.list.querySelectorAll("a")];
    const place = links.findIndex((link) => link.ariaSelected === "true");
    if (event.key === "ArrowDown") this.select(links[Math.min(place + 1, links.length - 1)]);
    else if (event.key === "ArrowUp") this.select(links[place - 1]);
    else if (event.key === "Enter" && !event.isComposing) (links[place] ?? links[0])?.click();
    else return;
    event.preventDefault();
  }

  select(chosen) {
    for (const link of this.list.querySelectorAll("a")) link.ariaSelected = String(link === chosen);
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }
}
