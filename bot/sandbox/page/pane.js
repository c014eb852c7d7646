// One person's whole small Slack: sidebar, conversation or home tab, thread and modals.
import { appAvatar, avatar } from "./avatar.js";
import { drawBlocks, readConfirm } from "./blocks.js";
import { Composer } from "./composer.js";
import { askFirst } from "./confirm.js";
import { el, focusSpot, focusWhole, icon, restoreFocus } from "./dom.js";
import { whenLifted } from "./finger.js";
import { Form } from "./form.js";
import { Messages } from "./messages.js";
import { Modals } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { Thread } from "./thread.js";
import { inWords, pageWords, wordsFor } from "./words.js";

const NOTICE_MS = 8000;

export class Pane {
  constructor(person) {
    this.person = person;
    this.words = wordsFor(person.locale);
    this.reader = {
      locale: person.locale,
      userName: (id) => person.world.userName(id),
      channelName: (id) => person.world.channelName(id),
    };
    this.current = null;
    this.tab = "messages";
    this.newFrom = null;
    this.active = false;
    this.homeForm = new Form();
    this.refreshNow = () => this.refresh();
    this.build();
    person.watch((change) => this.changed(change));
  }

  // --- building ---

  build() {
    this.sidebar = new Sidebar({ person: this.person, words: this.words, choose: (id) => this.choose(id) });
    this.messages = new Messages(this.messageHost((ts) => this.openThread(ts)), this.words.messages);
    this.thread = new Thread(this);
    this.composer = this.buildComposer();
    this.homeNode = el("div", { class: "home", "data-home": true, tabindex: "-1" });
    this.title = el("h1", { class: "conversation-title" });
    this.tabs = this.buildTabs();
    this.main = el("div", { class: "view" }, el("header", { class: "view-head" }, this.title, this.tabs), this.messages.node, this.homeNode, this.composer.node);
    this.body = el("div", { class: "pane-body" }, this.sidebar.node, this.main, this.thread.node);
    this.layer = el("div", { class: "layer" });
    this.confirmLayer = el("div", { class: "layer confirm-layer" });
    this.notices = el("div", { class: "notices", role: "status" });
    this.modals = new Modals(this.modalHost());
    this.node = el("section", { class: "pane", "data-user": this.person.user, "data-team": this.person.team, "aria-label": this.person.profile.real_name }, this.buildTop(), this.body, this.layer, this.confirmLayer, this.notices);
    this.showTab();
  }

  buildTop() {
    const { profile } = this.person;
    const names = el("div", { class: "who" }, el("b", {}, profile.real_name), el("span", {}, inWords(profile.title, pageWords)));
    return el("header", { class: "pane-top" }, avatar(profile, "small"), names, this.buildWorkspace());
  }

  // Where there are several workspaces, each person's says which it is.
  buildWorkspace() {
    const { profile, workspace, world } = this.person;
    if (world.workspaces.length < 2) return null;
    return el("span", { class: "pane-workspace", "data-workspace": workspace.id }, el("span", { class: "sr" }, "Slack: "), [workspace.name, profile.at].filter(Boolean).join(", "));
  }

  buildTabs() {
    const tab = (name, words) => el("button", { type: "button", role: "tab", "data-tab": name, onclick: () => this.chooseTab(name) }, words);
    return el("div", { class: "tabs", role: "tablist" }, tab("home", this.words.home), tab("messages", this.words.messages));
  }

  buildComposer() {
    const { commands, shortcuts } = this.person.workspace;
    const host = {
      words: this.words, commands, placeholder: "",
      shortcuts: shortcuts.filter((shortcut) => shortcut.type !== "message"),
      write: (text) => this.write(text),
      run: (command, text) => this.attempt("/command", { channel: this.current, command, text }),
      shortcut: (callbackId) => this.attempt("/shortcut", { callback_id: callbackId }),
      notice: (text) => this.notice(text),
    };
    return new Composer(host, { "data-composer": true });
  }

  messageHost(openThread) {
    return { person: this.person, words: this.words, reader: this.reader, openThread, sceneFor: (message, form) => this.messageScene(message, form) };
  }

  modalHost() {
    return {
      person: this.person, words: this.words, reader: this.reader, layer: this.layer,
      sceneFor: (view, form) => this.viewScene(view, form, "modal"),
      covered: (covered) => (this.body.inert = covered),
      focused: () => this.active,
    };
  }

  // --- what blocks need to know and do ---

  messageScene(message, form) {
    return this.scene("message", form, { channel: message.channel, ts: message.ts });
  }

  viewScene(view, form, surface) {
    return this.scene(surface, form, { view_id: view.id });
  }

  scene(surface, form, where) {
    return {
      surface, form, words: this.words, reader: this.reader,
      users: this.person.workspace.users.filter((user) => !user.is_bot && !user.deleted),
      press: (what) => this.person.press(where, { ...what, values: form.values() }),
      options: (what) => this.person.options(where, what),
      confirm: (question) => this.confirm(question),
    };
  }

  async confirm(question) {
    return askFirst(this.confirmLayer, readConfirm(question, this));
  }

  // An app may say that it reads no messages; a person in Slack then has no field there, but commands work anywhere.
  takesOnlyCommands(conversation) {
    return conversation?.kind === "im" && !this.person.workspace.reads_messages;
  }

  // As Slack does, what a person types is escaped: nobody can write a token by hand.
  write(text, threadTs = null) {
    if (this.takesOnlyCommands(this.person.conversations.find((each) => each.id === this.current))) return this.notice(this.words.appReadsNothing);
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    this.attempt("/message", { channel: this.current, text: escaped, ...(threadTs ? { thread_ts: threadTs } : {}) });
  }

  async attempt(path, body) {
    try {
      await this.person.call(path, body);
    } catch {
      this.notice(this.words.trouble);
    }
  }

  // What failed beside a button or in a modal is said there already.
  heard(text) {
    const words = this.words.ofServer(text);
    if (words) this.notice(words);
  }

  notice(text) {
    const close = el("button", { type: "button", class: "icon-button", "aria-label": this.words.close, onclick: () => note.remove() }, icon("close"));
    const note = el("div", { class: "notice", "data-notice": true }, icon("warning"), el("span", {}, text), close);
    this.notices.replaceChildren(note);
    setTimeout(() => note.remove(), NOTICE_MS);
  }

  // --- where the person is ---

  choose(id) {
    if (this.current !== id) this.thread.close();
    this.current = id;
    this.tab = "messages";
    this.newFrom = this.firstUnread(id);
    this.showTab();
    this.refresh({ toEnd: true });
    this.read();
  }

  chooseTab(name) {
    this.tab = name;
    this.thread.close();
    this.showTab();
    this.refresh({ toEnd: true });
    if (name === "home") this.openHome();
    else this.read();
  }

  openHome() {
    this.person.homeSeen = true;
    this.person.call("/home", {}).catch(() => {});
  }

  showTab() {
    const conversation = this.person.conversation(this.current);
    const isApp = conversation?.kind === "im" && (this.person.workspace.home ?? true);
    const home = isApp && this.tab === "home";
    this.tabs.hidden = !isApp;
    for (const tab of this.tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.tab === (home ? "home" : "messages")));
    if (home && !this.homeNode.isConnected) this.messages.node.before(this.homeNode);
    if (!home) this.homeNode.remove();
    this.messages.node.hidden = home;
    this.composer.node.hidden = home;
  }

  openThread(ts) {
    this.thread.open(ts);
    this.refresh();
  }

  setActive(active) {
    if (this.active === active) return;
    this.active = active;
    this.node.classList.toggle("active", active);
    if (active) this.read();
  }

  attached() {
    if (!this.person.loaded) return;
    this.refresh({ toEnd: true });
  }

  // --- unread ---

  firstUnread(id) {
    const conversation = this.person.conversation(id);
    if (!conversation?.unread) return null;
    const others = conversation.messages.filter((message) => message.user !== this.person.user && !message.ephemeral);
    const unread = others.slice(-conversation.unread).filter((message) => !isReply(message));
    return unread[0]?.ts ?? null;
  }

  read() {
    if (this.isLooking && this.current) this.person.markRead(this.current).catch(() => {});
  }

  get isLooking() {
    return this.active && this.tab === "messages" && this.node.isConnected && !document.hidden;
  }

  // --- keeping the page in step ---

  changed(change) {
    if (change.type === "error") this.heard(change.text);
    if (change.type === "synced") this.settle();
    if (change.type === "offline") this.node.classList.add("offline");
    if (change.type === "unread" && change.count > 0 && change.channel === this.current) this.arrived();
    if (this.node.isConnected) this.schedule();
  }

  settle() {
    this.node.classList.remove("offline");
    if (this.person.conversation(this.current)) return this.showTab();
    const { conversations } = this.person;
    const first = conversations.find((conversation) => conversation.kind === "im") ?? conversations[0];
    if (first) this.choose(first.id);
    return null;
  }

  arrived() {
    if (this.isLooking) this.read();
    else this.newFrom = this.firstUnread(this.current);
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    setTimeout(() => {
      this.scheduled = false;
      whenLifted(this.refreshNow);
    }, 0);
  }

  refresh({ toEnd = false } = {}) {
    const conversation = this.person.conversation(this.current);
    this.sidebar.refresh(this.current);
    if (conversation) this.refreshConversation(conversation, toEnd);
    this.refreshHome();
    this.modals.refresh();
  }

  refreshConversation(conversation, toEnd) {
    const isApp = conversation.kind === "im";
    this.title.replaceChildren(isApp ? appAvatar("tiny") : icon("hash"), el("span", {}, conversation.name));
    this.composer.setPlaceholder(this.takesOnlyCommands(conversation) ? this.words.commandsOnly : this.words.writeTo(isApp ? conversation.name : `#${conversation.name}`));
    const messages = conversation.messages.filter((message) => !message.deleted);
    this.messages.show(withReplyCounts(messages), { newFrom: this.newFrom, toEnd });
    this.thread.refresh(messages);
  }

  refreshHome() {
    const view = this.person.home;
    const signature = JSON.stringify([view?.id, view?.blocks]);
    if (this.homeShown === signature) return;
    const spot = focusSpot(this.homeNode);
    this.homeShown = signature;
    this.homeForm.keepOnly(view?.blocks ?? []);
    const blocks = view ? drawBlocks(this.viewScene(view, this.homeForm, "home"), view.blocks) : [el("p", { class: "empty" }, this.words.emptyHome)];
    this.homeNode.replaceChildren(...blocks);
    if (spot && !restoreFocus(this.homeNode, spot)) focusWhole(this.homeNode);
  }
}

function isReply(message) {
  return message.thread_ts && message.thread_ts !== message.ts;
}

function withReplyCounts(messages) {
  const counts = new Map();
  for (const message of messages.filter(isReply)) counts.set(message.thread_ts, (counts.get(message.thread_ts) ?? 0) + 1);
  const known = new Set(messages.map((message) => message.ts));
  return messages
    .filter((message) => !isReply(message) || !known.has(message.thread_ts))
    .map((message) => ({ ...message, reply_count: Math.max(message.reply_count ?? 0, counts.get(message.ts) ?? 0) }));
}
