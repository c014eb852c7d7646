// Slack's mrkdwn as nodes: <…> tokens first, then entities, then formatting, so that escaped text stays literal.
import { el } from "./dom.js";
import { emojiFor } from "./emoji.js";
import { dateToken } from "./words.js";

const TOKEN = /<([@#!][^<>]*|[a-zA-Z][a-zA-Z0-9+.-]*:[^<>]*)>/g;
const FIRST = 0xe000;
const LAST = 0xf8ff;
const RESERVED = /[\ue000-\uf8ff]/gu;

// reader = { locale, userName(id), channelName(id) }
export function mrkdwn(text, reader, { verbatim = false } = {}) {
  const { marked, tokens } = takeTokens(String(text ?? "").replace(RESERVED, "\ufffd"));
  const scene = { tokens, reader, verbatim };
  const fragment = document.createDocumentFragment();
  fragment.append(...drawFences(decodeEntities(marked), scene));
  return fragment;
}

export function plainText(text, { emoji = true } = {}) {
  const fragment = document.createDocumentFragment();
  fragment.append(...(emoji ? withEmoji(String(text ?? "")) : [String(text ?? "")]));
  return fragment;
}

// What a label, a title or an announcement needs: the words alone.
export function asWords(text, reader) {
  return mrkdwn(text, reader).textContent.replace(/\s+/g, " ").trim();
}

export function safeUrl(url) {
  return /^(https?:|mailto:|tel:|slack:)/i.test(String(url)) ? String(url) : null;
}

export function link(url, label) {
  const href = safeUrl(url);
  if (!href) return el("span", { class: "dead-link" }, label);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);
}

export function mention(kind, label) {
  return el("span", { class: `mention mention-${kind}`, "data-mention": kind }, label);
}

function takeTokens(text) {
  const tokens = [];
  const marked = text.replace(TOKEN, (whole, inside) => {
    if (FIRST + tokens.length > LAST) return whole;
    tokens.push(inside);
    return String.fromCharCode(FIRST + tokens.length - 1);
  });
  return { marked, tokens };
}

function decodeEntities(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

function drawFences(text, scene) {
  const parts = text.split(/```\n?([\s\S]+?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [el("pre", {}, ...withTokens(part, scene))];
    return drawQuotes(part, scene);
  });
}

function drawQuotes(text, scene) {
  const nodes = [];
  for (const run of quoteRuns(text)) {
    if (run.quoted) nodes.push(el("blockquote", {}, ...inline(run.lines.join("\n"), scene)));
    else nodes.push(...inline(run.lines.join("\n"), scene));
  }
  return nodes;
}

function quoteRuns(text) {
  const runs = [];
  for (const line of text.split("\n")) {
    const quoted = line.startsWith(">");
    const last = runs.at(-1);
    const words = quoted ? line.replace(/^>\s?/, "") : line;
    if (last && last.quoted === quoted) last.lines.push(words);
    else runs.push({ quoted, lines: [words] });
  }
  return runs;
}

const INLINE = [
  { pattern: /`([^`\n]+)`/u, draw: (match, scene) => el("code", {}, ...withTokens(match[1], scene)) },
  { pattern: emphasis("\\*"), draw: (match, scene) => el("b", {}, ...inline(match[1], scene)) },
  { pattern: emphasis("_"), draw: (match, scene) => el("i", {}, ...inline(match[1], scene)) },
  { pattern: emphasis("~"), draw: (match, scene) => el("s", {}, ...inline(match[1], scene)) },
  { pattern: /https?:\/\/[^\s<>|\ue000-\uf8ff]+[^\s<>|.,;:!?)\]'"*_~\ue000-\uf8ff]/u, draw: (match, scene) => (scene.verbatim ? match[0] : link(match[0], match[0])) },
];

function emphasis(mark) {
  return new RegExp(`(?<![\\p{L}\\p{N}${mark}])${mark}(?!\\s)([^${mark}\\n]+?)(?<!\\s)${mark}(?![\\p{L}\\p{N}${mark}])`, "u");
}

function inline(text, scene) {
  const found = earliest(text);
  if (!found) return withTokens(text, scene, true);
  const { match, draw } = found;
  return [
    ...withTokens(text.slice(0, match.index), scene, true),
    draw(match, scene),
    ...inline(text.slice(match.index + match[0].length), scene),
  ];
}

function earliest(text) {
  let best = null;
  for (const { pattern, draw } of INLINE) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { match, draw };
  }
  return best;
}

function withTokens(text, scene, emoji = false) {
  return text.split(/([\ue000-\uf8ff])/u).flatMap((part, index) => {
    if (index % 2 === 0) return emoji ? withEmoji(part) : part ? [part] : [];
    return [drawToken(scene.tokens[part.charCodeAt(0) - FIRST], scene.reader)];
  });
}

function withEmoji(text) {
  return text.split(/(:[a-z0-9_+-]+:)/).flatMap((part, index) => {
    if (!part) return [];
    const sign = index % 2 === 1 ? emojiFor(part.slice(1, -1)) : null;
    return sign ? [el("span", { class: "emoji", role: "img", "aria-label": part.slice(1, -1).replaceAll("_", " ") }, sign)] : [part];
  });
}

function drawToken(inside, reader) {
  const cut = inside.indexOf("|");
  const body = cut < 0 ? inside : inside.slice(0, cut);
  const label = cut < 0 ? "" : decodeEntities(inside.slice(cut + 1));
  if (body.startsWith("@")) return mention("user", `@${reader.userName(body.slice(1)) ?? (label || body.slice(1))}`);
  if (body.startsWith("#")) return mention("channel", `#${reader.channelName(body.slice(1)) ?? (label || body.slice(1))}`);
  if (body.startsWith("!")) return drawSpecial(body.slice(1), label, reader);
  const url = decodeEntities(body);
  return link(url, label || url.replace(/^mailto:/, ""));
}

function drawSpecial(body, label, reader) {
  const [name, ...rest] = body.split("^");
  if (name === "date") return drawDate(rest, label, reader);
  if (["channel", "here", "everyone"].includes(name)) return mention("broadcast", `@${name}`);
  return mention("group", label || `@${rest[0] ?? name}`);
}

function drawDate([epoch, pattern, url], fallback, reader) {
  const moment = Number(epoch);
  if (!Number.isFinite(moment) || !pattern) return el("span", {}, fallback);
  const words = dateToken(moment, decodeEntities(pattern), reader.locale);
  const time = el("time", { datetime: new Date(moment * 1000).toISOString(), title: fallback || null }, words);
  return url ? link(decodeEntities(url), time) : time;
}
