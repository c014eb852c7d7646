// Whether somebody is pressing on the page: what is redrawn under the finger loses the click.
// A touch becomes a click a moment after the finger is lifted.
const AFTERWARDS_MS = 30;

let down = false;
const waiting = new Set();

// Does something now, or once the finger is lifted; the same thing asked for twice meanwhile is done once.
export function whenLifted(work) {
  if (down) waiting.add(work);
  else work();
}

function lifted() {
  down = false;
  setTimeout(() => {
    if (down) return;
    const works = [...waiting];
    waiting.clear();
    for (const work of works) work();
  }, AFTERWARDS_MS);
}

addEventListener("pointerdown", () => (down = true), true);
for (const over of ["pointerup", "pointercancel"]) addEventListener(over, lifted, true);
// The window's own: what loses the keyboard within the page is often what was pressed before.
addEventListener("blur", lifted);
