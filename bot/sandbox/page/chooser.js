// The first page: which people to look at, and how.
import { appAvatar, avatar } from "./avatar.js";
import { el } from "./dom.js";
import { forget } from "./guide.js";
import { inWords, pageWords } from "./words.js";

const DEFAULT_PEOPLE = 3;

export function drawChooser(world, { team, nobodyKnown }) {
  const start = world.workspace(team) ?? world.workspaces[0];
  const words = pageWords;
  const chosen = new Set(chosenAtFirst(world, start).map((user) => user.id));
  const count = el("span", { class: "chosen-count", role: "status" });
  const links = [drawLink(words.sideBySide, "side"), drawLink(words.oneAtATime, "one")];
  const changed = () => showChoice(world, chosen, { words, count, links });
  const page = el(
    "main",
    { class: "chooser" },
    el("header", {}, appAvatar("big"), el("div", {}, el("h1", {}, words.chooserTitle), el("p", {}, world.app.name, world.app.description ? ` – ${world.app.description}` : ""))),
    inWords(world.lead, words) ? el("p", { class: "chooser-lead" }, inWords(world.lead, words)) : null,
    nobodyKnown ? el("p", { class: "field-error", role: "alert" }, words.unknownPeople) : null,
    world.stories.length > 0 ? drawStories(world.stories, words) : null,
    el("p", {}, words.chooserLead, world.workspaces.length > 1 ? ` ${words.ownSlacks}` : ""),
    ...world.workspaces.map((workspace) => drawWorkspace(workspace, chosen, changed, words)),
    el("footer", {}, count, ...links),
  );
  changed();
  return page;
}

// Somebody of each workspace that has the app, the asked one's first, and then as many of that as there is room for.
function chosenAtFirst(world, start) {
  const others = world.workspaces.filter((workspace) => workspace !== start && workspace.has_app);
  const ofEach = [start, ...others].flatMap((workspace) => peopleIn(workspace).slice(0, 1));
  return [...new Set([...ofEach, ...peopleIn(start)])].slice(0, DEFAULT_PEOPLE);
}

export function peopleIn(workspace) {
  return (workspace?.users ?? []).filter((user) => !user.is_bot && !user.deleted);
}

function drawStories(stories, words) {
  const links = stories.map((story) => el("a", { class: "story", href: `?story=${encodeURIComponent(story.id)}`, "data-story": story.id, onclick: () => forget(story) }, inWords(story.title, words)));
  return el("nav", { class: "stories", "aria-label": words.stories }, el("h2", {}, words.stories), el("p", {}, words.storiesLead), el("div", {}, ...links));
}

function drawWorkspace(workspace, chosen, changed, words) {
  const rows = peopleIn(workspace).map((user) => drawPerson(user, chosen, changed));
  return el("fieldset", { class: "chooser-workspace", "data-choose-team": workspace.id }, el("legend", {}, workspace.has_app ? workspace.name : words.withoutApp(workspace.name)), el("div", { class: "chooser-people" }, ...rows));
}

function drawPerson(user, chosen, changed) {
  const box = el("input", { type: "checkbox", value: user.id, checked: chosen.has(user.id), "data-choose": user.id });
  box.addEventListener("change", () => {
    if (box.checked) chosen.add(user.id);
    else chosen.delete(user.id);
    changed();
  });
  return el("label", { class: "chooser-person" }, box, avatar(user), el("span", { class: "who" }, el("b", {}, user.real_name), el("span", {}, inWords(user.title, pageWords))));
}

function drawLink(words, mode) {
  return el("a", { class: mode === "side" ? "button primary" : "button", "data-open": mode }, words);
}

function showChoice(world, chosen, { words, count, links }) {
  const ids = [...chosen];
  count.textContent = ids.length === 0 ? words.chooseSomeone : words.chosen(ids.length) + (ids.length > 4 ? `. ${words.alsoHere}` : "");
  for (const link of links) {
    if (ids.length === 0) link.removeAttribute("href");
    else link.href = addressOf(world.home(null, ids[0]).id, ids, link.dataset.open === "one" ? ids[0] : null);
  }
}

export function addressOf(team, ids, focus, story = null) {
  const query = `?team=${encodeURIComponent(team)}&users=${ids.map(encodeURIComponent).join(",")}`;
  const told = story ? `${query}&story=${encodeURIComponent(story.id)}` : query;
  return focus ? `${told}&focus=${encodeURIComponent(focus)}` : told;
}
