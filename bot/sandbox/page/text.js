// Text objects: plain_text stays literal, mrkdwn is read by Slack's rules.
import { el } from "./dom.js";
import { asWords, mrkdwn, plainText } from "./mrkdwn.js";

export function drawText(object, reader) {
  if (!object) return "";
  if (typeof object === "string") return object;
  if (object.type === "mrkdwn") return mrkdwn(object.text, reader, { verbatim: object.verbatim === true });
  return plainText(object.text, { emoji: object.emoji !== false });
}

export function rich(object, reader, attributes = {}) {
  return el("div", { ...attributes, class: `rich ${attributes.class ?? ""}`.trim() }, drawText(object, reader));
}

export function wordsOf(object, reader) {
  return object?.type === "mrkdwn" ? asWords(object.text, reader) : (object?.text ?? "");
}
