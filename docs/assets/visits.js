// What is new since the last visit: told on the home page, known to this browser alone.

const words = {
  zh: {
    since: (commits, days) => `自上次访问以来：${days} 天，${commits} 个新提交`,
    more: (number) => `，新增 ${number}`,
  },
  en: {
    since: (commits, days) =>
      `Since your last visit: ${commits} new ${commits === "1" ? "commit" : "commits"} on ${days} ${days === "1" ? "day" : "days"}`,
    more: (number) => `, ${number} new`,
  },
}[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

const KEY = "__visit";
// Pages that are opened within so many milliseconds belong to one visit.
const PAUSE = 30 * 60 * 1000;

/** Say in `place` what is new, and mark it in the tables; on a first visit, nothing. */
export function start(place) {
  const rows = readRows();
  const counts = Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  const visit = follow(readKept(), counts, Date.now());
  __md_set(KEY, visit);
  tell(place, rows, visit.before);
}

// The days and the repositories of the page's tables, each with how many commits it has.
function readRows() {
  return [...document.querySelectorAll("article table:not([class]) tbody tr")].flatMap((row) => {
    const [first, second, third] = row.cells;
    const day = first.querySelector("a > time")?.getAttribute("datetime");
    if (day) return [{ row, name: day, count: readNumber(second), isDay: true }];
    return third && second.querySelector("time") ? [{ row, name: first.textContent, count: readNumber(third), isDay: false }] : [];
  });
}

const readNumber = (cell) => Number(cell.textContent.replaceAll(/\D/g, ""));

function readKept() {
  try {
    const kept = __md_get(KEY);
    return kept && typeof kept.at === "number" && kept.before && kept.counts ? kept : null;
  } catch (error) {
    return null;
  }
}

// A visit is compared with what the one before it saw last.
function follow(kept, counts, now) {
  if (!kept) return { at: now, before: counts, counts };
  return { at: now, before: now - kept.at > PAUSE ? kept.counts : kept.before, counts };
}

function tell(place, rows, before) {
  const newest = Object.keys(before).filter((name) => /^\d{4}-/.test(name)).sort().at(-1) ?? "";
  let days = 0;
  let commits = 0;
  for (const { row, name, count, isDay } of rows) {
    // A day that is older than all that was seen is not new: the table only reaches further back.
    const known = before[name] ?? (isDay && name < newest ? count : 0);
    if (count <= known) continue;
    const told = Object.assign(document.createElement("span"), { className: "db-hidden", textContent: words.more(format(count - known)) });
    row.classList.add("db-new");
    row.cells[0].append(told);
    days += isDay;
    commits += isDay ? count - known : 0;
  }
  if (days) place.textContent = words.since(format(commits), format(days));
}

const format = (number) => number.toLocaleString("en");
