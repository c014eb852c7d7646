// A small dialog that asks before a press is sent.
import { el, newId, trapFocus } from "./dom.js";

// question = { title, text, confirm, deny: nodes or strings, style }; answers with true or false.
export function askFirst(layer, question) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const answer = (yes) => {
      shade.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(yes);
    };
    const shade = drawQuestion(question, answer);
    layer.append(shade);
    shade.querySelector("[data-confirm]").focus();
  });
}

function drawQuestion({ title, text, confirm, deny, style }, answer) {
  const [titleId, textId] = [newId("confirm"), newId("confirm")];
  const buttons = el(
    "div",
    { class: "confirm-buttons" },
    el("button", { type: "button", class: "button", "data-deny": true, onclick: () => answer(false) }, deny),
    el("button", { type: "button", class: `button ${style === "danger" ? "danger" : "primary"}`, "data-confirm": true, onclick: () => answer(true) }, confirm),
  );
  const dialog = el(
    "div",
    { class: "confirm", role: "alertdialog", "aria-modal": "true", "aria-labelledby": titleId, "aria-describedby": textId, onkeydown: (event) => escape(event, answer) },
    el("h2", { id: titleId }, title),
    el("div", { id: textId, class: "rich" }, text),
    buttons,
  );
  trapFocus(dialog);
  return el("div", { class: "shade" }, dialog);
}

function escape(event, answer) {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  answer(false);
}
