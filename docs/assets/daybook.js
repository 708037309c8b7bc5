// Loaded in the head of every page before anything is shown, so it sets the colours and otherwise only opens doors:
// what searching needs is fetched when somebody searches. A commit's page has no other script.
// A classic script, because a page opened from disk may not load modules, and must say so.

// What Material's program (9.8) keeps in the browser's storage, and under which path: its inline script, as a file.
// This file stands in assets/<hash>/ under the site's top.
var __md_scope = new URL("../..", document.currentScript.src);
var __md_hash = (text) => [...text].reduce((hash, character) => (hash << 5) - hash + character.charCodeAt(0), 0);
var __md_get = (key, storage = localStorage, scope = __md_scope) =>
  JSON.parse(storage.getItem(scope.pathname + "." + key));
var __md_set = (key, value, storage = localStorage, scope = __md_scope) => {
  try {
    storage.setItem(scope.pathname + "." + key, JSON.stringify(value));
  } catch (error) {
    // A browser that keeps nothing shows its default colours on the next page.
  }
};

(() => {
  const here = document.currentScript.src;
  const top = __md_scope;
  const onDisk = location.protocol === "file:";
  const load = (name) => import(new URL(`${name}.js`, here).href);
  const words = {
    zh: {
      colours: "切换深色、浅色",
      drawer: "导航",
      disk: "从磁盘打开的页面无法搜索：请运行 daybook serve，或打开发布的站点。",
      keys: "快捷键",
      search: "搜索",
    },
    en: {
      colours: "Switch between dark and light",
      drawer: "Navigation",
      disk: "A page opened from disk cannot search: run daybook serve, or open the published site.",
      keys: "Keys",
      search: "Search",
    },
  }[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

  function make(name, attributes, ...content) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  }

  // The colours that were chosen last, else those of the system.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  function findColours() {
    try {
      const chosen = __md_get("__palette")?.color?.scheme;
      if (chosen === "slate" || chosen === "default") return chosen;
    } catch (error) {
      // Nothing that can be read is kept.
    }
    return dark.matches ? "slate" : "default";
  }
  const paint = (scheme) => document.body.setAttribute("data-md-color-scheme", scheme);
  // Called before the first paint, as soon as there is a body.
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    paint(findColours());
    observer.disconnect();
  }).observe(document.documentElement, { childList: true });
  dark.addEventListener("change", () => paint(findColours()));

  function makeColours() {
    const attributes = { type: "button", class: "md-header__button md-icon db-colours" };
    const button = make("button", { ...attributes, "aria-label": words.colours, title: words.colours });
    button.addEventListener("click", () => {
      const scheme = document.body.getAttribute("data-md-color-scheme") === "slate" ? "default" : "slate";
      paint(scheme);
      __md_set("__palette", { color: { scheme } });
    });
    return button;
  }

  // A label, as Material has it, is pressed by pointers alone.
  function makeDrawerButton() {
    const label = document.querySelector(".md-header [for=__drawer]");
    if (!label) return;
    const attributes = { type: "button", class: `${label.className} db-drawer` };
    const button = make("button", { ...attributes, "aria-label": words.drawer });
    button.addEventListener("click", () => document.getElementById("__drawer").click());
    label.replaceWith(button);
  }

  // Material's search box as its stylesheet knows it, on a commit's page with the switch that opens it.
  // Material's own program looks for a form, and rests.
  function makeSwitch() {
    const attributes = { class: "md-toggle", "data-md-toggle": "search", type: "checkbox", id: "__search" };
    const toggle = make("input", { ...attributes, autocomplete: "off" });
    document.body.prepend(toggle);
    return toggle;
  }

  function sayDisk(place) {
    place.append(make("p", { class: "db-search__disk" }, words.disk));
  }

  function makeBox(toggle) {
    const input = make("input", {
      class: "md-search__input",
      role: "combobox",
      "aria-expanded": "false",
      "aria-label": words.search,
      placeholder: words.search,
      autocapitalize: "off",
      autocomplete: "off",
      spellcheck: "false",
    });
    const icon = make("label", { class: "md-search__icon md-icon", for: toggle.id });
    const inner = make("div", { class: "md-search__inner", role: "search" }, make("div", { class: "md-search__form" }, input, icon));
    const overlay = make("label", { class: "md-search__overlay", for: toggle.id });
    let isOpen = false;
    input.addEventListener("focus", () => {
      toggle.checked = true;
      if (isOpen) return;
      isOpen = true;
      if (onDisk) sayDisk(inner);
      else load("search-box").then((module) => module.startBox(inner, top));
    });
    toggle.addEventListener("change", () => (toggle.checked ? input.focus() : input.blur()));
    return [input, make("div", { class: "md-search" }, overlay, inner)];
  }

  const SIDES = { p: "prev", ",": "prev", ArrowLeft: "prev", n: "next", ".": "next", ArrowRight: "next" };
  // What the module of keys is fetched for.
  const WALKS = ["j", "k", "o", "?"];

  // Whether an arrow moves what an element stands in, and not the reader.
  function scrolls(element) {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      if (box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  }

  function isForOthers(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return true;
    if (document.querySelector("dialog[open]") || event.target.closest("input, textarea, select, [contenteditable]")) return true;
    return event.key.startsWith("Arrow") ? event.shiftKey || scrolls(event.target) : areKeysOff();
  }

  // Whoever speaks to a computer, or types with a tremor, can turn single letters off.
  function areKeysOff() {
    try {
      return __md_get("__keys") === false;
    } catch (error) {
      return false;
    }
  }

  function listenToKeys(toggle, input) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && toggle.checked) {
        toggle.checked = false;
        input.blur();
      }
      if (isForOthers(event)) return;
      if (event.key === "/") {
        event.preventDefault();
        input.focus();
      } else if (event.key in SIDES) {
        document.querySelector(`footer a[rel=${SIDES[event.key]}]`)?.click();
      } else if (WALKS.includes(event.key) && !onDisk) {
        load("keys").then((module) => module.press(event.key));
      }
    });
  }

  // A print shows what is folded away.
  function unfoldPrints() {
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll("details:not([open])")];
      for (const fold of folded) fold.open = true;
    });
    addEventListener("afterprint", () => {
      for (const fold of folded) fold.open = false;
    });
  }

  // What is wider than its place can be scrolled by keys as well; Material puts boxes around tables before this.
  addEventListener("load", () => {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap, .db-year > figure, .db-message, .db-diff pre")) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    }
  });

  // What reading a day or the home page asks for; the page keeps room for it.
  function startReading() {
    const places = { ".db-filters": "filters", ".db-visit": "visits" };
    for (const [selector, name] of Object.entries(places)) {
      const place = document.querySelector(selector);
      if (place && onDisk) place.remove();
      else if (place) load(name).then((module) => module.start(place));
    }
    const foot = document.querySelector("footer > p");
    if (!foot || onDisk) return;
    const button = make("button", { type: "button", class: "db-link" }, words.keys);
    button.addEventListener("click", () => load("keys").then((module) => module.press("?")));
    foot.append(" · ", button);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const toggle = document.getElementById("__search") ?? makeSwitch();
    const [input, box] = makeBox(toggle);
    const button = make("label", { class: "md-header__button md-icon", for: toggle.id });
    // A commit's page has no box in its header.
    const header = document.querySelector(".md-header__inner") ?? document.querySelector("header");
    header.append(makeColours(), button, box);
    makeDrawerButton();
    listenToKeys(toggle, input);
    unfoldPrints();
    startReading();

    const search = document.querySelector("[data-db-search]");
    if (search && onDisk) sayDisk(search);
    else if (search) load("search-page").then((module) => module.startPage(search, top));

    const missing = document.querySelector("[data-db-missing]");
    if (missing && !onDisk) load("missing").then((module) => module.findMissing(missing, top));
  });
})();
