// What one person sees: their conversations, home tab and open views, kept in step with the server.
import { ask, streamUrl, tell } from "./api.js";

const RETRY_MS = 1000;

export class World {
  constructor(world) {
    Object.assign(this, world);
  }

  static async load() {
    return new World(await ask("/world"));
  }

  workspace(team) {
    return this.workspaces.find((workspace) => workspace.id === team) ?? null;
  }

  // A person's workspace: the one asked for, else the first that knows them.
  home(team, user) {
    const knows = (workspace) => workspace?.users.some((other) => other.id === user);
    const asked = this.workspace(team);
    return knows(asked) ? asked : (this.workspaces.find(knows) ?? null);
  }

  userName(id) {
    for (const workspace of this.workspaces) {
      const user = workspace.users.find((other) => other.id === id);
      if (user) return user.is_bot ? this.app.name : user.real_name || user.name;
    }
    return null;
  }

  user(id) {
    return this.workspaces.flatMap((workspace) => workspace.users).find((user) => user.id === id) ?? null;
  }

  channelName(id) {
    return this.workspaces.flatMap((workspace) => workspace.channels).find((channel) => channel.id === id)?.name ?? null;
  }
}

export class Person {
  constructor(world, workspace, user) {
    this.world = world;
    this.workspace = workspace;
    this.profile = user;
    this.team = workspace.id;
    this.user = user.id;
    this.locale = user.locale ?? "sv-SE";
    this.conversations = [];
    this.home = null;
    this.homeSeen = true;
    this.modals = [];
    this.seq = 0;
    this.loaded = false;
    this.watchers = new Set();
    this.source = null;
    this.wanted = false;
  }

  watch(watcher) {
    this.watchers.add(watcher);
  }

  tellWatchers(change) {
    for (const watcher of this.watchers) watcher(change);
  }

  get unread() {
    return this.conversations.reduce((sum, conversation) => sum + (conversation.unread || 0), 0);
  }

  conversation(id) {
    return this.conversations.find((conversation) => conversation.id === id) ?? null;
  }

  // --- keeping in step ---

  async open() {
    this.wanted = true;
    if (this.source || this.opening) return;
    this.opening = true;
    try {
      await this.sync();
      if (this.wanted) this.listen();
    } catch {
      this.later();
    } finally {
      this.opening = false;
    }
  }

  close() {
    this.wanted = false;
    this.hangUp();
  }

  hangUp() {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  later() {
    this.hangUp();
    if (!this.wanted) return;
    this.tellWatchers({ type: "offline" });
    this.retry = setTimeout(() => this.open(), RETRY_MS);
  }

  // A state that is older than what the stream has told by now is asked for again.
  async sync() {
    const state = await ask("/state", { team: this.team, user: this.user });
    if (this.source && state.seq < this.seq) return void (await this.sync());
    this.conversations = state.conversations;
    this.home = state.home;
    this.homeSeen = state.home_seen ?? true;
    this.modals = state.modals ?? [];
    this.seq = state.seq;
    this.loaded = true;
    this.tellWatchers({ type: "synced" });
  }

  listen() {
    this.source = new EventSource(streamUrl(this, this.seq));
    this.source.onmessage = (event) => this.receive(JSON.parse(event.data));
    this.source.onerror = () => this.later();
  }

  receive(change) {
    if (change.seq <= this.seq) return;
    this.seq = change.seq;
    this.apply(change);
  }

  apply(change) {
    CHANGES[change.type]?.(this, change);
    this.tellWatchers(change);
  }

  // --- what the person does ---

  call(path, body) {
    return tell(path, { team: this.team, user: this.user, ...body });
  }

  press(where, what) {
    return this.call("/press", { ...where, ...what });
  }

  options(where, what) {
    return this.call("/options", { ...where, ...what });
  }

  async submit(viewId, values) {
    return this.call("/submit", { view_id: viewId, values });
  }

  async closeView(viewId) {
    dropView(this, viewId);
    this.tellWatchers({ type: "view_closed", view_id: viewId });
    await this.call("/close", { view_id: viewId });
  }

  async markRead(channel) {
    const conversation = this.conversation(channel);
    if (!conversation?.unread) return;
    conversation.unread = 0;
    this.tellWatchers({ type: "unread", channel, count: 0 });
    await this.call("/read", { channel });
  }
}

const CHANGES = {
  message: (person, { message }) => addMessage(person, message),
  ephemeral: (person, { message }) => addMessage(person, { ...message, ephemeral: true }),
  message_changed: (person, { message }) => addMessage(person, message),
  message_deleted: (person, { channel, ts }) => removeMessage(person, channel, ts),
  view_opened: (person, { view }) => putView(person, view),
  view_pushed: (person, { view }) => putView(person, view),
  view_updated: (person, { view }) => putView(person, view),
  view_closed: (person, change) => dropView(person, change.view_id),
  views_cleared: (person) => (person.modals = []),
  home: (person, { view }) => (person.home = view),
  unread: (person, { channel, count }) => setUnread(person, channel, count),
  reset: (person) => person.sync().catch(() => {}),
};

function addMessage(person, message) {
  const conversation = person.conversation(message.channel);
  if (!conversation) {
    person.sync().catch(() => {});
    return;
  }
  const others = conversation.messages.filter((other) => other.ts !== message.ts);
  conversation.messages = [...others, message].sort(byTs);
}

function byTs(one, other) {
  const [a, b] = [one.ts.split("."), other.ts.split(".")];
  return Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]);
}

function removeMessage(person, channel, ts) {
  const conversation = person.conversation(channel);
  if (conversation) conversation.messages = conversation.messages.filter((message) => message.ts !== ts);
}

function putView(person, view) {
  if (view.type === "home") {
    person.home = view;
    return;
  }
  const known = person.modals.some((other) => other.id === view.id);
  person.modals = known ? person.modals.map((other) => (other.id === view.id ? view : other)) : [...person.modals, view];
}

function dropView(person, viewId) {
  person.modals = person.modals.filter((view) => view.id !== viewId);
}

function setUnread(person, channel, count) {
  const conversation = person.conversation(channel);
  if (conversation) conversation.unread = count;
}
