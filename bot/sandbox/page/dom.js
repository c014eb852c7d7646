// Small tools for building elements. Data only ever becomes text nodes and attributes, never markup.

let numbered = 0;

export function newId(prefix) {
  numbered += 1;
  return `${prefix}-${numbered}`;
}

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) setAttribute(node, key, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setAttribute(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) {
    node.addEventListener(key.slice(2), value);
    return;
  }
  node.setAttribute(key, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  home: "M3 11 12 4l9 7M5 10v10h5v-6h4v6h5V10",
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3.500 15h16",
  bolt: "M13 3 5 13h6l-1 8 9-11h-6z",
  send: "M4 4l17 8-17 8 3-8zM7 12h7",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M20 15a3 3 0 0 1-3 3H9l-5 3V7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3z",
  warning: "M12 4 2.500 20h19zM12 10v5M12 17.500v.01",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  columns: "M4 5h16v14H4zM9.500 5v14M14.500 5v14",
  single: "M6 5h12v14H6z",
  mail: "M3 5h18v14H3zM3 6l9 7 9-7",
  log: "M5 6h14M5 12h14M5 18h9",
  check: "M5 12.500l4.500 4.500L19 7.500",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2.200.7 3.500 2.500 3.500 5.500",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// Keeps the nodes of unchanged items, so that focus, scrolling and half-typed words survive an update. With `update`
// the node of a changed item is kept too, and brought up to date.
export function reconcile(parent, items, { key, signature, draw, update = null, replaced = () => {} }) {
  const before = new Map([...parent.children].map((node) => [node.reconcileKey, node]));
  const nodes = items.map((item) => kept(before, item, { key, signature, draw, update, replaced }));
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

function kept(before, item, { key, signature, draw, update, replaced }) {
  const old = before.get(key(item));
  const sign = signature(item);
  if (old && old.reconcileSignature === sign) return old;
  if (old && update) {
    update(old, item);
    old.reconcileSignature = sign;
    return old;
  }
  const node = draw(item);
  node.reconcileKey = key(item);
  node.reconcileSignature = sign;
  if (old) {
    const focus = focusSpot(old);
    replaced(node, old, item);
    if (focus) queueMicrotask(() => restoreFocus(node, focus) || focusWhole(node));
  }
  return node;
}

// Where the keyboard is, in words that survive a redraw.
export function focusSpot(root) {
  const active = document.activeElement;
  if (!active || !root.contains(active)) return null;
  const control = active.closest("[data-action-id]");
  const block = active.closest("[data-block-id]");
  if (!control || !block) return null;
  const range = "selectionStart" in active ? textRange(active) : null;
  return { block: block.dataset.blockId, action: control.dataset.actionId, value: active.value, range };
}

function textRange(input) {
  try {
    return input.selectionStart === null ? null : [input.selectionStart, input.selectionEnd];
  } catch {
    return null;
  }
}

// Answers whether the same control was found.
export function restoreFocus(root, spot) {
  if (!spot) return false;
  const block = [...root.querySelectorAll("[data-block-id]")].find((node) => node.dataset.blockId === spot.block);
  const control = block && [...block.querySelectorAll("[data-action-id]")].find((node) => node.dataset.actionId === spot.action);
  if (!control) return false;
  const target = control.matches("fieldset") ? sameChoice(control, spot) : control;
  target?.focus({ preventScroll: true });
  if (spot.range && target?.setSelectionRange && target.type !== "email" && target.type !== "number") {
    target.setSelectionRange(...spot.range);
  }
  return true;
}

// Where the pressed button is gone, the keyboard stays at what it belonged to.
export function focusWhole(node) {
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

function sameChoice(group, spot) {
  const inputs = [...group.querySelectorAll("input")];
  return inputs.find((input) => input.value === spot.value) ?? inputs[0];
}

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex='0']";

export function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.getClientRects().length > 0);
}

export function trapFocus(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const nodes = focusables(root);
    if (nodes.length === 0) return;
    const edge = event.shiftKey ? nodes[0] : nodes.at(-1);
    if (document.activeElement !== edge && document.activeElement !== root) return;
    event.preventDefault();
    (event.shiftKey ? nodes.at(-1) : nodes[0]).focus();
  });
}

// A list that floats above everything, anchored to the control that opened it.
export function showPopup(popup, anchor) {
  if (!popup.isConnected) return;
  if (!popup.matches(":popover-open")) popup.showPopover();
  const box = anchor.getBoundingClientRect();
  popup.style.minWidth = `${Math.min(Math.max(box.width, 160), window.innerWidth - 16)}px`;
  const size = popup.getBoundingClientRect();
  const below = window.innerHeight - box.bottom;
  const top = below < size.height + 12 && box.top > below ? box.top - size.height - 4 : box.bottom + 4;
  popup.style.top = `${Math.max(8, top)}px`;
  popup.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8))}px`;
}

export function openMenu(menu, anchor) {
  showPopup(menu, anchor);
  focusables(menu)[0]?.focus();
  menu.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = focusables(menu);
    rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
  };
}

export function popupIsOpen() {
  return document.querySelector(":popover-open") !== null;
}

export function hidePopup(popup) {
  if (popup.isConnected && popup.matches(":popover-open")) popup.hidePopover();
}
