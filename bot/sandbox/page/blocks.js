// Draws Block Kit's blocks for one reader.
import { el, newId } from "./dom.js";
import { drawElement } from "./elements.js";
import { mistake } from "./initial.js";
import { drawMarkdown } from "./markdown.js";
import { drawRichText } from "./rich_text.js";
import { drawText, rich, wordsOf } from "./text.js";

// scene: see elements.js
export function drawBlocks(scene, blocks) {
  scene.form.beginDrawing();
  return blocks.map((block) => drawBlock(scene, block));
}

function drawBlock(scene, block) {
  const draw = DRAW[block.type];
  const content = draw ? draw(scene, block) : [el("span", { class: "unsupported" }, scene.words.unsupported(block.type))];
  return el("div", { class: `block block-${block.type}`, "data-block-id": block.block_id ?? null }, ...content);
}

const DRAW = {
  section: drawSection,
  header: (scene, block) => [el("h3", { class: "rich" }, drawText(block.text, scene.reader))],
  context: drawContext,
  divider: () => [el("hr")],
  actions: (scene, block) => [el("div", { class: "actions" }, ...block.elements.map((element) => drawElement(scene, block, element)))],
  input: drawInput,
  image: drawImageBlock,
  rich_text: (scene, block) => drawRichText(block, scene.reader),
  markdown: (scene, block) => drawMarkdown(block.text),
};

function drawSection(scene, block) {
  const body = [];
  if (block.text) body.push(rich(block.text, scene.reader, { class: "section-text" }));
  if (block.fields) body.push(el("div", { class: "fields" }, ...block.fields.map((field) => rich(field, scene.reader, { class: "section-field" }))));
  const accessory = block.accessory ? drawAccessory(scene, block) : null;
  return [el("div", { class: accessory ? "section with-accessory" : "section" }, el("div", { class: "section-body" }, ...body), accessory)];
}

function drawAccessory(scene, block) {
  const { accessory } = block;
  return el("div", { class: "accessory" }, accessory.type === "image" ? picture(accessory) : drawElement(scene, block, accessory));
}

function drawContext(scene, block) {
  const parts = block.elements.map((part) => (part.type === "image" ? picture(part, "tiny") : rich(part, scene.reader, { class: "context-text" })));
  return [el("div", { class: "context" }, ...parts)];
}

// Nothing is fetched from outside: a picture is shown as its description in a frame.
function picture(image, size = "small") {
  return el("span", { class: `picture ${size}`, role: "img", "aria-label": image.alt_text ?? "", title: image.alt_text ?? null }, initial(image.alt_text));
}

function initial(text) {
  return [...(text ?? "")][0]?.toUpperCase() ?? "?";
}

function drawImageBlock(scene, block) {
  const title = block.title ? el("div", { class: "picture-title" }, drawText(block.title, scene.reader)) : null;
  return [title, el("div", { class: "picture large", role: "img", "aria-label": block.alt_text ?? "" }, block.alt_text ?? scene.words.image)];
}

function drawInput(scene, block) {
  const names = { label: newId("label"), hint: block.hint ? newId("hint") : null, error: newId("error"), control: newId("control"), required: !block.optional };
  const optional = block.optional ? el("span", { class: "optional" }, ` ${scene.words.optional}`) : null;
  const label = el("label", { id: names.label, for: names.control, class: "label" }, drawText(block.label, scene.reader), optional);
  const hint = block.hint ? el("div", { id: names.hint, class: "hint" }, drawText(block.hint, scene.reader)) : null;
  const control = drawElement(scene, block, block.element, names);
  scene.form.require(block.block_id, block.element.action_id, (state) => mistake(block, state, scene.words));
  return [label, control, el("div", { id: names.error, class: "error-spot" }), hint];
}

// --- errors beside the fields ---

export function showErrors(root, errors) {
  clearErrors(root);
  for (const [blockId, text] of Object.entries(errors)) showError(root, blockId, text);
  root.querySelector("[aria-invalid]")?.focus();
}

export function clearErrors(root) {
  for (const error of root.querySelectorAll("[data-error-for]")) error.remove();
  for (const control of root.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const block of root.querySelectorAll(".has-error")) block.classList.remove("has-error");
}

function showError(root, blockId, text) {
  const block = [...root.querySelectorAll("[data-block-id]")].find((node) => node.dataset.blockId === blockId);
  if (!block) return;
  block.classList.add("has-error");
  (block.querySelector(".error-spot") ?? block).append(el("div", { class: "field-error", role: "alert", "data-error-for": blockId }, text));
  const control = block.querySelector("[data-action-id]");
  const target = control?.matches("fieldset") ? control.querySelector("input") : control;
  target?.setAttribute("aria-invalid", "true");
}

// A confirm object in words the small dialog can show.
export function readConfirm(confirm, { reader, words }) {
  return {
    title: wordsOf(confirm.title, reader) || words.sure,
    text: drawText(confirm.text, reader),
    confirm: wordsOf(confirm.confirm, reader) || words.yes,
    deny: wordsOf(confirm.deny, reader) || words.no,
    style: confirm.style,
  };
}
