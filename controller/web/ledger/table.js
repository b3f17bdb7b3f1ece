// A table whose rows are kept current by key, with its head among them.
import { el, keep, setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";

/** `columns` are words' keys; those in `counts` are aligned as numbers. */
export function head(columns, counts = new Set()) {
  const cell = (key) => el("th", { scope: "col", "data-t": key, class: counts.has(key) ? "count" : null }, t(key));
  return el("thead", {}, el("tr", {}, ...columns.map(cell)));
}

/** Like `keep`, for a table: `make` gives a tbody for each item. */
export function keepRows(table, makeHead, items, keyOf, make, update) {
  keep(
    table,
    [null, ...items],
    (item) => (item === null ? "" : `${keyOf(item)}`),
    (item) => (item === null ? makeHead() : make(item)),
    (node, item) => item !== null && update(node, item),
  );
}

/** A cell of text with a note under it. */
export function noted(cell, text, note) {
  if (!cell.firstChild) cell.append(el("span"), el("span", { class: "note" }));
  setText(cell.firstChild, text);
  setText(cell.lastChild, note);
}
