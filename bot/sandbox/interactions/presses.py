"""What people do with messages and views: presses and searches, sent to the app as Slack sends them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.sandbox.block_kit.elements import STATEFUL, Former, chosen, find_element, first_state, merged, offers
from bot.sandbox.block_kit.validation import options_problems
from bot.sandbox.box import Box
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.interactions.payloads import Actor, action, channel, interaction, message_container, message_for_app
from bot.sandbox.refusals import NotThere
from bot.sandbox.shapes import Json, State
from bot.sandbox.world.views import View, view_for_app
from bot.sandbox.world.world import Conversation, PostedMessage

NOT_INTERACTIVE = "This app is not configured to handle interactive responses."
NO_ANSWER = "The app did not answer. Try again?"


@dataclass(frozen=True, kw_only=True)
class PressSpot:
    """Where on a page somebody is: an element in a message or in a view."""

    team: str
    user: str
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None
    block_id: str
    action_id: str


@dataclass(frozen=True, kw_only=True)
class PressPlace:
    """The message or view of a spot: what it holds and has held, its state for this person, how a payload shows it."""

    actor: Actor
    drawings: Former  # the present blocks, then those before
    state: State
    facts: Json
    view: View | None = None
    where: Conversation | None = None
    message: PostedMessage | None = None

    @property
    def team(self) -> SandboxWorkspace:
        return self.actor.team


async def press(
    box: Box, spot: PressSpot, base: str, *, value: str | None, selected: Json | None, values: State | None
) -> Json:
    """Press or choose something. `values` is the rest of the form, as far as the page has it."""
    place = _place(box, spot)
    element = _pressable(place, spot)
    choice = {} if element["type"] == "button" else chosen(element, value, selected)
    if not offers(element, choice):
        raise NotThere("option", choice)
    place = _remember(box, place, spot, merged(place.state, values or {}), choice)
    if not box.config.manifest.interactive or place.team.id in box.world.without_app:
        box.complain(spot.user, NOT_INTERACTIVE)
        return {"status": 0, "ok": False}
    payload = _block_actions(box, place, action(spot.block_id, element, choice, box.now()), base)
    sent = await box.deliveries.interact(place.team.id, spot.user, payload, spot.channel)
    if not sent.ok:
        box.complain(spot.user, NO_ANSWER)
    return {"status": sent.status, "ok": sent.ok}


async def search(box: Box, spot: PressSpot, value: str) -> Json:
    """Ask the app for the options of an external select; what conversations there are, Slack says by itself."""
    place = _place(box, spot)
    _, element = _element(place, spot)
    if element["type"] == "conversations_select":
        return {"options": [*_conversations(box, place, element, value)]}
    if not element["type"].endswith("external_select"):
        raise NotThere("search", spot.action_id)
    asked = {"action_id": spot.action_id, "block_id": spot.block_id, "value": value}
    payload = interaction("block_suggestion", place.actor, **place.facts, **asked)
    sent = await box.deliveries.interact(place.team.id, spot.user, payload, spot.channel)
    if not sent.ok or options_problems(sent.answer):
        return {"options": []}
    return sent.answer


def _conversations(box: Box, place: PressPlace, element: Json, typed: str) -> Iterator[Json]:
    for one in box.world.listed(place.team.id, place.actor.person.id, element):
        if one.name.startswith(typed.removeprefix("#").lower()):
            yield {"text": {"type": "plain_text", "text": one.name}, "value": one.id}


def _place(box: Box, spot: PressSpot) -> PressPlace:
    return _in_view(box, spot) if spot.view_id else _in_message(box, spot)


def _in_view(box: Box, spot: PressSpot) -> PressPlace:
    view = box.views.find(spot.view_id or "")
    if view is None or view.user != spot.user:
        raise NotThere("view", spot.view_id)
    facts = {"container": {"type": "view", "view_id": view.id}, "view": view_for_app(view, box.config.app_id)}
    actor = box.actor(spot.team, spot.user, view.team)
    drawings = (view.blocks, *view.former)
    return PressPlace(actor=actor, drawings=drawings, state=view.values, facts=facts, view=view)


def _in_message(box: Box, spot: PressSpot) -> PressPlace:
    where = box.conversation(spot.user, spot.channel or "")
    message = where.messages.get(spot.ts or "")
    if message is None or message.only_for not in (None, spot.user):
        raise NotThere("message", spot.ts)
    blocks = message.blocks or []
    team = box.world.teams[where.team]
    facts: Json = {"container": message_container(where, message), "channel": channel(where)}
    if message.only_for is None:
        facts["message"] = message_for_app(message, team, box.config.app_id, len(where.thread(message.ts)))
    state = merged(first_state(blocks), where.states.get((message.ts, spot.user), {}))
    actor = box.actor(spot.team, spot.user, team)
    drawings = (blocks, *message.former)
    return PressPlace(actor=actor, drawings=drawings, state=state, facts=facts, where=where, message=message)


def _element(place: PressPlace, spot: PressSpot) -> tuple[Json, Json]:
    elements = (find_element(blocks, spot.block_id, spot.action_id) for blocks in place.drawings)
    element = next((element for element in elements if element is not None), None)
    if element is None:
        raise NotThere("element", spot.action_id)
    return element


def _pressable(place: PressPlace, spot: PressSpot) -> Json:
    block, element = _element(place, spot)
    if block["type"] == "input" and not block.get("dispatch_action"):
        raise NotThere("action", spot.action_id)
    return element


def _remember(box: Box, place: PressPlace, spot: PressSpot, state: State, choice: Json) -> PressPlace:
    """Keep what was chosen, so that this and later payloads carry it."""
    old = state.get(spot.block_id, {}).get(spot.action_id)
    if old and old["type"] in STATEFUL:
        state = merged(state, {spot.block_id: {**state[spot.block_id], spot.action_id: {**old, **choice}}})
    if place.view:
        view = box.views.put(replace(place.view, values=state))
        facts = place.facts | {"view": view_for_app(view, box.config.app_id)}
        return replace(place, state=state, facts=facts, view=view)
    if place.where and place.message:
        place.where.states[place.message.ts, spot.user] = state
    return replace(place, state=state)


def _block_actions(box: Box, place: PressPlace, done: Json, base: str) -> Json:
    user, view = place.actor.person.id, place.view
    facts = place.facts | {"actions": [done], "trigger_id": box.trigger(place.team.id, user, view and view.id)}
    if place.where and place.message:
        message = place.message
        facts["state"] = {"values": place.state}
        facts["response_url"] = box.response_url(base, place.where, user, message.ts, message.thread_ts)
    return interaction("block_actions", place.actor, **facts)
