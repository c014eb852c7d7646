// The field at the bottom of a conversation: messages, slash commands and shortcuts.
import { el, hidePopup, icon, newId, openMenu, showPopup } from "./dom.js";

export class Composer {
  // host: { words, commands, shortcuts, placeholder, write(text), run(command, text), shortcut(callbackId), notice(text) }
  constructor(host, attributes) {
    this.host = host;
    this.active = -1;
    this.rows = [];
    this.build(attributes);
  }

  build(attributes) {
    const { words } = this.host;
    const listId = newId("commands");
    this.list = el("ul", { id: listId, class: "popup commands", role: "listbox", popover: "manual", "aria-label": words.commands });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.field = el("textarea", {
      rows: 1, ...attributes, oninput: () => this.typed(), onkeydown: (event) => this.key(event), onblur: () => this.hide(),
      ...(this.host.run ? { "aria-autocomplete": "list", "aria-controls": listId } : {}),
    });
    const send = el("button", { type: "submit", class: "icon-button send", "aria-label": words.send, title: words.send }, icon("send"));
    this.node = el("form", { class: "composer" }, this.field, el("div", { class: "composer-bar" }, this.buildShortcuts(), el("span", { class: "spring" }), send), this.list);
    this.node.addEventListener("submit", (event) => this.submitted(event));
    this.setPlaceholder(this.host.placeholder);
  }

  setPlaceholder(text) {
    this.field.placeholder = text;
    // Until a conversation is shown there is nowhere to write to.
    this.field.disabled = !text;
    this.field.setAttribute("aria-label", text);
  }

  buildShortcuts() {
    const { words, shortcuts } = this.host;
    if (!shortcuts) return null;
    const menu = el("div", { class: "popup menu", popover: "auto", role: "menu", "aria-label": words.shortcuts });
    const rows = shortcuts.map((shortcut) => el("button", { type: "button", role: "menuitem", class: "menu-row", "data-shortcut": shortcut.callback_id, onclick: () => this.takeShortcut(menu, shortcut) }, icon("bolt"), shortcut.name));
    menu.append(...(rows.length > 0 ? rows : [el("div", { class: "note" }, words.noShortcuts)]));
    const open = el("button", { type: "button", class: "icon-button", "aria-label": words.shortcuts, title: words.shortcuts, "aria-haspopup": "menu", "data-shortcuts": true, onclick: () => openMenu(menu, open) }, icon("bolt"));
    return el("span", {}, open, menu);
  }

  takeShortcut(menu, shortcut) {
    hidePopup(menu);
    this.host.shortcut(shortcut.callback_id);
  }

  typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
    this.suggest();
  }

  suggest() {
    const text = this.field.value;
    this.rows = /^\/\S*$/.test(text) ? (this.host.commands ?? []).filter((command) => command.command.startsWith(text)) : [];
    if (this.rows.length === 0) return this.hide();
    this.active = 0;
    this.list.replaceChildren(...this.rows.map((command) => this.drawCommand(command)));
    this.mark();
    return showPopup(this.list, this.node);
  }

  drawCommand(command) {
    return el(
      "li",
      { role: "option", id: newId("command"), "data-command": command.command, onclick: () => this.complete(command) },
      el("span", {}, el("b", {}, command.command), " ", el("span", { class: "usage" }, command.usage_hint ?? "")),
      el("small", {}, command.description ?? ""),
    );
  }

  mark() {
    const options = [...this.list.children];
    options.forEach((option, index) => {
      option.classList.toggle("active", index === this.active);
      option.setAttribute("aria-selected", String(index === this.active));
    });
    this.field.setAttribute("aria-activedescendant", options[this.active]?.id ?? "");
  }

  hide() {
    this.rows = [];
    hidePopup(this.list);
    this.field.removeAttribute("aria-activedescendant");
  }

  complete(command) {
    this.field.value = `${command.command} `;
    this.field.focus();
    this.hide();
  }

  key(event) {
    if (this.rows.length > 0 && this.keyInList(event)) return event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return null;
    event.preventDefault();
    return this.node.requestSubmit();
  }

  keyInList(event) {
    const command = this.rows[this.active];
    if (event.key === "Escape") this.hide();
    else if (event.key === "ArrowDown") this.step(1);
    else if (event.key === "ArrowUp") this.step(-1);
    else if (event.key === "Tab") this.complete(command);
    else if (event.key === "Enter" && this.field.value !== command.command) this.complete(command);
    else return false;
    return true;
  }

  step(by) {
    this.active = (this.active + by + this.rows.length) % this.rows.length;
    this.mark();
  }

  submitted(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    const slash = this.host.run && /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    if (slash && !this.knows(slash[1])) return void this.host.notice(this.host.words.unknownCommand(slash[1]));
    this.field.value = "";
    this.typed();
    if (slash) this.host.run(slash[1], slash[2]);
    else this.host.write(text);
  }

  knows(name) {
    return (this.host.commands ?? []).some((command) => command.command === name);
  }
}
