// Draws results. Everything in them was written by somebody else: it becomes text, never markup.

import { words } from "./search-words.js";

/** Make an element with a class, and put text or other nodes into it. */
export function make(name, className, ...content) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/** Draw one result as a link. */
export function drawRow(row) {
  const link = make("a", "db-hit");
  link.href = row.address;
  link.append(make("bdi", "db-hit__title", ...row.title.map(drawPiece)), drawFacts(row));
  if (row.excerpt.length) link.append(make("bdi", "db-hit__excerpt", ...row.excerpt.map(drawPiece)));
  return link;
}

function drawFacts(row) {
  const facts = make("span", "db-hit__facts");
  if (row.importance) facts.append(make("span", `db-badge db-${row.importance}`, words.importance[row.importance]));
  if (row.isBreaking) facts.append(make("span", "db-badge db-breaking", words.breakingMark));
  for (const kind of row.kinds) facts.append(make("span", "db-badge db-kind", words.kind[kind] ?? kind));
  facts.append(make("span", "", row.repository ?? ""), make("span", "", row.day));
  if (row.sha) facts.append(make("span", "db-sha", row.sha.slice(0, 7)));
  return facts;
}

const drawPiece = (piece) => (piece.marked ? make("mark", "", piece.text) : piece.text);
