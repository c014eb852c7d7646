// Block Kit's interactive elements as form controls.
import { el, hidePopup, icon, newId, openMenu } from "./dom.js";
import { safeUrl } from "./mrkdwn.js";
import { Picker } from "./picker.js";
import { initialState } from "./initial.js";
import { drawText } from "./text.js";

// scene = { reader, words, form, surface, press, options, confirm, users }; names = ids that label the control
export function drawElement(scene, block, element, names = {}) {
  const draw = DRAW[element.type];
  if (!draw) return el("span", { class: "unsupported" }, scene.words.unsupported(element.type));
  return draw(new Spot(scene, block, element, names));
}

// One element at its place: what it holds, how it is named, and how it is pressed.
class Spot {
  constructor(scene, block, element, names) {
    Object.assign(this, { scene, block, element, names });
    const initial = initialState(element);
    if (initial) scene.form.start(block.block_id, element.action_id, initial);
  }

  get state() {
    return this.scene.form.get(this.block.block_id, this.element.action_id);
  }

  get attributes() {
    const { label, hint, error, required } = this.names;
    return {
      id: this.names.control ?? null,
      "data-action-id": this.element.action_id,
      "aria-labelledby": label ?? null,
      "aria-label": label ? null : this.ownName,
      "aria-describedby": [hint, error].filter(Boolean).join(" ") || null,
      "aria-required": required ? "true" : null,
    };
  }

  get ownName() {
    const { accessibility_label: label, placeholder } = this.element;
    return label ?? placeholder?.text ?? this.scene.words.choose;
  }

  get dispatches() {
    return this.block.type !== "input" || this.block.dispatch_action === true;
  }

  text(object) {
    return drawText(object, this.scene.reader);
  }

  remember(fields) {
    this.scene.form.set(this.block.block_id, this.element.action_id, { ...this.state, ...fields });
  }

  // A choice is kept, and sent at once where the element stands outside an input block.
  async chosen(fields, control) {
    const before = this.state;
    this.remember(fields);
    if (!this.dispatches) return true;
    const sent = await this.press({ selected: this.state }, control);
    if (!sent) this.remember(before);
    return sent;
  }

  async press(what, control) {
    const { confirm } = this.element;
    if (confirm && !(await this.scene.confirm(confirm))) return false;
    await this.send(what, control);
    return true;
  }

  async send(what, control) {
    if (control.getAttribute("aria-busy") === "true") return;
    clearWarning(control);
    control.setAttribute("aria-busy", "true");
    const status = await this.sendSafely(what);
    control.removeAttribute("aria-busy");
    if (status !== 200) warn(control, this.element.action_id, status, this.scene.words);
  }

  async sendSafely(what) {
    try {
      const answer = await this.scene.press({ block_id: this.block.block_id, action_id: this.element.action_id, ...what });
      return answer.status;
    } catch {
      return 0;
    }
  }
}

function frameOf(control) {
  return control.closest(".block") ?? control.parentElement;
}

function clearWarning(control) {
  frameOf(control)?.querySelectorAll(".press-failed").forEach((node) => node.remove());
}

function warn(control, actionId, status, words) {
  const warning = el("div", { class: "press-failed", role: "alert", "data-press-failed": actionId, title: `HTTP ${status}` }, icon("warning"), el("span", {}, words.trouble));
  frameOf(control)?.append(warning);
}

const DRAW = {
  button: drawButton,
  workflow_button: drawButton,
  static_select: drawSelect,
  users_select: drawUsersSelect,
  external_select: drawExternal,
  conversations_select: drawConversations,
  multi_static_select: drawManyStatic,
  multi_external_select: drawExternal,
  multi_users_select: drawManyUsers,
  overflow: drawOverflow,
  datepicker: (spot) => drawNative(spot, "date", "selected_date"),
  timepicker: (spot) => drawNative(spot, "time", "selected_time"),
  checkboxes: drawCheckboxes,
  radio_buttons: drawRadios,
  plain_text_input: drawTextInput,
  email_text_input: (spot) => drawLine(spot, { type: "email", autocomplete: "off" }),
  url_text_input: (spot) => drawLine(spot, { type: "url", autocomplete: "off" }),
  number_input: (spot) => drawLine(spot, { type: "text", inputmode: "decimal", autocomplete: "off" }),
};

// --- buttons ---

function drawButton(spot) {
  const { element } = spot;
  const style = ["primary", "danger"].includes(element.style) ? element.style : "";
  const attributes = { class: `button ${style}`.trim(), "data-action-id": element.action_id, "aria-label": element.accessibility_label ?? null };
  const content = el("span", { class: "button-text" }, spot.text(element.text));
  const href = element.url ? safeUrl(element.url) : null;
  if (href) return linkButton(spot, { ...attributes, href, target: "_blank", rel: "noopener noreferrer" }, content);
  return el("button", { type: "button", ...attributes, onclick: (event) => spot.press({ value: element.value }, event.currentTarget) }, content);
}

function linkButton(spot, attributes, content) {
  const pressed = async (event) => {
    const anchor = event.currentTarget;
    if (!spot.element.confirm) return spot.press({ value: spot.element.value }, anchor);
    event.preventDefault();
    if (await spot.press({ value: spot.element.value }, anchor)) window.open(attributes.href, "_blank", "noopener");
    return null;
  };
  return el("a", { ...attributes, onclick: pressed }, content);
}

function drawOverflow(spot) {
  const { element, scene } = spot;
  const menu = el("div", { class: "popup menu", popover: "auto", role: "menu" });
  const toggle = el("button", {
    type: "button", class: "button overflow", "aria-haspopup": "menu", ...spot.attributes,
    "aria-label": spot.names.label ? null : (element.accessibility_label ?? scene.words.more),
    onclick: () => openMenu(menu, toggle),
  }, icon("more"));
  menu.append(...element.options.map((option) => overflowRow(spot, option, menu, toggle)));
  return el("span", { class: "overflow-frame" }, toggle, menu);
}

function overflowRow(spot, option, menu, toggle) {
  const href = option.url ? safeUrl(option.url) : null;
  const pick = () => {
    hidePopup(menu);
    spot.press({ selected: { type: "overflow", selected_option: option } }, toggle);
  };
  const tag = href ? ["a", { href, target: "_blank", rel: "noopener noreferrer" }] : ["button", { type: "button" }];
  return el(tag[0], { ...tag[1], role: "menuitem", class: "menu-row", "data-value": option.value, onclick: pick }, spot.text(option.text));
}

// --- one out of a list ---

function drawSelect(spot) {
  const { element } = spot;
  const options = element.option_groups ? element.option_groups.flatMap((group) => group.options) : element.options;
  if (!options.some((option) => option.value === spot.state.selected_option?.value)) spot.remember({ selected_option: null });
  const select = el("select", { class: "select", ...spot.attributes }, emptyOption(spot), ...selectRows(element));
  const show = () => (select.value = spot.state.selected_option?.value ?? "");
  select.addEventListener("change", async () => {
    await spot.chosen({ selected_option: options.find((option) => option.value === select.value) ?? null }, select);
    show();
  });
  show();
  return select;
}

function emptyOption(spot) {
  return el("option", { value: "" }, spot.element.placeholder?.text ?? spot.scene.words.choose);
}

function selectRows(element) {
  const row = (option) => el("option", { value: option.value }, option.text.text);
  if (!element.option_groups) return element.options.map(row);
  return element.option_groups.map((group) => el("optgroup", { label: group.label.text }, ...group.options.map(row)));
}

function drawUsersSelect(spot) {
  const rows = spot.scene.users.map((user) => el("option", { value: user.id }, user.real_name));
  const select = el("select", { class: "select", ...spot.attributes }, emptyOption(spot), ...rows);
  const show = () => (select.value = spot.state.selected_user ?? "");
  select.addEventListener("change", async () => {
    await spot.chosen({ selected_user: select.value || null }, select);
    show();
  });
  show();
  return select;
}

// --- searching lists ---

function drawExternal(spot) {
  const multiple = spot.element.type.startsWith("multi_");
  const find = async (query) => rowsOf(await spot.scene.options({ block_id: spot.block.block_id, action_id: spot.element.action_id, value: query }));
  return drawPicker(spot, { find, multiple, minimum: spot.element.min_query_length ?? 3 });
}

function drawManyStatic(spot) {
  const rows = rowsOf(spot.element);
  return drawPicker(spot, { find: async (query) => matching(rows, query), multiple: true });
}

function rowsOf({ options, option_groups: groups }) {
  const row = (option, group = null) => ({ option, group, label: option.text.text, description: option.description?.text });
  if (groups) return groups.flatMap((group) => group.options.map((option) => row(option, group.label.text)));
  return (options ?? []).map((option) => row(option));
}

function matching(rows, query) {
  const wanted = query.toLocaleLowerCase();
  return rows.filter((row) => row.label.toLocaleLowerCase().includes(wanted));
}

function drawPicker(spot, { find, multiple, minimum = 0 }) {
  const { element, state, scene } = spot;
  const selected = multiple ? state.selected_options : [state.selected_option].filter(Boolean);
  const fields = (chosen) => (multiple ? { selected_options: chosen } : { selected_option: chosen[0] ?? null });
  const picker = new Picker({
    find, multiple, minimum, selected, max: element.max_selected_items, words: scene.words, placeholder: element.placeholder?.text,
    label: (option) => option.text.text, attributes: spot.attributes,
    changed: (chosen) => spot.chosen(fields(chosen), picker.input),
  });
  return picker.node;
}

// The list is Slack's own: nothing is asked of the app.
function drawConversations(spot) {
  const { element, scene } = spot;
  const find = async (query) => rowsOf(await scene.options({ block_id: spot.block.block_id, action_id: element.action_id, value: query }));
  const selected = [spot.state.selected_conversation].filter(Boolean).map((value) => ({ value }));
  const picker = new Picker({
    find, words: scene.words, selected, placeholder: element.placeholder?.text, attributes: spot.attributes,
    label: (option) => option.text?.text ?? scene.reader.channelName(option.value) ?? option.value,
    changed: (chosen) => spot.chosen({ selected_conversation: chosen[0]?.value ?? null }, picker.input),
  });
  return picker.node;
}

function drawManyUsers(spot) {
  const rows = spot.scene.users.map((user) => ({ label: user.real_name, option: { value: user.id } }));
  const picker = new Picker({
    find: async (query) => matching(rows, query), multiple: true, words: spot.scene.words, max: spot.element.max_selected_items,
    placeholder: spot.element.placeholder?.text, selected: spot.state.selected_users.map((id) => ({ value: id })), attributes: spot.attributes,
    label: (option) => spot.scene.reader.userName(option.value) ?? option.value,
    changed: (chosen) => spot.chosen({ selected_users: chosen.map((option) => option.value) }, picker.input),
  });
  return picker.node;
}

// --- native fields ---

function drawNative(spot, type, field) {
  const input = el("input", { type, class: "field", value: spot.state[field] ?? "", ...spot.attributes });
  input.addEventListener("change", () => spot.chosen({ [field]: input.value || null }, input));
  return input;
}

function choices(spot, kind, isChecked, changed) {
  const name = newId("choice");
  const rows = spot.element.options.map((option) => {
    const input = el("input", { type: kind, name, value: option.value, checked: isChecked(option) });
    input.addEventListener("change", () => changed(group));
    return el("label", { class: "choice" }, input, choiceText(spot, option));
  });
  const role = kind === "radio" ? "radiogroup" : "group";
  const group = el("fieldset", { class: "choices", role, ...spot.attributes }, ...rows);
  return group;
}

function choiceText(spot, option) {
  const description = option.description ? el("small", {}, spot.text(option.description)) : null;
  return el("span", { class: "choice-text rich" }, spot.text(option.text), description);
}

function checkedOptions(spot, group) {
  const values = new Set([...group.querySelectorAll("input:checked")].map((input) => input.value));
  return spot.element.options.filter((option) => values.has(option.value));
}

function drawCheckboxes(spot) {
  const isChecked = (option) => spot.state.selected_options.some((other) => other.value === option.value);
  return choices(spot, "checkbox", isChecked, async (group) => {
    await spot.chosen({ selected_options: checkedOptions(spot, group) }, group);
    for (const input of group.querySelectorAll("input")) input.checked = isChecked(input);
  });
}

function drawRadios(spot) {
  const isChecked = (option) => spot.state.selected_option?.value === option.value;
  return choices(spot, "radio", isChecked, async (group) => {
    await spot.chosen({ selected_option: checkedOptions(spot, group)[0] ?? null }, group);
    for (const input of group.querySelectorAll("input")) input.checked = isChecked(input);
  });
}

function drawTextInput(spot) {
  const { element } = spot;
  const lengths = { maxlength: element.max_length ?? null };
  if (!element.multiline) return drawLine(spot, { type: "text", autocomplete: "off", ...lengths });
  const area = el("textarea", { class: "field", rows: 4, placeholder: element.placeholder?.text ?? null, ...lengths, ...spot.attributes });
  return withCounter(spot, typing(spot, area));
}

function drawLine(spot, attributes) {
  const input = el("input", { class: "field", placeholder: spot.element.placeholder?.text ?? null, ...attributes, ...spot.attributes });
  return withCounter(spot, typing(spot, input));
}

function typing(spot, input) {
  const triggers = spot.element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const sends = (trigger) => spot.block.dispatch_action === true && triggers.includes(trigger);
  input.value = spot.state.value ?? "";
  input.addEventListener("input", () => {
    spot.remember({ value: written(spot.element, input.value) });
    if (sends("on_character_entered")) spot.press({ selected: spot.state }, input);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || !sends("on_enter_pressed")) return;
    event.preventDefault();
    spot.press({ selected: spot.state }, input);
  });
  if (spot.element.focus_on_load) input.dataset.focusOnLoad = "";
  return input;
}

function written(element, value) {
  return (element.type === "number_input" ? value.trim().replace(",", ".") : value) || null;
}

function withCounter(spot, input) {
  const { min_length: least, max_length: most } = spot.element;
  if (!least && !most) return input;
  const counter = el("span", { class: "counter", "aria-hidden": "true" });
  const count = () => {
    const length = input.value.length;
    counter.textContent = most ? `${length} / ${most}` : `${length} (≥ ${least})`;
    counter.classList.toggle("short", Boolean(least) && length < least);
  };
  input.addEventListener("input", count);
  count();
  return el("div", { class: "counted" }, input, counter);
}
