// Making and changing elements: only what differs is touched, so that a board of hundreds of rows stays quick.

export const at = (id) => document.getElementById(id);

export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function set(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

// h("button", { class: "x", onclick: f, "aria-label": "y" }, "text", child, …)
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && name !== "list" && name !== "form") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Keeps one element per item of a list, by key and in order; an element that stays is not touched, nor its focus.
export function keyed(parent, items, known, keyOf, make) {
  const kept = new Map();
  let previous = null;
  for (const item of items) {
    const key = keyOf(item);
    const row = known.get(key) ?? make(item);
    kept.set(key, row);
    const next = previous === null ? parent.firstElementChild : previous.nextElementSibling;
    if (next !== row.element) parent.insertBefore(row.element, next);
    previous = row.element;
  }
  for (const [key, row] of known) if (!kept.has(key) && row.element.parentElement === parent) row.element.remove();
  return kept;
}
