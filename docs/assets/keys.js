// What single keys do beyond leading to the search and to the pages beside: walk through a page's commits, unfold one,
// and say which keys there are.

const LINES = '[class^="db-commits-"] > li:not([hidden]) > a:first-of-type, .db-search__list .db-hit';

const words = {
  zh: {
    title: "快捷键",
    keys: [
      [["j", "k"], "下一个、上一个提交"],
      [["o"], "展开、收起这个提交的分析"],
      [["Enter"], "打开这个提交"],
      [["←", "p"], "前一页"],
      [["→", "n"], "后一页"],
      [["/"], "搜索"],
      [["?"], "这份说明"],
      [["Esc"], "关闭"],
    ],
    on: "使用单个字母的快捷键",
    close: "关闭",
  },
  en: {
    title: "Keys",
    keys: [
      [["j", "k"], "the next commit, the previous one"],
      [["o"], "unfold or fold this commit's analysis"],
      [["Enter"], "open this commit"],
      [["←", "p"], "the previous page"],
      [["→", "n"], "the next page"],
      [["/"], "search"],
      [["?"], "this help"],
      [["Esc"], "close"],
    ],
    on: "Use keys of a single letter",
    close: "Close",
  },
}[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

/** Do what a key stands for. */
export function press(key) {
  if (key === "?") showHelp();
  else if (key === "o") fold();
  else walk(key === "j" ? 1 : -1);
}

// The line that has the focus, else the last one that had it.
let current = null;

function findLine(lines) {
  const active = document.activeElement.closest("li")?.querySelector(LINES) ?? document.activeElement;
  return lines.indexOf(lines.includes(active) ? active : current);
}

function walk(step) {
  const lines = [...document.querySelectorAll(LINES)];
  const place = findLine(lines);
  const next = place < 0 ? (step > 0 ? 0 : -1) : place + step;
  if (!lines[next]) return;
  current = lines[next];
  current.focus({ preventScroll: true });
  current.scrollIntoView({ block: "nearest" });
}

function fold() {
  const lines = [...document.querySelectorAll(LINES)];
  const details = lines[findLine(lines)]?.closest("li").querySelector("details");
  if (details) details.open = !details.open;
}

function make(name, attributes, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

function showHelp() {
  const title = make("h2", { id: "db-keys" }, words.title);
  const rows = words.keys.flatMap(([keys, told]) => [
    make("dt", {}, ...keys.flatMap((key, place) => (place ? [" ", make("kbd", {}, key)] : [make("kbd", {}, key)]))),
    make("dd", {}, told),
  ]);
  const box = make("input", { type: "checkbox", autocomplete: "off" });
  box.checked = readOn();
  box.addEventListener("change", () => __md_set("__keys", box.checked));
  const close = make("button", { type: "button", class: "md-button" }, words.close);
  const dialog = make("dialog", { class: "db-dialog md-typeset", "aria-labelledby": title.id });
  dialog.append(title, make("dl", {}, ...rows), make("label", {}, box, " ", words.on), make("p", {}, close));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function readOn() {
  try {
    return __md_get("__keys") !== false;
  } catch (error) {
    return true;
  }
}
