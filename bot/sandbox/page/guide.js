// A story: who does what, one after another. Marks whose turn it is, and what is pressed next.
import { el } from "./dom.js";
import { inWords } from "./words.js";

const LOOK_MS = 400;
const MARK = "next-step";

export class Guide {
  constructor(deck, story) {
    this.deck = deck;
    this.story = story;
    this.words = deck.words;
    Object.assign(this, keptOf(story) ?? { at: 0, started: Date.now() / 1000 });
    this.keep();
    this.steps = el("ol", { class: "guide-steps" });
    this.end = el("p", { class: "guide-end", role: "status" });
    this.node = el("nav", { class: "guide", "aria-label": this.words.story }, el("b", {}, this.text(story.title)), this.steps, this.end);
    this.draw();
  }

  // The steps of a story are known by what the next one needs: its button has come, its words or its mail.
  look() {
    const before = this.at;
    while (this.at < this.story.steps.length && this.comes(this.story.steps[this.at + 1])) this.at += 1;
    if (this.at !== before) this.turn();
    this.mark();
    setTimeout(() => this.look(), LOOK_MS);
  }

  comes(step) {
    if (!step) return false;
    const seen = Object.values(step.seen);
    if (step.mail) return this.deck.mails?.has(step.mail, this.started, seen) ?? false;
    const heard = this.messages(step).map((message) => JSON.stringify([message.text, message.blocks]));
    if (seen.length > 0) return heard.some((words) => seen.some((said) => words.includes(said)));
    return heard.some((words) => words.includes(`"action_id":"${step.action}"`));
  }

  messages(step) {
    const { conversations } = this.deck.person(step.user);
    return conversations.flatMap((conversation) => conversation.messages).filter((message) => !message.deleted && Number(message.ts) > this.started);
  }

  get step() {
    return this.story.steps[this.at];
  }

  // What the last one reads has come already, where it is known by its words.
  get isOver() {
    return this.at === this.story.steps.length - 1 && Object.keys(this.step.seen).length > 0;
  }

  // A page that is loaded again goes on where it was.
  keep() {
    sessionStorage.setItem(keyOf(this.story), JSON.stringify({ at: this.at, started: this.started }));
  }

  turn() {
    this.keep();
    this.draw();
    this.show();
    if (!this.deck.visible.includes(this.step.user)) this.deck.goTo(this.step.user);
  }

  // --- what is seen ---

  draw() {
    this.steps.replaceChildren(...this.story.steps.map((step, number) => this.drawStep(step, number)));
    this.end.replaceChildren(...(this.isOver ? [this.words.storyOver, " ", el("a", { href: "./" }, this.words.otherStory)] : []));
  }

  // Scrolls to whose turn it is; nothing can be scrolled before it stands on the page.
  show() {
    const current = this.steps.children[this.at];
    this.steps.scrollTo({ left: current.offsetLeft - this.steps.offsetLeft });
  }

  drawStep(step, number) {
    const { profile } = this.deck.person(step.user);
    const says = step.link ? el("a", { href: step.link, target: "_blank", rel: "noopener" }, this.text(step.says)) : el("span", {}, this.text(step.says));
    const current = number === this.at;
    const show = el("button", { type: "button", class: "guide-show", "data-show": step.user, onclick: () => this.deck.goTo(step.user) }, profile.real_name);
    return el("li", { class: number < this.at ? "done" : "", "data-step": number + 1, "aria-current": current ? "step" : null }, show, says);
  }

  mark() {
    const marked = new Set(this.marked());
    for (const node of this.deck.node.querySelectorAll(`.${MARK}`)) if (!marked.has(node)) node.classList.remove(MARK);
    for (const node of marked) node.classList.add(MARK);
  }

  marked() {
    const { step } = this;
    const person = this.deck.strip.querySelector(`[data-person="${step.user}"]`);
    const pane = this.deck.visible.includes(step.user) ? this.deck.paneOf(step.user) : null;
    const inPane = pane ? this.inPane(pane, step) : [];
    return [person, step.mail ? this.deck.mails?.toggle : null, ...inPane].filter(Boolean);
  }

  inPane(pane, step) {
    const dialog = pane.node.querySelector("[role=dialog]");
    if (dialog) return [dialog.querySelector("[data-submit]")];
    if (step.command) return [pane.composer.node];
    if (step.home) return [pane.node.querySelector(`[data-home] [data-action-id="${step.home}"]`) ?? pane.node.querySelector("[data-tab=home]")];
    if (!step.action) return [];
    const buttons = pane.node.querySelectorAll(`[data-ts] [data-action-id="${step.action}"]`);
    // The Home tab may have the same button.
    if (buttons.length > 0) return [buttons[buttons.length - 1], pane.node.querySelector(`[data-home] [data-action-id="${step.action}"]`)];
    const where = pane.person.conversations.find((conversation) => conversation.messages.some((message) => JSON.stringify(message.blocks ?? []).includes(`"action_id":"${step.action}"`)));
    return where && where.id !== pane.current ? [pane.node.querySelector(`[data-conversation="${where.id}"]`)] : [];
  }

  text(said) {
    return inWords(said, this.words);
  }
}

// A story that is chosen anew begins at its beginning.
export function forget(story) {
  sessionStorage.removeItem(keyOf(story));
}

function keptOf(story) {
  return JSON.parse(sessionStorage.getItem(keyOf(story)) ?? "null");
}

function keyOf(story) {
  return `story ${story.id}`;
}

export function peopleOfStory(story) {
  return [...new Set(story.steps.map((step) => step.user))];
}
