"""Submitting and closing modals: what the form must hold first, and what the app's answer does to the stack."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bot.sandbox.block_kit.elements import STATEFUL, elements_of, merged, with_ids
from bot.sandbox.block_kit.validation import check_view
from bot.sandbox.box import Box, new_id
from bot.sandbox.interactions.payloads import interaction
from bot.sandbox.interactions.traffic import LoggedDelivery
from bot.sandbox.refusals import NotThere, SlackRefusal
from bot.sandbox.shapes import Json, State
from bot.sandbox.world.views import View, view_for_app

TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."


async def submit(box: Box, team: str, user: str, view_id: str, values: State) -> Json:
    """Submit a modal. What Slack itself would not let through is not sent; status is 0 then, with the errors."""
    view = replace(_mine(box, user, view_id), errors=None)
    view = box.views.put(replace(view, values=merged(view.values, values)))
    _refuse_unlisted(box, view)
    if errors := dict(_missing(view)):
        return _show_errors(box, view, errors) | {"status": 0}
    actor = box.actor(team, user, view.team)
    payload = interaction(
        "view_submission",
        actor,
        trigger_id=box.trigger(view.team.id, user, view.id),
        view=view_for_app(view, box.config.app_id),
        response_urls=[],
    )
    sent = await box.deliveries.interact(view.team.id, user, payload)
    return {"status": sent.status, **_act_on(box, view_id, user, sent)}


async def close(box: Box, team: str, user: str, view_id: str) -> Json:
    """Close a modal; the app hears of every closed view that asked for it."""
    view = _mine(box, user, view_id)
    cleared = view.says("clear_on_close")
    closed = box.views.clear(user) if cleared else box.views.close(view)
    for one in closed:
        if one.says("notify_on_close"):
            actor = box.actor(team, user, one.team)
            facts = {"view": view_for_app(one, box.config.app_id), "is_cleared": cleared}
            await box.deliveries.interact(one.team.id, user, interaction("view_closed", actor, **facts))
    return {"closed": [one.id for one in closed]}


def _refuse_unlisted(box: Box, view: View) -> None:
    """Refuse a conversation that stands in no list: no client of Slack's sends one."""
    for block in view.blocks:
        for element in elements_of(block):
            if element["type"] == "conversations_select":
                chosen = view.values[block["block_id"]][element["action_id"]]["selected_conversation"]
                listed = {one.id for one in box.world.listed(view.team.id, view.user, element)}
                if chosen not in {None, element.get("initial_conversation"), *listed}:
                    raise NotThere("conversation", chosen)


def _mine(box: Box, user: str, view_id: str) -> View:
    view = next((one for one in box.views.stacks[user] if one.id == view_id), None)
    if view is None:
        raise NotThere("modal", view_id)
    return view


def _act_on(box: Box, view_id: str, user: str, sent: LoggedDelivery) -> Json:
    """Do what the app's answer says; the view may be gone by now, then there is nothing left to do."""
    view = next((one for one in box.views.stacks[user] if one.id == view_id), None)
    answer = sent.answer if isinstance(sent.answer, dict) else {}
    kind = answer.get("response_action", "")
    if not sent.ok or kind not in ANSWERS:
        return _trouble(box, user)
    if view is None:
        return {"response_action": kind or "none"}
    try:
        return ANSWERS[kind](box, view, answer)
    except SlackRefusal as refusal:
        return _trouble(box, user) | {"refused": refusal.answer()}


def _trouble(box: Box, user: str) -> Json:
    box.complain(user, TROUBLE)
    return {"response_action": "none", "error": TROUBLE}


def _close_one(box: Box, view: View, _answer: Json) -> Json:
    box.views.close(view)
    return {"response_action": "none"}


def _clear(box: Box, view: View, _answer: Json) -> Json:
    box.views.clear(view.user)
    return {"response_action": "clear"}


def _update(box: Box, view: View, answer: Json) -> Json:
    box.views.update(view, _checked(answer))
    return {"response_action": "update"}


def _push(box: Box, view: View, answer: Json) -> Json:
    box.views.push(view.team, view.user, _checked(answer))
    return {"response_action": "push"}


def _errors(box: Box, view: View, answer: Json) -> Json:
    errors = answer.get("errors") or {}
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not errors or not set(errors) <= inputs:
        return _trouble(box, view.user)
    return _show_errors(box, view, errors)


ANSWERS: dict[str, Callable[[Box, View, Json], Json]] = {
    "": _close_one,
    "clear": _clear,
    "errors": _errors,
    "push": _push,
    "update": _update,
}


def _checked(answer: Json) -> Json:
    sent: Any = answer.get("view")
    check_view(sent, "modal")
    return {**sent, "blocks": with_ids(sent["blocks"], new_id)}


def _show_errors(box: Box, view: View, errors: dict[str, str]) -> Json:
    box.views.put(replace(view, errors=errors), "view_updated")
    return {"response_action": "errors", "errors": errors}


def _missing(view: View) -> Iterator[tuple[str, str]]:
    for block in view.blocks:
        if block["type"] == "input" and (problem := _problem(block, view.values)):
            yield block["block_id"], problem


def _problem(block: Json, values: State) -> str | None:
    element = block["element"]
    key = STATEFUL[element["type"]][0]
    value = values[block["block_id"]][element["action_id"]].get(key)
    if not value:
        return None if block.get("optional") else REQUIRED
    return FORMS[element["type"]](element, value) if element["type"] in FORMS else None


def _length(element: Json, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if least <= len(value) <= most:
        return None
    return f"Must be between {least} and {most} characters."


def _number(element: Json, value: str) -> str | None:
    decimals = r"(\.\d+)?" if element["is_decimal_allowed"] else ""
    if not re.fullmatch(rf"-?\d+{decimals}", value):
        return "Please enter a valid number."
    least, most = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    return None if least <= float(value) <= most else "The number is out of range."


def _email(_element: Json, value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "Please enter a valid email address."


def _url(_element: Json, value: str) -> str | None:
    return None if re.match(r"[a-zA-Z][\w+.-]*://\S+$", value) else "Please enter a valid URL."


FORMS: dict[str, Callable[[Json, str], str | None]] = {
    "email_text_input": _email,
    "number_input": _number,
    "plain_text_input": _length,
    "url_text_input": _url,
}
