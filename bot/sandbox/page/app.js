// Starts the page: reads the address, then shows the chooser or the chosen people.
import { drawChooser, peopleIn } from "./chooser.js";
import { Deck } from "./deck.js";
import { el } from "./dom.js";
import { peopleOfStory } from "./guide.js";
import { Person, World } from "./state.js";
import { pageWords } from "./words.js";

const RETRY_MS = 1000;
const root = document.getElementById("root");

async function start() {
  const world = await loadWorld();
  document.documentElement.lang = pageWords.language;
  document.title = `${world.app.name} – ${pageWords.sandbox}`;
  const query = new URLSearchParams(location.search);
  const story = world.stories.find((one) => one.id === query.get("story")) ?? null;
  if (story && !query.get("users")) query.set("users", peopleOfStory(story).join(","));
  const people = peopleOf(world, query);
  if (people.chosen.length === 0) return void root.replaceChildren(drawChooser(world, people));
  const deck = new Deck(world, people.chosen, people.focus, story);
  root.replaceChildren(deck.node);
  deck.show();
  deck.guide?.show();
}

async function loadWorld() {
  for (;;) {
    try {
      return await World.load();
    } catch {
      root.replaceChildren(el("p", { class: "waiting", role: "status" }, pageWords.noWorld));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function peopleOf(world, query) {
  const team = query.get("team") ?? world.workspaces[0]?.id;
  const ids = (query.get("users") ?? "").split(",").filter(Boolean);
  const focus = query.get("focus");
  const wanted = ids.includes(focus) ? ids : [...ids, ...everybodyAround(world, team, focus, ids)];
  const chosen = wanted.map((id) => personOf(world, team, id)).filter(Boolean);
  return { team, chosen, focus: chosen.some((person) => person.user === focus) ? focus : null, nobodyKnown: wanted.length > 0 };
}

// A focus alone brings the whole workspace into the row of people.
function everybodyAround(world, team, focus, ids) {
  if (!focus) return [];
  if (ids.length > 0) return [focus];
  return peopleIn(world.home(team, focus)).map((user) => user.id);
}

function personOf(world, team, id) {
  const workspace = world.home(team, id);
  return workspace ? new Person(world, workspace, workspace.users.find((user) => user.id === id)) : null;
}

start();
