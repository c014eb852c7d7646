// A person's stack of views as a dialog over their pane.
import { clearErrors, drawBlocks, showErrors } from "./blocks.js";
import { el, focusables, focusSpot, icon, newId, popupIsOpen, restoreFocus, trapFocus } from "./dom.js";
import { Form } from "./form.js";
import { drawText, wordsOf } from "./text.js";

export class Modals {
  // host: { person, words, layer, sceneFor(view, form), covered(bool), focused() }
  constructor(host) {
    this.host = host;
    this.forms = new Map();
    this.dialog = null;
    this.shown = null;
    this.busy = new Set();
  }

  refresh() {
    const views = this.host.person.modals;
    for (const id of this.forms.keys()) if (!views.some((view) => view.id === id)) this.forget(id);
    const top = views.at(-1) ?? null;
    const signature = top && JSON.stringify([top, views.length]);
    if (signature === this.shown) return;
    const sameView = top && this.dialog?.dataset.viewId === top.id;
    this.shown = signature;
    if (!top) this.hide();
    else if (sameView) this.redraw(top);
    else this.show(top);
  }

  forget(viewId) {
    this.forms.delete(viewId);
    this.busy.delete(viewId);
  }

  hide() {
    this.host.layer.replaceChildren();
    this.dialog = null;
    this.host.covered(false);
    if (this.before?.isConnected) this.before.focus({ preventScroll: true });
    this.before = null;
  }

  show(view) {
    if (!this.dialog) this.before = document.activeElement;
    this.dialog = this.draw(view);
    this.host.layer.replaceChildren(el("div", { class: "shade" }, this.dialog));
    this.host.covered(true);
    if (view.errors) showErrors(this.dialog, view.errors);
    else if (this.host.focused()) this.focusFirst();
  }

  // What was typed stays where block_id and action_id are the same, as in Slack.
  redraw(view) {
    const spot = focusSpot(this.dialog);
    const scroll = this.dialog.querySelector(".modal-body").scrollTop;
    const fresh = this.draw(view);
    this.dialog.replaceWith(fresh);
    this.dialog = fresh;
    fresh.querySelector(".modal-body").scrollTop = scroll;
    if (view.errors) showErrors(fresh, view.errors);
    else if (spot) restoreFocus(fresh, spot);
    if (this.host.focused() && !fresh.contains(document.activeElement)) fresh.focus({ preventScroll: true });
  }

  focusFirst() {
    const body = this.dialog.querySelector(".modal-body");
    const wanted = body.querySelector("[data-focus-on-load]") ?? focusables(body).find((node) => node.matches("input, textarea, select"));
    (wanted ?? this.dialog).focus({ preventScroll: true });
  }

  formOf(view) {
    if (!this.forms.has(view.id)) this.forms.set(view.id, new Form(view.state?.values));
    return this.forms.get(view.id);
  }

  draw(view) {
    const { words } = this.host;
    const titleId = newId("title");
    const form = this.formOf(view);
    form.keepOnly(view.blocks);
    const body = el("div", { class: "modal-body" }, ...drawBlocks(this.host.sceneFor(view, form), view.blocks));
    const paper = el("form", { novalidate: true, autocomplete: "off" }, body, el("div", { class: "modal-error-spot" }), this.drawFooter(view));
    paper.addEventListener("submit", (event) => this.submitted(event, view));
    const dialog = el(
      "div",
      { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": titleId, tabindex: "-1", "data-view-id": view.id },
      el("header", {}, this.drawBack(view, words), el("h2", { id: titleId }, drawText(view.title, this.host.reader)), this.drawCross(view, words)),
      paper,
    );
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && !popupIsOpen() && this.close(view));
    trapFocus(dialog);
    return dialog;
  }

  drawBack(view, words) {
    if (this.host.person.modals.length < 2) return null;
    return el("button", { type: "button", class: "icon-button", "aria-label": words.back, "data-back": true, onclick: () => this.close(view) }, icon("back"));
  }

  drawCross(view, words) {
    return el("button", { type: "button", class: "icon-button", "aria-label": words.close, "data-dismiss": true, onclick: () => this.close(view) }, icon("close"));
  }

  drawFooter(view) {
    const { words, reader } = this.host;
    const needsSubmit = view.submit || view.blocks.some((block) => block.type === "input");
    const close = el("button", { type: "button", class: "button", "data-close": true, onclick: () => this.close(view) }, wordsOf(view.close, reader) || (needsSubmit ? words.cancel : words.close));
    const submit = el("button", { type: "submit", class: "button primary", "data-submit": true }, el("span", { class: "button-text" }, wordsOf(view.submit, reader) || words.send));
    if (this.busy.has(view.id)) submit.setAttribute("aria-busy", "true");
    submit.disabled = Boolean(view.submit_disabled);
    return el("footer", {}, close, needsSubmit ? submit : null);
  }

  close(view) {
    this.host.person.closeView(view.id).catch(() => {});
  }

  async submitted(event, view) {
    event.preventDefault();
    if (this.busy.has(view.id)) return;
    const form = this.formOf(view);
    const mistakes = form.mistakes();
    this.say("");
    if (Object.keys(mistakes).length > 0) return void showErrors(this.dialog, mistakes);
    clearErrors(this.dialog);
    this.setBusy(view, true);
    const answer = await this.send(view, form);
    this.setBusy(view, false);
    this.answered(view, answer);
  }

  async send(view, form) {
    try {
      return await this.host.person.submit(view.id, form.values());
    } catch {
      return { status: 0 };
    }
  }

  answered(view, answer) {
    const { person, words } = this.host;
    const shown = this.dialog?.dataset.viewId === view.id;
    if (answer.errors) return shown && showErrors(this.dialog, answer.errors);
    if (answer.status !== 200 || answer.error) return shown && this.say(words.trouble);
    if (answer.response_action === "clear") person.apply({ type: "views_cleared" });
    if (!answer.response_action || answer.response_action === "none") person.apply({ type: "view_closed", view_id: view.id });
    return null;
  }

  setBusy(view, busy) {
    if (busy) this.busy.add(view.id);
    else this.busy.delete(view.id);
    if (this.dialog?.dataset.viewId !== view.id) return;
    const submit = this.dialog.querySelector("[data-submit]");
    if (busy) submit?.setAttribute("aria-busy", "true");
    else submit?.removeAttribute("aria-busy");
    this.dialog.classList.toggle("is-busy", busy);
  }

  say(text) {
    const spot = this.dialog?.querySelector(".modal-error-spot");
    spot?.replaceChildren(...(text ? [el("div", { class: "modal-error", role: "alert", "data-modal-error": true }, icon("warning"), el("span", {}, text))] : []));
  }
}
