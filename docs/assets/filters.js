// Which commits of a day are shown, by repository, kind and importance. What is chosen stands in the page's address,
// and goes along to the days beside. Without this script every commit is shown.

const words = {
  zh: {
    repository: "全部仓库",
    kind: "全部类型",
    importance: "全部重要程度",
    shown: (shown, all) => `显示 ${shown} / ${all} 个提交`,
    unfold: "全部展开",
    fold: "全部收起",
    names: { repository: "仓库", kind: "变更类型", importance: "重要程度" },
  },
  en: {
    repository: "All repositories",
    kind: "All kinds",
    importance: "Any importance",
    shown: (shown, all) => `${shown} of ${all} commits shown`,
    unfold: "Unfold all",
    fold: "Fold all",
    names: { repository: "Repository", kind: "Kind", importance: "Importance" },
  },
}[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

const LIST = "db-commits-";
const KIND = "db-kind-";

/** Draw the choice into `place`, and show what the address asks for. */
export function start(place) {
  const groups = [...document.querySelectorAll(`[class^="${LIST}"]`)].map(readGroup);
  if (groups.length) new Filters(place, groups);
  else place.remove();
}

function readGroup(list) {
  const importance = list.className.slice(LIST.length);
  const heading = list.previousElementSibling;
  const rows = [...list.children].map((element) => ({
    element,
    importance: [[importance, heading.textContent]],
    repository: [...element.querySelectorAll(".db-repository")].map((found) => [found.textContent, found.textContent]),
    kind: [...element.querySelectorAll(`[class^="${KIND}"]`)].map((found) => [found.className.slice(KIND.length), found.textContent]),
  }));
  return { list, heading, rows };
}

class Filters {
  constructor(place, groups) {
    this.groups = groups;
    this.rows = groups.flatMap((group) => group.rows);
    this.selects = ["repository", "kind", "importance"].flatMap((facet) => this.draw(facet));
    this.status = Object.assign(document.createElement("p"), { role: "status" });
    this.unfold = Object.assign(document.createElement("button"), { type: "button", className: "db-link", textContent: words.unfold });
    this.unfold.addEventListener("click", () => this.toggle());
    place.append(...this.selects, this.status, this.unfold);
    this.show();
  }

  draw(facet) {
    const values = new Map(this.rows.flatMap((row) => row[facet]));
    const asked = new URLSearchParams(location.search).get(facet);
    // One that no commit of this day has was chosen on another.
    if (asked && !values.has(asked)) values.set(asked, asked);
    if (values.size < 2 && !asked) return [];
    const select = Object.assign(document.createElement("select"), { name: facet, autocomplete: "off", ariaLabel: words.names[facet] });
    select.append(new Option(words[facet], ""), ...[...values].map(([value, name]) => new Option(name, value)));
    select.value = asked ?? "";
    select.addEventListener("change", () => {
      this.show();
      this.keep();
    });
    return [select];
  }

  show() {
    const chosen = this.selects.filter((select) => select.value);
    let shown = 0;
    for (const { list, heading, rows } of this.groups) {
      for (const row of rows) {
        row.element.hidden = !chosen.every(({ name, value }) => row[name].some(([own]) => own === value));
        shown += !row.element.hidden;
      }
      list.hidden = heading.hidden = rows.every((row) => row.element.hidden);
    }
    this.status.textContent = words.shown(shown, this.rows.length);
    const query = new URLSearchParams(chosen.map(({ name, value }) => [name, value])).toString();
    for (const link of document.querySelectorAll("footer a[rel]")) {
      // Nothing is written where nothing changes: it would make a whole address of the link.
      if (link.search.slice(1) !== query) link.search = query;
    }
  }

  /** Write the choice into the address, and leave what else stands there. */
  keep() {
    const address = new URL(location.href);
    for (const { name, value } of this.selects) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    history.replaceState(history.state, "", address);
  }

  toggle() {
    const isFolded = this.unfold.textContent === words.unfold;
    for (const row of this.rows) {
      for (const details of row.element.querySelectorAll("details")) details.open = isFolded;
    }
    this.unfold.textContent = isFolded ? words.fold : words.unfold;
  }
}
