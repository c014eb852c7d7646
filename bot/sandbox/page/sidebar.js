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
      update: (node, one) => this.update(node, one, one.id === current),
    });
  }

  draw(one, current) {
    const node = el(
      "button",
      { type: "button", "data-conversation": one.id, "data-kind": one.kind, onclick: () => this.host.choose(one.id) },
      one.kind === "im" ? appAvatar("tiny") : icon("hash"),
      el("span", { class: "conversation-name" }),
    );
    this.update(node, one, current);
    return node;
  }

  // The button stays: somebody may be pressing it.
  update(node, one, current) {
    const unread = one.unread > 0;
    node.className = unread ? "conversation unread" : "conversation";
    node.toggleAttribute("aria-current", current);
    if (current) node.setAttribute("aria-current", "true");
    node.querySelector(".conversation-name").textContent = one.name;
    node.querySelector(".badge")?.remove();
    if (unread) node.append(this.badge(one.unread));
  }

  badge(count) {
    const words = el("span", { class: "sr" }, this.host.words.unread(count));
    return el("span", { class: "badge", "data-unread": count }, el("span", { "aria-hidden": "true" }, count), words);
  }
}
