// A person's list of conversations.
import { appAvatar } from "./avatar.js";
import { el, icon, reconcile } from "./dom.js";

export class Sidebar {
  // host: { person, words, choose(conversationId) }
  constructor(host) {
    this.host = host;
    this.apps = el("div", { class: "group" });
    this.channels = el("div", { class: "group" });
    this.node = el(
      "nav",
      { class: "sidebar", "aria-label": host.person.workspace.name },
      el("div", { class: "workspace" }, host.person.workspace.name),
      el("div", { class: "group-name" }, host.words.apps),
      this.apps,
      el("div", { class: "group-name" }, host.words.channels),
      this.channels,
    );
  }

  refresh(current) {
    const { conversations } = this.host.person;
    this.fill(this.apps, conversations.filter((one) => one.kind === "im"), current);
    this.fill(this.channels, conversations.filter((one) => one.kind !== "im"), current);
  }

  fill(group, conversations, current) {
    reconcile(group, conversations, {
      key: (one) => one.id,
      signature: (one) => `${one.name} ${one.unread} ${one.id === current}`,
      draw: (one) => this.draw(one, one.id === current),
      replaced: (node, old) => old.contains(document.activeElement) && queueMicrotask(() => node.focus()),
    });
  }

  draw(one, current) {
    const { words, choose } = this.host;
    const unread = one.unread > 0;
    const badge = unread ? el("span", { class: "badge", "data-unread": one.unread }, el("span", { "aria-hidden": "true" }, one.unread), el("span", { class: "sr" }, words.unread(one.unread))) : null;
    return el(
      "button",
      { type: "button", class: unread ? "conversation unread" : "conversation", "data-conversation": one.id, "data-kind": one.kind, "aria-current": current ? "true" : null, onclick: () => choose(one.id) },
      one.kind === "im" ? appAvatar("tiny") : icon("hash"),
      el("span", { class: "conversation-name" }, one.name),
      badge,
    );
  }
}
