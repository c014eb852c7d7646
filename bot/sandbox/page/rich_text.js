// rich_text blocks: every text element is literal, whatever it holds.
import { el } from "./dom.js";
import { emojiFor } from "./emoji.js";
import { link, mention } from "./mrkdwn.js";
import { dateToken } from "./words.js";

export function drawRichText(block, reader) {
  return [el("div", { class: "rich rich-text" }, ...block.elements.map((part) => drawPart(part, reader)))];
}

const PARTS = {
  rich_text_section: (part, reader) => el("div", {}, ...drawElements(part, reader)),
  rich_text_quote: (part, reader) => el("blockquote", {}, ...drawElements(part, reader)),
  rich_text_preformatted: (part, reader) => el("pre", {}, ...drawElements(part, reader)),
  rich_text_list: drawList,
};

function drawPart(part, reader) {
  return PARTS[part.type]?.(part, reader) ?? el("span", { class: "unsupported" }, part.type);
}

function drawList(part, reader) {
  const list = el(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent ?? 0}` });
  if (part.style === "ordered" && part.offset) list.start = part.offset + 1;
  list.append(...part.elements.map((item) => el("li", {}, drawPart(item, reader))));
  return list;
}

function drawElements(part, reader) {
  return part.elements.map((element) => styled(drawLeaf(element, reader), element.style));
}

const LEAVES = {
  text: (leaf) => leaf.text,
  link: (leaf) => link(leaf.url, leaf.text || leaf.url),
  user: (leaf, reader) => mention("user", `@${reader.userName(leaf.user_id) ?? leaf.user_id}`),
  channel: (leaf, reader) => mention("channel", `#${reader.channelName(leaf.channel_id) ?? leaf.channel_id}`),
  usergroup: (leaf) => mention("group", `@${leaf.usergroup_id}`),
  broadcast: (leaf) => mention("broadcast", `@${leaf.range}`),
  emoji: (leaf) => emojiFor(leaf.name) ?? `:${leaf.name}:`,
  date: (leaf, reader) => dateToken(leaf.timestamp, leaf.format, reader.locale),
  color: (leaf) => leaf.value,
};

function drawLeaf(leaf, reader) {
  return LEAVES[leaf.type]?.(leaf, reader) ?? "";
}

const STYLES = { bold: "b", italic: "i", strike: "s", code: "code", underline: "u" };

function styled(node, style = {}) {
  return Object.keys(STYLES).filter((name) => style[name]).reduce((inner, name) => el(STYLES[name], {}, inner), node);
}
