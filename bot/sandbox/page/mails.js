// The drawer with everybody's mail: what the app has sent to people who are not here.
import { ask } from "./api.js";
import { Drawer } from "./drawers.js";
import { el } from "./dom.js";
import { clockWithSeconds } from "./words.js";

const LOOK_MS = 1500;
// Links in a mail lead out of it, into a window of their own; nothing in a mail runs here.
const BASE = '<base target="_blank">';

export class MailDrawer extends Drawer {
  constructor(deck) {
    super(deck, { name: "mails", picture: "mail" });
    this.after = 0;
    this.unread = 0;
    this.list = el("ol", { class: "mail-list" });
    this.badge = el("span", { class: "badge", hidden: true, "data-unread-mails": "0" });
    this.toggle.append(this.badge);
    this.content.append(el("p", {}, this.words.mailLead), this.list);
    this.empty();
    this.look();
  }

  opened(open) {
    if (open) this.count(0);
  }

  async look() {
    clearTimeout(this.timer);
    if (!document.hidden) await this.read().catch(() => {});
    this.timer = setTimeout(() => this.look(), LOOK_MS);
  }

  async read() {
    const { mails } = await ask("/mails", { after: this.after });
    for (const mail of mails) this.put(mail);
    if (mails.length > 0 && this.node.hidden) this.count(this.unread + mails.length);
  }

  put(mail) {
    this.list.querySelector(".empty")?.remove();
    this.list.prepend(this.draw(mail));
    this.after = mail.n;
  }

  count(unread) {
    this.unread = unread;
    this.badge.hidden = unread === 0;
    this.badge.dataset.unreadMails = String(unread);
    this.badge.replaceChildren(el("span", { "aria-hidden": "true" }, unread), el("span", { class: "sr" }, this.words.unread(unread)));
  }

  // Whether somebody has a mail that came since an instant, with one of some words in its subject.
  has(address, since, words) {
    const came = [...this.list.querySelectorAll("[data-mail-to]")].filter((node) => node.dataset.mailTo.includes(address) && Number(node.dataset.mailAt) >= since);
    return came.some((node) => words.length === 0 || words.some((said) => node.querySelector(".mail-head b").textContent.includes(said)));
  }

  empty() {
    this.list.replaceChildren(el("li", { class: "empty" }, this.words.emptyMails));
    this.count(0);
  }

  draw(mail) {
    const body = el("div", { class: "mail-body" });
    const details = el("details", {}, this.head(mail), body);
    // A frame that is drawn only when it is looked at.
    details.addEventListener("toggle", () => details.open && body.childElementCount === 0 && body.append(...this.body(mail)));
    return el("li", { "data-mail-to": mail.to.join(" "), "data-mail": mail.n, "data-mail-at": mail.at }, details);
  }

  head(mail) {
    const at = el("time", {}, clockWithSeconds(mail.at, this.words.language));
    return el("summary", { class: "mail-head" }, el("span", { class: "mail-to" }, mail.to.join(", "), at), el("b", {}, mail.subject));
  }

  body(mail) {
    const { words } = this;
    const frame = el("iframe", { sandbox: "allow-popups allow-popups-to-escape-sandbox", title: mail.subject, srcdoc: BASE + mail.html });
    const raw = el("details", {}, el("summary", {}, words.mailRaw), el("pre", { tabindex: "0" }, rawOf(mail)));
    return [mail.html ? frame : el("pre", { tabindex: "0" }, mail.text), raw];
  }
}

function rawOf(mail) {
  const headers = Object.entries(mail.headers).map(([name, value]) => `${name}: ${value}`);
  return [...headers, "", mail.text].join("\n");
}
