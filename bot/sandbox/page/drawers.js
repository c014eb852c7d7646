// The two drawers at the side: faults to switch on and off, and the log of what went between app and Slack.
import { ask, tell } from "./api.js";
import { askFirst } from "./confirm.js";
import { el, icon, newId } from "./dom.js";
import { clockWithSeconds } from "./words.js";

const LOOK_MS = 1500;
const MOST_LINES = 120;
const METHODS = [
  "*", "chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral", "conversations.open", "views.open", "views.push",
  "views.update", "views.publish", "users.info", "users.lookupByEmail", "response_url",
];

export class Drawer {
  constructor(deck, { name, picture }) {
    this.deck = deck;
    this.words = deck.words;
    this.content = el("div", { class: "drawer-content" });
    const title = this.words[name];
    const close = el("button", { type: "button", class: "icon-button", "aria-label": this.words.close, onclick: () => this.set(false) }, icon("close"));
    this.node = el("aside", { class: `drawer ${name}`, "aria-label": title, hidden: true, "data-drawer": name }, el("header", {}, el("h2", {}, title), close), this.content);
    this.toggle = el("button", { type: "button", class: "top-button", "data-open-drawer": name, "aria-expanded": "false", onclick: () => this.set(this.node.hidden) }, icon(picture), el("span", {}, title));
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.set(false));
  }

  set(open) {
    for (const other of this.deck.drawers) if (open && other !== this) other.set(false);
    this.node.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    this.opened(open);
  }
}

// --- faults ---

export class FaultsDrawer extends Drawer {
  constructor(deck) {
    super(deck, { name: "faults", picture: "warning" });
    this.list = el("ul", { class: "fault-list" });
    this.switches = el("div", { class: "fault-switches" });
    this.content.append(el("p", {}, this.words.faultLead), el("h3", {}, this.words.active), this.list, this.drawForm(), this.switches, this.drawReset());
    this.read().catch(() => {});
  }

  async opened(open) {
    clearTimeout(this.timer);
    if (!open) return;
    await this.read().catch(() => {});
    if (!this.node.hidden) this.timer = setTimeout(() => this.opened(true), LOOK_MS);
  }

  async read() {
    const faults = await ask("/faults");
    const signature = JSON.stringify(faults);
    if (signature === this.shown) return;
    this.shown = signature;
    this.show(faults);
  }

  // The server counts down on its own, so what is written starts from what it says now.
  async change(edit) {
    const faults = await ask("/faults");
    await tell("/faults", edit(faults), "PUT");
    await this.read();
  }

  show({ faults, archived, revoked, limits }) {
    const rows = faults.map((fault) => this.drawFault(fault));
    this.list.replaceChildren(...(rows.length > 0 ? rows : [el("li", { class: "empty" }, this.words.nothingActive)]));
    this.toggle.classList.toggle("alarm", rows.length + archived.length + revoked.length > 0);
    this.switches.replaceChildren(
      this.drawSwitch(this.words.limits, limits, "limits", (all, on) => ({ ...all, limits: on })),
      el("h3", {}, this.words.archived),
      ...this.channels().map((channel) => this.drawSwitch(`#${channel.name}`, archived.includes(channel.id), `archived-${channel.id}`, (all, on) => ({ ...all, archived: toggled(all.archived, channel.id, on) }))),
      el("h3", {}, this.words.revoked),
      ...this.deck.world.workspaces.map((team) => this.drawSwitch(team.name, revoked.includes(team.id), `revoked-${team.id}`, (all, on) => ({ ...all, revoked: toggled(all.revoked, team.id, on) }))),
    );
  }

  channels() {
    return this.deck.world.workspaces.flatMap((workspace) => workspace.channels);
  }

  drawFault(fault) {
    const { words } = this;
    const times = fault.times === null || fault.times === undefined ? words.untilRemoved : words.timesLeft(fault.times);
    const where = [fault.method ?? "*", fault.channel].filter(Boolean).join(", ");
    const remove = () => this.change((all) => ({ ...all, faults: all.faults.filter((other) => other.id !== fault.id) }));
    return el(
      "li",
      { "data-fault": fault.kind },
      el("span", {}, el("b", {}, words.kinds[fault.kind] ?? fault.kind), el("small", {}, `${where} · ${times}`)),
      el("button", { type: "button", class: "button", onclick: remove }, words.turnOff),
    );
  }

  drawSwitch(words, on, name, edit) {
    const box = el("input", { type: "checkbox", checked: on, "data-fault-switch": name, onchange: () => this.change((all) => edit(all, box.checked)) });
    return el("label", { class: "choice" }, box, el("span", {}, words));
  }

  drawForm() {
    const { words } = this;
    const kind = this.select("kind", Object.entries(words.kinds));
    const method = el("input", { class: "field", name: "method", value: "*", list: newId("methods"), "aria-label": words.method });
    const methods = el("datalist", { id: method.getAttribute("list") }, ...METHODS.map((name) => el("option", { value: name })));
    const channel = this.select("channel", [["", words.anyChannel], ...this.channels().map((one) => [one.id, `#${one.name}`])]);
    const times = el("input", { class: "field", name: "times", type: "number", min: 1, value: 1, placeholder: words.untilRemoved });
    const wait = el("input", { class: "field", name: "retry_after", type: "number", min: 1, value: 3 });
    const form = el(
      "form",
      { class: "fault-form" },
      el("h3", {}, words.addFault),
      labelled(words.kind, kind), labelled(words.method, method), methods, labelled(words.channel, channel), labelled(words.times, times), labelled(words.retryAfter, wait),
      el("button", { type: "submit", class: "button primary", "data-add-fault": true }, words.add),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fault = { kind: kind.value, method: method.value || "*", times: times.value ? Number(times.value) : null };
      if (channel.value) fault.channel = channel.value;
      if (kind.value === "ratelimited") fault.retry_after = Number(wait.value || 1);
      this.change((all) => ({ ...all, faults: [...all.faults, fault] }));
    });
    const showWait = () => (wait.closest("label").hidden = kind.value !== "ratelimited");
    kind.addEventListener("change", showWait);
    showWait();
    return form;
  }

  select(name, rows) {
    return el("select", { class: "select", name }, ...rows.map(([value, words]) => el("option", { value }, words)));
  }

  drawReset() {
    const { words } = this;
    const reset = async () => {
      const sure = await askFirst(this.deck.layer, { title: words.emptyAll, text: words.emptyAllSure, confirm: words.emptyAll, deny: words.cancel, style: "danger" });
      if (!sure) return;
      await tell("/reset", {});
      await this.read();
      await this.deck.startOver();
    };
    return el("button", { type: "button", class: "button danger", "data-reset": true, onclick: reset }, words.emptyAll);
  }
}

function toggled(list, id, on) {
  const others = list.filter((other) => other !== id);
  return on ? [...others, id] : others;
}

function labelled(words, control) {
  return el("label", { class: "labelled" }, el("span", {}, words), control);
}

// --- log ---

export class LogDrawer extends Drawer {
  constructor(deck) {
    super(deck, { name: "log", picture: "log" });
    this.after = 0;
    this.rows = new Map();
    this.list = el("ol", { class: "log-list" });
    this.content.append(el("p", {}, this.words.logLead), this.list);
    this.empty();
  }

  async opened(open) {
    clearTimeout(this.timer);
    if (!open) return;
    await this.read().catch(() => {});
    if (!this.node.hidden) this.timer = setTimeout(() => this.opened(true), LOOK_MS);
  }

  async read() {
    const { calls, deliveries } = await ask("/log", { after: this.after });
    const lines = [...calls.map((call) => ({ n: call.n, call })), ...deliveries.map((delivery) => ({ n: delivery.n, delivery }))];
    for (const line of lines.sort((one, other) => one.n - other.n).slice(-MOST_LINES)) this.put(line);
    this.forgetOldest();
    this.after = this.askFrom(lines);
  }

  put(line) {
    const old = this.rows.get(line.n);
    const signature = JSON.stringify(line);
    if (old?.signature === signature) return;
    const node = line.call ? this.drawCall(line.call) : this.drawDelivery(line.delivery);
    this.rows.set(line.n, { node, signature });
    if (old) node.firstElementChild.open = old.node.firstElementChild.open;
    if (old) old.node.replaceWith(node);
    else this.list.prepend(node);
    this.list.querySelector(".empty")?.remove();
  }

  forgetOldest() {
    for (const n of [...this.rows.keys()].slice(0, -MOST_LINES)) {
      this.rows.get(n).node.remove();
      this.rows.delete(n);
    }
  }

  empty() {
    this.rows.clear();
    this.list.replaceChildren(el("li", { class: "empty" }, this.words.emptyLog));
  }

  // What was still under way is asked for again until it has its answer.
  askFrom(lines) {
    const latest = Math.max(this.after, ...lines.map((line) => line.n));
    const waiting = lines.filter((line) => isUnderWay(line) && latest - line.n < MOST_LINES).map((line) => line.n - 1);
    return Math.min(latest, ...waiting);
  }

  drawCall(call) {
    const head = this.head("out", call.at, call.method, call.ok ? "ok" : (call.error ?? call.http_status ?? "…"), call.ok);
    return el("li", { "data-call": call.method }, el("details", {}, head, details({ args: call.args, http_status: call.http_status, error: call.error, team: call.team })));
  }

  drawDelivery(delivery) {
    const good = delivery.status === 200;
    const head = this.head("in", delivery.at, delivery.type, `${delivery.status || "–"} · ${Math.round(delivery.ms ?? 0)} ms`, good, this.deck.world.userName(delivery.user));
    const answer = el("span", { role: "status" });
    const send = (fresh) => async () => {
      const result = await tell("/replay", { delivery: delivery.n, fresh }).catch(() => ({ status: 0 }));
      answer.textContent = this.words.replayed(result.status);
    };
    const again = el(
      "div",
      { class: "actions" },
      el("button", { type: "button", class: "button", "data-replay": delivery.n, onclick: send(false) }, this.words.replay),
      el("button", { type: "button", class: "button", onclick: send(true) }, this.words.replayFresh),
      answer,
    );
    return el("li", { "data-delivery": delivery.type }, el("details", {}, head, again, details({ body: delivery.body, answer: delivery.answer })));
  }

  head(direction, at, name, result, good, who = null) {
    const words = direction === "out" ? this.words.calls : this.words.deliveries;
    return el(
      "summary",
      { class: `log-head ${direction}` },
      el("span", { class: "direction", title: words, "aria-label": words, role: "img" }, direction === "out" ? "→" : "←"),
      el("time", {}, clockWithSeconds(at, this.words.language)),
      el("b", {}, name),
      who ? el("span", { class: "log-who" }, who) : null,
      el("span", { class: good ? "result good" : "result bad" }, String(result)),
    );
  }
}

function isUnderWay({ call, delivery }) {
  return call ? call.ok === null : delivery.status === 0 && delivery.ms === 0;
}

function details(value) {
  return el("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));
}
