// Loaded on every page, so it only opens doors: what searching needs is fetched when somebody searches.
// A classic script, because a page opened from disk may not load modules, and must say so.

(() => {
  const settings = JSON.parse(document.getElementById("__config").textContent);
  const top = new URL(settings.base.replace(/\/*$/, "/"), location.href);
  const toggle = document.getElementById("__search");
  const onDisk = location.protocol === "file:";
  const load = (name) => import(new URL(`assets/${name}.js`, top).href);

  function make(name, attributes, ...content) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  }

  // Material's search box as its stylesheet knows it. Material's own program looks for a form, and rests.
  const box = document.querySelector("[data-db-box]");
  const label = box.dataset.dbBox;
  const input = make("input", {
    class: "md-search__input",
    role: "combobox",
    "aria-expanded": "false",
    "aria-label": label,
    placeholder: label,
    autocapitalize: "off",
    autocomplete: "off",
    spellcheck: "false",
  });
  const icon = make("label", { class: "md-search__icon md-icon", for: toggle.id });
  const inner = make("div", { class: "md-search__inner", role: "search" }, make("div", { class: "md-search__form" }, input, icon));
  box.append(make("label", { class: "md-search__overlay", for: toggle.id }), inner);

  function sayDisk(place) {
    const words = {
      zh: "从磁盘打开的页面无法搜索：请运行 daybook serve，或打开发布的站点。",
      en: "A page opened from disk cannot search: run daybook serve, or open the published site.",
    };
    const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    place.append(make("p", { class: "db-search__disk" }, words[language]));
  }

  let isOpen = false;
  input.addEventListener("focus", () => {
    toggle.checked = true;
    if (isOpen) return;
    isOpen = true;
    if (onDisk) sayDisk(inner);
    else load("search-box").then((module) => module.startBox(inner, top));
  });
  toggle.addEventListener("change", () => (toggle.checked ? input.focus() : input.blur()));
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && toggle.checked) {
      toggle.checked = false;
      input.blur();
    } else if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });

  const search = document.querySelector("[data-db-search]");
  if (search && onDisk) sayDisk(search);
  else if (search) load("search-page").then((module) => module.startPage(search, top));

  const missing = document.querySelector("[data-db-missing]");
  if (missing && !onDisk) load("missing").then((module) => module.findMissing(missing, top));
})();
