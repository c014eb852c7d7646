// The little of standard Markdown that markdown blocks need: headings, lists, bold, italics, code and links.
import { el } from "./dom.js";
import { link } from "./mrkdwn.js";

export function drawMarkdown(text) {
  return [el("div", { class: "rich" }, ...String(text).split(/\n{2,}/).flatMap(drawParagraph))];
}

function drawParagraph(paragraph) {
  const lines = paragraph.split("\n").filter((line) => line !== "");
  if (lines.length > 0 && lines.every((line) => /^[-*] /.test(line))) return [el("ul", {}, ...lines.map((line) => el("li", {}, ...inline(line.slice(2)))))];
  return lines.map((line) => {
    const heading = /^#{1,6} (.*)$/.exec(line);
    return heading ? el("h4", {}, ...inline(heading[1])) : el("div", {}, ...inline(line));
  });
}

const INLINE = [
  { pattern: /`([^`]+)`/, draw: (match) => el("code", {}, match[1]) },
  { pattern: /\[([^\]]+)\]\(([^)\s]+)\)/, draw: (match) => link(match[2], match[1]) },
  { pattern: /\*\*(\S(?:.*?\S)?)\*\*/, draw: (match) => el("b", {}, ...inline(match[1])) },
  { pattern: /(?<![\p{L}\p{N}])[*_](\S(?:.*?\S)?)[*_](?![\p{L}\p{N}])/u, draw: (match) => el("i", {}, ...inline(match[1])) },
];

function inline(text) {
  const hits = INLINE.map(({ pattern, draw }) => ({ match: pattern.exec(text), draw })).filter(({ match }) => match);
  if (hits.length === 0) return text ? [text] : [];
  const { match, draw } = hits.reduce((best, hit) => (hit.match.index < best.match.index ? hit : best));
  return [text.slice(0, match.index), draw(match), ...inline(text.slice(match.index + match[0].length))].filter((part) => part !== "");
}
