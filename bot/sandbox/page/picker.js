// A search field with a list below: one or several options, from memory or from the app.
import { el, hidePopup, icon, newId, showPopup } from "./dom.js";

const PAUSE_MS = 180;

// find(query) answers with [{ label, group?, option }]; label(option) gives its words; changed(options) is told every choice.
export class Picker {
  constructor({ find, label, changed, words, multiple = false, max = null, selected = [], minimum = 0, placeholder, attributes = {} }) {
    Object.assign(this, { find, label, changed, words, multiple, max, selected, minimum });
    this.rows = [];
    this.active = -1;
    this.asked = 0;
    this.follow = (event) => event.target !== this.list && showPopup(this.list, this.node);
    this.build(placeholder ?? words.choose, attributes);
    this.showSelected();
  }

  build(placeholder, attributes) {
    const listId = newId("options");
    this.placeholder = placeholder;
    this.input = el("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": listId, "aria-haspopup": "listbox", ...attributes,
      oninput: () => this.typed(), onclick: () => this.opened(),
      onblur: () => this.left(), onkeydown: (event) => this.key(event),
    });
    this.list = el("ul", { id: listId, role: "listbox", class: "popup options", popover: "manual", "aria-label": placeholder, "aria-multiselectable": this.multiple || null });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.chips = el("span", { class: "chips" });
    this.node = el("div", { class: this.multiple ? "picker many" : "picker" }, this.chips, this.input, this.list);
  }

  opened() {
    if (this.isOpen()) return;
    if (!this.multiple) this.input.select();
    this.search("");
  }

  typed() {
    clearTimeout(this.pause);
    const query = this.input.value;
    this.pause = setTimeout(() => this.search(query), PAUSE_MS);
  }

  async search(query) {
    if (query.length < this.minimum) {
      this.rows = [];
      this.showNote(this.words.typeMore(this.minimum));
      return;
    }
    this.asked += 1;
    const question = this.asked;
    this.showNote(this.words.searching);
    const rows = await this.findSafely(query);
    if (question !== this.asked || document.activeElement !== this.input) return;
    this.showRows(rows);
  }

  async findSafely(query) {
    try {
      return await this.find(query);
    } catch {
      return null;
    }
  }

  showRows(rows) {
    this.rows = rows ?? [];
    this.active = this.rows.length > 0 ? 0 : -1;
    if (rows === null) return this.showNote(this.words.trouble);
    if (rows.length === 0) return this.showNote(this.words.noMatches);
    this.list.replaceChildren(...this.rows.flatMap((row, index) => this.drawRow(row, index)));
    this.mark();
    return this.show();
  }

  drawRow(row, index) {
    const chosen = this.isChosen(row.option);
    const description = row.description ? el("small", {}, row.description) : null;
    const option = el(
      "li",
      { id: newId("option"), role: "option", "aria-selected": String(chosen), "data-value": row.option.value, onclick: () => this.choose(row.option) },
      el("span", {}, row.label, description),
      chosen ? icon("check") : null,
    );
    const opensGroup = row.group && row.group !== this.rows[index - 1]?.group;
    return opensGroup ? [el("li", { role: "presentation", class: "group" }, row.group), option] : [option];
  }

  showNote(text) {
    this.active = -1;
    this.list.replaceChildren(el("li", { role: "presentation", class: "note" }, text));
    this.show();
  }

  show() {
    showPopup(this.list, this.node);
    document.addEventListener("scroll", this.follow, true);
    this.input.setAttribute("aria-expanded", "true");
  }

  hide() {
    clearTimeout(this.pause);
    this.asked += 1;
    hidePopup(this.list);
    document.removeEventListener("scroll", this.follow, true);
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  isOpen() {
    return this.input.getAttribute("aria-expanded") === "true";
  }

  mark() {
    const options = [...this.list.querySelectorAll("[role=option]")];
    options.forEach((option, index) => option.classList.toggle("active", index === this.active));
    const current = options[this.active];
    if (!current) return;
    this.input.setAttribute("aria-activedescendant", current.id);
    current.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const act = KEYS[event.key];
    if (act) act(this, event);
  }

  move(step, event) {
    event.preventDefault();
    if (!this.isOpen()) return this.opened();
    if (this.rows.length === 0) return null;
    this.active = (this.active + step + this.rows.length) % this.rows.length;
    return this.mark();
  }

  isChosen(option) {
    return this.selected.some((other) => other.value === option.value);
  }

  choose(option) {
    if (!this.multiple) this.selected = [option];
    else if (this.isChosen(option)) this.selected = this.selected.filter((other) => other.value !== option.value);
    else if (!this.max || this.selected.length < this.max) this.selected = [...this.selected, option];
    this.hide();
    this.showSelected();
    this.changed(this.selected);
  }

  drop(option) {
    this.selected = this.selected.filter((other) => other !== option);
    this.showSelected();
    this.changed(this.selected);
    this.input.focus();
  }

  // Words left in the field are no choice; an emptied field takes the choice back.
  left() {
    this.hide();
    const emptied = !this.multiple && this.selected.length > 0 && this.input.value === "";
    if (emptied) {
      this.selected = [];
      this.changed([]);
    }
    this.showSelected();
  }

  showSelected() {
    if (!this.multiple) {
      this.input.value = this.selected[0] ? this.label(this.selected[0]) : "";
      this.input.placeholder = this.placeholder;
      return;
    }
    this.input.value = "";
    this.input.placeholder = this.selected.length > 0 ? "" : this.placeholder;
    this.chips.replaceChildren(...this.selected.map((option) => this.drawChip(option)));
  }

  drawChip(option) {
    const name = this.label(option);
    const drop = el("button", { type: "button", class: "chip-drop", "aria-label": this.words.remove(name), onclick: () => this.drop(option) }, icon("close"));
    return el("span", { class: "chip", "data-chosen": option.value }, el("span", {}, name), drop);
  }
}

const KEYS = {
  ArrowDown: (picker, event) => picker.move(1, event),
  ArrowUp: (picker, event) => picker.move(-1, event),
  Enter: (picker, event) => {
    if (!picker.isOpen()) return;
    event.preventDefault();
    event.stopPropagation();
    if (picker.rows[picker.active]) picker.choose(picker.rows[picker.active].option);
  },
  Escape: (picker, event) => {
    if (!picker.isOpen()) return;
    event.stopPropagation();
    picker.hide();
  },
  Backspace: (picker) => {
    if (picker.multiple && picker.input.value === "" && picker.selected.length > 0) picker.drop(picker.selected.at(-1));
  },
};
