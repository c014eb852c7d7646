"""What another deployment drew, in a workspace that both serve, is turned away at every door before anything is read.

The doors are those that the product joins: a new button, menu or form is among them by itself.
"""

from dataclasses import fields
from types import SimpleNamespace

import pytest

from bot.acts.deployment import Deployment
from bot.acts.refusals import ButtonIsGone, OtherEnvironment
from bot.forms.orders.modals import BY_CALLBACK
from bot.slack.identity import Caller
from bot.wiring.joined import Joined
from bot.wiring.listening import listeners
from core.api import Action, CardId, CaseId, Identity, Seen
from notifications.render import button_values
from notifications.render.button_values import Pointer

OURS, THEIRS = (Pointer(each, CardId("C2"), CaseId("B-2345678"), Seen(1, 1)) for each in ("ours", "theirs"))
# Nothing but its name is known here: whoever asks a port fails otherwise.
NOTHING = dict.fromkeys(each.name for each in fields(Joined))
NAMED = {"here": Deployment("ours", "", "", has_mail=False), "relay": SimpleNamespace(wake=None)}
DOORS = listeners(Joined(**{**NOTHING, **NAMED}), homes=None)
ACTIONS = sorted({*DOORS.presses.own, *map(button_values.action_id, Action)})
CALLBACKS = sorted({*DOORS.modals.own, *BY_CALLBACK})
CONTEXT = {"caller": Caller(Identity("slack:T1", "U1"), "T1", "U1")}


async def never(**said):
    raise AssertionError(f"acknowledged with {said}")


def pressed(action_id, value, view=None):
    element = {"type": "button", "action_id": action_id, "block_id": "1", "value": value}
    body = {"type": "block_actions", "actions": [element], "container": {"type": "message"}, "trigger_id": "1"}
    return body if view is None else body | {"view": view, "container": {"type": "view"}}


def view(pointer, callback="kp.some"):
    """A modal in the form of most: a pointer first, and what else it must remember below."""
    return {"id": "V1", "type": "modal", "callback_id": callback, "private_metadata": f"{pointer.value()}\nattest\n\n"}


def test_every_kind_of_door_is_tried():
    assert len(ACTIONS) > 50
    assert len(CALLBACKS) > 15
    assert len(DOORS.options.searches) > 5


@pytest.mark.parametrize("action_id", [*ACTIONS, "kp.delegate"])
async def test_a_button_of_another_environment_is_turned_away(action_id):
    with pytest.raises(OtherEnvironment):
        await DOORS.presses.on_press(never, pressed(action_id, THEIRS.value()), CONTEXT)


@pytest.mark.parametrize("action", Action)
async def test_an_option_of_a_menu_of_another_environment_is_turned_away(action):
    with pytest.raises(OtherEnvironment):
        await DOORS.presses.on_press(never, pressed(button_values.MENU, THEIRS.option(action)), CONTEXT)


@pytest.mark.parametrize("value", ["O23456789BC", OURS.value()])
@pytest.mark.parametrize("action_id", ACTIONS)
async def test_whatever_is_chosen_in_a_modal_of_another_environment_is_turned_away(action_id, value):
    with pytest.raises(OtherEnvironment):
        await DOORS.presses.on_press(never, pressed(action_id, value, view(THEIRS)), CONTEXT)


@pytest.mark.parametrize("callback", CALLBACKS)
async def test_a_form_of_another_environment_is_turned_away(callback):
    with pytest.raises(OtherEnvironment):
        await DOORS.modals.on_submit(never, {"type": "view_submission", "view": view(THEIRS, callback)}, CONTEXT)


@pytest.mark.parametrize("metadata", ["", "hello", "ours|C2|B-2345678|1"])
@pytest.mark.parametrize("callback", [*CALLBACKS, "kp.delegate"])
async def test_a_form_that_does_not_say_where_it_was_drawn_is_turned_away(callback, metadata):
    form = view(OURS, callback) | {"private_metadata": metadata}

    with pytest.raises(OtherEnvironment):
        await DOORS.modals.on_submit(never, {"type": "view_submission", "view": form}, CONTEXT)


async def test_a_form_of_ours_that_nobody_knows_any_more_is_said_to_be_gone():
    with pytest.raises(ButtonIsGone):
        await DOORS.modals.on_submit(never, {"type": "view_submission", "view": view(OURS, "kp.delegate")}, CONTEXT)


@pytest.mark.parametrize("action_id", sorted(DOORS.options.searches))
async def test_a_menu_of_another_environment_is_offered_nothing(action_id):
    search = {"type": "block_suggestion", "action_id": action_id, "block_id": "1", "view": view(THEIRS)}

    with pytest.raises(OtherEnvironment):
        await DOORS.options.on_search(never, search, CONTEXT)
