// The panes on the screen: at most four at a time, the others one press away in the row of people.
import { appAvatar, avatar } from "./avatar.js";
import { addressOf } from "./chooser.js";
import { el, icon, reconcile } from "./dom.js";
import { Guide } from "./guide.js";
import { FaultsDrawer, LogDrawer } from "./drawers.js";
import { MailDrawer } from "./mails.js";
import { Pane } from "./pane.js";
import { inWords, pageWords } from "./words.js";

const MOST_PANES = 4; // one stream each; a browser opens six connections to a host
const NARROWEST = 310;
const LOOK_MS = 1500;

export class Deck {
  constructor(world, people, focus, story = null) {
    this.world = world;
    this.people = people;
    this.focus = focus;
    this.words = pageWords;
    this.panes = new Map();
    this.latest = people.map((person) => person.user);
    this.visible = [];
    this.active = focus ?? people[0].user;
    this.story = story;
    this.build();
    this.listen();
  }

  build() {
    this.strip = el("div", { class: "strip", role: "group", "aria-label": this.words.people });
    this.modes = el("div", { class: "modes", role: "group" }, this.modeButton("side", "columns", this.words.sideBySide), this.modeButton("one", "single", this.words.oneAtATime));
    this.mails = this.world.mail ? new MailDrawer(this) : null;
    this.drawers = [this.mails, new FaultsDrawer(this), new LogDrawer(this)].filter(Boolean);
    const top = el(
      "header",
      { class: "top" },
      el("a", { class: "top-home", href: "./", title: this.words.choosePeople, "aria-label": this.words.choosePeople }, appAvatar("small"), el("b", {}, this.world.app.name)),
      this.strip,
      this.people.length > 1 ? this.modes : null,
      ...this.drawers.map((drawer) => drawer.toggle),
    );
    this.guide = this.story ? new Guide(this, this.story) : null;
    this.stage = el("main", { class: "stage" });
    this.layer = el("div", { class: "layer page-layer" });
    this.node = el("div", { class: "deck" }, top, this.guide?.node, el("div", { class: "below" }, this.stage, ...this.drawers.map((drawer) => drawer.node)), this.layer);
  }

  modeButton(mode, picture, words) {
    return el("button", { type: "button", class: "top-button", "data-mode": mode, title: words, "aria-label": words, onclick: () => this.setMode(mode) }, icon(picture));
  }

  listen() {
    window.addEventListener("resize", () => {
      this.show();
      this.guide?.show();
    });
    document.addEventListener("visibilitychange", () => this.tune());
    this.stage.addEventListener("pointerdown", (event) => this.touched(event), true);
    this.stage.addEventListener("focusin", (event) => this.touched(event));
    for (const person of this.people) person.watch(() => this.scheduleStrip());
    this.look();
    this.guide?.look();
  }

  touched(event) {
    const pane = event.target.closest(".pane");
    if (pane) this.activate(pane.dataset.user);
  }

  activate(user) {
    if (this.active !== user) this.latest = [user, ...this.latest.filter((other) => other !== user)];
    this.active = user;
    for (const pane of this.panes.values()) pane.setActive(pane.person.user === user && this.visible.includes(user));
    this.showStrip();
  }

  // --- who is on the screen ---

  get room() {
    if (this.focus) return 1;
    return Math.max(1, Math.min(MOST_PANES, Math.floor(window.innerWidth / NARROWEST)));
  }

  show() {
    const shown = this.chooseVisible();
    const same = shown.length === this.visible.length && shown.every((user, index) => user === this.visible[index]);
    if (!same) this.place(shown);
    this.activate(shown.includes(this.active) ? this.active : shown[0]);
    this.showAddress();
  }

  chooseVisible() {
    if (this.focus) return [this.focus];
    const all = this.people.map((person) => person.user);
    const wanted = new Set([...new Set([this.active, ...this.latest])].slice(0, this.room));
    return all.filter((user) => wanted.has(user));
  }

  place(shown) {
    this.visible = shown;
    const nodes = shown.map((user) => this.paneOf(user).node);
    this.stage.replaceChildren(...nodes);
    this.stage.style.setProperty("--panes", nodes.length);
    for (const user of shown) this.paneOf(user).attached();
    this.tune();
  }

  paneOf(user) {
    if (!this.panes.has(user)) this.panes.set(user, new Pane(this.person(user)));
    return this.panes.get(user);
  }

  person(user) {
    return this.people.find((person) => person.user === user);
  }

  // Streams are for what is seen: hidden people and hidden browser tabs let theirs go.
  tune() {
    for (const person of this.people) {
      if (this.visible.includes(person.user) && !document.hidden) person.open();
      else person.close();
    }
    if (!document.hidden) this.panes.get(this.active)?.read();
  }

  goTo(user) {
    if (this.focus) this.focus = user;
    this.active = user;
    this.latest = [user, ...this.latest.filter((other) => other !== user)];
    this.show();
    this.paneOf(user).node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  setMode(mode) {
    this.focus = mode === "one" ? this.active : null;
    this.show();
  }

  showAddress() {
    for (const button of this.modes.children) button.setAttribute("aria-pressed", String((button.dataset.mode === "one") === Boolean(this.focus)));
    const address = addressOf(this.people[0].team, this.people.map((person) => person.user), this.focus, this.story);
    if (location.search !== address) history.replaceState(null, "", address);
  }

  // --- the row of people ---

  scheduleStrip() {
    clearTimeout(this.stripTimer);
    this.stripTimer = setTimeout(() => this.showStrip(), 50);
  }

  showStrip() {
    reconcile(this.strip, this.people, {
      key: (person) => person.user,
      signature: (person) => `${person.unread} ${this.visible.includes(person.user)} ${person.user === this.active}`,
      draw: (person) => this.drawSwitch(person),
      replaced: (node, old) => old.contains(document.activeElement) && queueMicrotask(() => node.focus()),
    });
  }

  drawSwitch(person) {
    const { profile, unread } = person;
    const badge = unread > 0 ? el("span", { class: "badge" }, el("span", { "aria-hidden": "true" }, unread), el("span", { class: "sr" }, this.words.unread(unread))) : null;
    const title = [profile.real_name, inWords(profile.title, this.words), person.workspace.name].filter(Boolean).join(", ");
    return el(
      "button",
      { type: "button", class: `switch ${person.user === this.active ? "active" : ""}`, "data-person": person.user, "aria-pressed": String(this.visible.includes(person.user)), title, onclick: () => this.goTo(person.user) },
      avatar(profile, "tiny"),
      el("span", { class: "switch-name" }, profile.real_name),
      badge,
    );
  }

  // People out of sight have no stream: one of them is looked at now and then, for the unread marks.
  look() {
    this.lookTimer = setTimeout(async () => {
      const hidden = this.people.filter((person) => !this.visible.includes(person.user));
      const next = hidden[(this.lookTurn = ((this.lookTurn ?? -1) + 1) % Math.max(1, hidden.length))];
      if (next && !document.hidden) await next.sync().catch(() => {});
      this.look();
    }, LOOK_MS);
  }

  // After the sandbox is emptied everything is read again.
  async startOver() {
    this.drawers.at(-1).empty();
    this.mails?.empty();
    await Promise.all(this.people.map((person) => person.sync().catch(() => {})));
  }
}
