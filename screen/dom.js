// Elements from text only: nothing that comes from outside is ever parsed as HTML.

/** el("p", {class: "x", hidden: true}, "text", child): attributes by name, event listeners by on… */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Writes only what changed: a tick over 40 tiles touches few nodes. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setState(node, state) {
  if (node.dataset.state !== state) node.dataset.state = state;
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

const parts = new WeakMap();

/** What `selector` finds in `node`, looked for once: for what is built once and never changes its structure. */
export function part(node, selector) {
  if (!parts.has(node)) parts.set(node, new Map());
  const known = parts.get(node);
  if (!known.has(selector)) known.set(selector, node.querySelector(selector));
  return known.get(selector);
}

/** Makes `list` hold one child for each item, made once by `make` and kept current by `update`. */
export function keep(list, items, keyOf, make, update) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let place = null;
  for (const item of items) {
    let child = old.get(keyOf(item));
    if (!child) {
      child = make(item);
      child.dataset.key = keyOf(item);
    }
    old.delete(keyOf(item));
    update(child, item);
    const wanted = place ? place.nextSibling : list.firstChild;
    if (child !== wanted) list.insertBefore(child, wanted);
    place = child;
  }
  for (const child of old.values()) child.remove();
}
