// The panel with one message and its replies.
import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { Messages } from "./messages.js";

export class Thread {
  constructor(pane) {
    this.pane = pane;
    this.ts = null;
    const { words } = pane;
    this.parent = new Messages(pane.messageHost(null), words.thread);
    this.parent.node.classList.add("thread-parent");
    this.replies = new Messages(pane.messageHost(null), words.thread);
    this.composer = new Composer({ words, placeholder: words.reply, write: (text) => this.write(text) }, { "data-thread-composer": true });
    const close = el("button", { type: "button", class: "icon-button", "aria-label": words.close, "data-close-thread": true, onclick: () => this.close() }, icon("close"));
    this.scroll = el("div", { class: "scroll thread-scroll" }, this.parent.list, this.replies.list);
    this.node = el("aside", { class: "thread", "aria-label": words.thread, hidden: true }, el("header", { class: "view-head" }, el("h2", { class: "conversation-title" }, words.thread), close), this.scroll, this.composer.node);
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  open(ts) {
    this.ts = ts;
    this.node.hidden = false;
    this.node.dataset.thread = ts;
    queueMicrotask(() => this.composer.field.focus());
  }

  close() {
    this.ts = null;
    this.node.hidden = true;
    delete this.node.dataset.thread;
  }

  write(text) {
    this.pane.write(text, this.ts);
  }

  refresh(messages) {
    if (!this.ts) return;
    const parent = messages.filter((message) => message.ts === this.ts);
    const replies = messages.filter((message) => message.thread_ts === this.ts && message.ts !== this.ts);
    if (parent.length === 0 && replies.length === 0) return void this.close();
    const before = this.replies.list.childElementCount;
    this.parent.show(parent);
    this.replies.list.hidden = replies.length === 0;
    this.replies.show(replies);
    this.markParent();
    if (this.replies.list.childElementCount > before) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  // The copy of the first message is no second message: it answers to another attribute.
  markParent() {
    for (const node of this.parent.list.querySelectorAll("[data-ts]")) {
      node.dataset.threadParent = node.dataset.ts;
      delete node.dataset.ts;
    }
  }
}
