// A person's or the app's picture: initials on a colour.
import { el, icon } from "./dom.js";

const COLOURS = ["#7a2e6b", "#1d5f8a", "#2f6b3c", "#9a4a14", "#5a3fa0", "#a02c4a", "#2a6e6e", "#6b5510", "#3c4f9e", "#80403a"];

export function avatar(profile, size = "") {
  const colour = colourOf(profile);
  const node = el("span", { class: `avatar ${size}`.trim(), "aria-hidden": "true" }, initials(profile));
  node.style.background = colour;
  node.style.color = isLight(colour) ? "#1d1c1d" : "#fff";
  return node;
}

export function appAvatar(size = "") {
  return el("span", { class: `avatar app ${size}`.trim(), "aria-hidden": "true" }, icon("check"));
}

function initials({ real_name: real, name }) {
  const words = (real || name || "?").split(/[\s.]+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...word][0]?.toUpperCase() ?? "").join("");
}

function colourOf(profile) {
  const given = /^#?([0-9a-f]{6})$/i.exec(profile.color ?? "");
  return given ? `#${given[1]}` : COLOURS[[...profile.id].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % COLOURS.length];
}

function isLight(hex) {
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140;
}
