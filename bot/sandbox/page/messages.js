// The list of messages in a conversation or thread: days, the line before what is new, senders and blocks.
import { appAvatar, avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { el, icon, reconcile } from "./dom.js";
import { Form } from "./form.js";
import { mrkdwn } from "./mrkdwn.js";
import { clock, dayKey, dayName, hourAndMinute } from "./words.js";

const TOGETHER_SECONDS = 300;
const NEAR_END = 80;

export class Messages {
  // host: { person, words, reader, sceneFor(message, form), openThread(message) | null }
  constructor(host, label) {
    this.host = host;
    this.forms = new Map();
    this.list = el("ol", { class: "messages" });
    this.node = el("div", { class: "scroll", tabindex: "0", role: "log", "aria-label": label, "aria-live": "polite" }, this.list);
  }

  // newFrom: the ts of the first message the person has not seen
  show(messages, { newFrom = null, toEnd = false } = {}) {
    const atEnd = toEnd || this.isNearEnd();
    reconcile(this.list, withLines(messages, newFrom), {
      key: (row) => row.key,
      signature: (row) => row.signature,
      draw: (row) => this.drawRow(row),
      replaced: (node, old, row) => flashIfChanged(node, old, row),
    });
    if (atEnd) this.scrollToEnd();
  }

  isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  scrollToEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  drawRow(row) {
    if (row.kind === "empty") return el("li", { class: "empty" }, this.host.words.emptyConversation);
    if (row.kind === "day") return el("li", { class: "day" }, el("span", {}, dayName(row.epoch, this.host.person.locale)));
    if (row.kind === "new") return el("li", { class: "new-line", "data-new-line": true }, el("span", {}, this.host.words.newMessages));
    return this.drawMessage(row);
  }

  drawMessage({ message, together, body }) {
    const { words, openThread } = this.host;
    const names = ["message", together ? "together" : "", message.ephemeral ? "ephemeral" : ""].filter(Boolean).join(" ");
    const content = el(
      "div",
      { class: "message-main" },
      message.ephemeral ? el("div", { class: "only-you" }, icon("eye"), words.onlyYou) : null,
      together ? null : this.drawSender(message),
      this.drawBody(message),
      openThread && message.reply_count > 0 ? this.drawReplies(message) : null,
    );
    const node = el("li", { class: names, "data-ts": message.ts, "data-thread-ts": message.thread_ts }, this.drawGutter(message, together), content, this.drawTools(message));
    node.messageBody = body;
    return node;
  }

  drawGutter(message, together) {
    const time = Number(message.ts);
    if (together) return el("time", { class: "gutter-time" }, hourAndMinute(time, this.host.person.locale));
    return message.bot ? appAvatar() : avatar(this.profile(message.user));
  }

  profile(id) {
    return this.host.person.world.user(id) ?? { id, name: id, real_name: id };
  }

  drawSender(message) {
    const { words, person } = this.host;
    const name = message.bot ? person.world.app.name : this.profile(message.user).real_name;
    const time = Number(message.ts);
    return el(
      "div",
      { class: "sender" },
      el("b", {}, name),
      message.bot ? el("span", { class: "app-mark" }, words.app) : null,
      el("time", { datetime: new Date(time * 1000).toISOString() }, clock(time, person.locale)),
    );
  }

  drawBody(message) {
    const { reader, words } = this.host;
    const edited = message.edited ? el("span", { class: "edited" }, ` ${words.edited}`) : null;
    if (!message.blocks?.length) return el("div", { class: "rich message-text" }, mrkdwn(message.text, reader), edited);
    const scene = this.host.sceneFor(message, this.formOf(message));
    return el("div", { class: "blocks" }, ...drawBlocks(scene, message.blocks), edited);
  }

  formOf(message) {
    const key = `${message.channel}/${message.ts}`;
    if (!this.forms.has(key)) this.forms.set(key, new Form());
    return this.forms.get(key);
  }

  drawReplies(message) {
    return el("button", { type: "button", class: "replies", "data-open-thread": message.ts, onclick: () => this.host.openThread(message.ts) }, icon("reply"), this.host.words.replies(message.reply_count));
  }

  drawTools(message) {
    if (!this.host.openThread || message.ephemeral) return null;
    const { words } = this.host;
    const reply = el("button", { type: "button", class: "icon-button", "aria-label": words.replyInThread, title: words.replyInThread, "data-reply": message.ts, onclick: () => this.host.openThread(message.ts) }, icon("reply"));
    return el("div", { class: "tools" }, reply);
  }
}

function withLines(messages, newFrom) {
  if (messages.length === 0) return [{ kind: "empty", key: "empty", signature: "" }];
  const rows = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const epoch = Number(message.ts);
    const newDay = !before || dayKey(Number(before.ts)) !== dayKey(epoch);
    if (newDay) rows.push({ kind: "day", key: `day ${dayKey(epoch)}`, signature: dayKey(Date.now() / 1000), epoch });
    if (message.ts === newFrom) rows.push({ kind: "new", key: "new", signature: "" });
    const together = !newDay && message.ts !== newFrom && sameBreath(before, message);
    const body = JSON.stringify([message.text, message.blocks, message.edited]);
    rows.push({ kind: "message", key: message.ts, signature: `${together} ${message.reply_count} ${body}`, message, together, body });
  });
  return rows;
}

function sameBreath(before, message) {
  const near = Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS;
  return near && before.user === message.user && !before.ephemeral && !message.ephemeral;
}

function flashIfChanged(node, old, row) {
  if (row.kind === "message" && old.messageBody !== row.body) node.classList.add("flash");
}
